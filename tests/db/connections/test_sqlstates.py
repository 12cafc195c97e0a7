"""The exception for each SQLSTATE, over a direct connection and over PostgREST."""

from datetime import timedelta
from pathlib import Path

import pytest

from services.backends.database.transport.pool import postgres_functions
from services.backends.database.transport.sqlstates import error_for_sqlstate
from services.backends.database.transport.supabase import supabase_functions
from services.backends.functions import Functions
from services.database.connect import connect
from services.errors import ControlPlaneError, InvalidInput, NotFound, NotReady, StateConflict
from tests.conftest import RestFor
from tests.contract.sqlstates import ABOUT_THE_DATA, FAIL, NOT_ABOUT_THE_DATA, OURS

DATA = {InvalidInput, NotFound, StateConflict}
REPEATED = "40001"
"""PostgREST runs a call that fails with this code again and again, until its client leaves."""


@pytest.fixture(autouse=True)
def fail_is_declared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The function of these tests has no file under db/."""
    folder = tmp_path / "worker_api"
    folder.mkdir()
    (folder / "fail.sql").write_text("-- call: not repeatable\ncreate or replace function worker_api.fail(code text)")
    monkeypatch.setattr("services.backends.database.transport.functions.FUNCTIONS_DIR", tmp_path)


async def kinds(functions: Functions, codes: list[str]) -> dict[str, type[ControlPlaneError]]:
    """The type of the exception for a call that fails with each of these codes."""
    met: dict[str, type[ControlPlaneError]] = {}
    for code in codes:
        with pytest.raises(ControlPlaneError) as refusal:
            await functions.call("fail", code=code)
        assert "\n" not in str(refusal.value)
        met[code] = type(refusal.value)
    return met


def is_known_by_class(met: dict[str, type[ControlPlaneError]]) -> None:
    """Check that errors about the data are told apart from all others, for which a retry may help."""
    assert {code: kind for code, kind in met.items() if (kind in DATA) != (code in {*ABOUT_THE_DATA, *OURS})} == {}
    assert {code: kind for code, kind in met.items() if kind not in DATA and not issubclass(kind, NotReady)} == {}
    assert len(met) > 250


async def test_over_asyncpg_only_errors_about_the_data_are_the_callers_fault(database_url: str) -> None:
    with connect(database_url) as connection:
        connection.execute(FAIL.encode())
    async with postgres_functions(database_url, size=1) as pool:
        is_known_by_class(await kinds(pool, [*ABOUT_THE_DATA, *NOT_ABOUT_THE_DATA, *OURS]))


async def test_over_postgrest_only_errors_about_the_data_are_the_callers_fault(
    database_url: str, rest_for: RestFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    with connect(database_url) as connection:
        connection.execute(FAIL.encode())
    codes = [code for code in [*ABOUT_THE_DATA, *NOT_ABOUT_THE_DATA, *OURS] if code != REPEATED]
    with rest_for(database_url) as stack:
        async with supabase_functions(stack.url, stack.keys.secret) as functions:
            met = await kinds(functions, codes)
        monkeypatch.setattr("services.backends.database.transport.supabase.ANSWER_WITHIN", timedelta(seconds=1))
        async with supabase_functions(stack.url, stack.keys.secret) as functions:
            met |= await kinds(functions, [REPEATED])
    is_known_by_class(met)


CONSTRAINTS = """
select c.conrelid::regclass::text as table_name, c.conname as name, c.contype::text as kind
from pg_constraint as c
where c.connamespace in ('public'::regnamespace, 'app_private'::regnamespace) and c.contype in ('c', 'f', 'p')
  and c.conrelid <> 0 and not exists (select from pg_inherits as i where i.inhrelid = c.conrelid)
union all
select i.indrelid::regclass::text, i.indexrelid::regclass::text, 'u'
from pg_index as i
join pg_class as k on k.oid = i.indexrelid
where k.relnamespace in ('public'::regnamespace, 'app_private'::regnamespace) and i.indisunique and not i.indisprimary
  and not exists (select from pg_inherits as h where h.inhrelid = i.indexrelid)
"""
VIOLATIONS = {
    "c": ("23514", 'new row for relation "{table}" violates check constraint "{name}"'),
    "f": ("23503", 'insert or update on table "{table}" violates foreign key constraint "{name}"'),
    "p": ("23505", 'duplicate key value violates unique constraint "{name}"'),
    "u": ("23505", 'duplicate key value violates unique constraint "{name}"'),
}
"""What PostgreSQL says, by the kind of the constraint."""


def test_a_violated_constraint_is_told_by_the_field_and_never_by_its_own_name(module_database_url: str) -> None:
    with connect(module_database_url) as connection:
        rows = connection.execute(CONSTRAINTS.encode()).fetchall()
    named, own_names = {}, []
    for table, name, kind in rows:
        code, text = VIOLATIONS[kind]
        table_name, plain_name = table.rpartition(".")[2], name.rpartition(".")[2]
        refusal = error_for_sqlstate(code, text.format(table=table_name, name=plain_name))
        named[plain_name] = field = str(refusal).partition(": ")[0]
        if field == plain_name or plain_name.startswith(f"{field}_"):
            own_names.append((table_name, plain_name, field))

    assert len(named) > 60
    assert own_names == [("grant_uses", "grant_uses_grant_fkey", "grant")], "the field that this one means"
    assert {name: named[name] for name in ("pauses_target_check", "outbox_external_id_uidx", "pauses_pkey")} == {
        "pauses_target_check": "target", "outbox_external_id_uidx": "external_id", "pauses_pkey": "id",
    }  # fmt: skip
