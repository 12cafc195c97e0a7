"""Every function of `worker_api` that changes state refuses a text argument that is too long, and names it.

The tests are generated from the catalog. Documents, and the texts of a batch, are limited by the tables that store
them.
"""

import psycopg
import pytest

from services.database.connect import connect

CALLS = """
select p.proname, p.proargnames[tested.place], format('select worker_api.%I(%s)', p.proname, string_agg(
  format('%I => %s', p.proargnames[each.place], case
    when each.place = tested.place then 'repeat(''x'', 16385)' else 'null::' || p.proargtypes[each.place - 1]::regtype
  end), ', '
))
from pg_proc as p
cross join generate_series(1, p.pronargs) as tested (place)
cross join generate_series(1, p.pronargs) as each (place)
where p.pronamespace = 'worker_api'::regnamespace and p.provolatile = 'v'
  and p.proargtypes[tested.place - 1] = 'text'::regtype
group by p.oid, tested.place
order by 1, 2
"""


def test_a_text_argument_that_is_too_long_is_refused_by_its_name(module_database_url: str) -> None:
    with connect(module_database_url) as connection:
        calls = connection.execute(CALLS).fetchall()
        assert len(calls) > 40
        for name, argument, call in calls:
            most = 16384 if argument in {"reason", "problem", "error"} else 1024
            with pytest.raises(psycopg.Error) as refused:
                connection.execute(call.encode())
            error = refused.value.diag.message_primary, refused.value.sqlstate
            assert error == (f"{argument}: is 16385 bytes; at most {most} fit", "PT400"), (name, argument)
