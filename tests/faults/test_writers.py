"""Who may write the rows that workers and jobs read."""

import psycopg
import pytest

from tests.faults.hostile import cases

pytestmark = pytest.mark.slow

WRITERS = """
select distinct r.rolname, n.nspname
from pg_roles as r
cross join pg_namespace as n
join pg_class as c on c.relnamespace = n.oid and c.relkind in ('r', 'p', 'v')
where n.nspname in ('public', 'app_private', 'autopilot', 'drafts', 'rca') and not r.rolsuper
  and r.rolname in ('anon', 'authenticated', 'service_role', 'app_rw', 'app_ro', 'workflow_rw', 'outbox_worker')
  and has_schema_privilege(r.oid, n.oid, 'usage')
  and (
    has_any_column_privilege(r.oid, c.oid, 'insert, update') or has_table_privilege(r.oid, c.oid, 'delete, truncate')
  )
"""
READS_APPLICATIONS = r"""
select p.proname from pg_proc as p
where p.pronamespace in ('worker_api'::regnamespace, 'app_private'::regnamespace)
  and p.prosrc ~ '\m(autopilot|drafts|rca)\.'
  and not exists (   -- a trigger of an application's table runs when the application writes
    select from pg_trigger as t join pg_class as c on c.oid = t.tgrelid
    where t.tgfoid = p.oid and c.relnamespace::regnamespace::text in ('autopilot', 'drafts', 'rca')
  )
"""


def test_no_other_role_may_write_what_workers_and_jobs_read(admin: psycopg.Connection) -> None:
    """`app_rw` and `workflow_rw` write only the schemas of the applications, which none of our functions reads."""
    writers = admin.execute(WRITERS).fetchall()
    assert {role for role, _ in writers} >= {"app_rw", "workflow_rw", "authenticated", "service_role"}
    core = {(role, schema) for role, schema in writers if schema in {"public", "app_private"}}
    assert core == {("authenticated", "public"), ("service_role", "public")}
    for role in ("app_rw", "workflow_rw"):
        assert list(cases(admin, role)) == []
    assert admin.execute(READS_APPLICATIONS).fetchall() == []
