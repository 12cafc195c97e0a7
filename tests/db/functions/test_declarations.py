"""The declarations in the files of functions agree with the functions in the database."""

from pathlib import Path

import psycopg
import pytest

from services.backends.database.transport import functions
from services.backends.database.transport.functions import CallDeclaration, read_declaration
from services.errors import ControlPlaneError

INSIDE = {"cause_of", "verdicts_of"}
"""Which the SQL alone calls."""
APPLICATIONS = sorted(
    {path.name for path in functions.FUNCTIONS_DIR.iterdir()} - {"app_private", "tenant_api", "worker_api"}
)
CLAIMS_ARE_NOT_READ = """
select p.oid::regprocedure::text from pg_catalog.pg_proc as p
where p.pronamespace = any(%s::regnamespace[]) and p.prosecdef and not (
    p.prosrc like '%%app_private.acting_caller(%%'
    and (p.proargnames is null or 'as_of' <> all (p.proargnames) or p.prosrc like '%%app_private.acting_moment(%%')
  ) and has_function_privilege('authenticated', p.oid, 'execute')
"""


@pytest.mark.parametrize("schema", ["tenant_api", "worker_api", *APPLICATIONS])
def test_every_declaration_agrees_with_the_catalog(database_url: str, schema: str) -> None:
    with psycopg.connect(database_url) as connection:
        rows = connection.execute(
            "select proname, prorettype = 'void'::regtype, provolatile = 'v' from pg_proc"
            " where pronamespace = %s::regnamespace",
            [schema],
        ).fetchall()
    assert len(rows) == len(list((functions.FUNCTIONS_DIR / schema).glob("*.sql")))
    for name, is_void, may_change in rows:
        call = read_declaration(name, schema)
        assert call.is_void == is_void, name
        assert call.is_repeatable or may_change or name in INSIDE or schema in APPLICATIONS, name
        assert not (call.may_use_replica and may_change), name


def test_what_tenants_call_of_an_application_knows_them_by_their_claims(database_url: str) -> None:
    """A function that runs as its owner passes row-level security, so it must ask who calls."""
    with psycopg.connect(database_url) as connection:
        assert connection.execute(CLAIMS_ARE_NOT_READ.encode(), [APPLICATIONS]).fetchall() == []


@pytest.mark.parametrize("name", sorted(path.stem for path in (functions.FUNCTIONS_DIR / "tenant_api").glob("*.sql")))
def test_what_a_tenant_calls_may_be_called_as_the_function_that_operators_call(name: str) -> None:
    """Both transports read the answers of both functions alike, and send both again in the same cases."""
    assert read_declaration(name, "tenant_api") == read_declaration(name)


@pytest.mark.parametrize(
    ("line", "call"),
    [
        (
            "-- call: replica",
            CallDeclaration(may_use_replica=True, is_repeatable=True, is_void=False, columns_deep=None),
        ),
        (
            "-- call: not repeatable",
            CallDeclaration(may_use_replica=False, is_repeatable=False, is_void=False, columns_deep=None),
        ),
        (
            "-- call: repeatable, columns 4 deep",
            CallDeclaration(may_use_replica=False, is_repeatable=True, is_void=False, columns_deep=4),
        ),
    ],
)
def test_the_declaration_is_the_comment_line_above_create(
    line: str, call: CallDeclaration, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(functions, "FUNCTIONS_DIR", tmp_path)
    (tmp_path / "worker_api").mkdir()
    (tmp_path / "worker_api" / "new.sql").write_text(
        f"-- New.\n{line}\ncreate or replace function worker_api.new()\nreturns jsonb"
    )
    assert read_declaration.__wrapped__("new") == call


@pytest.mark.parametrize("line", ["", "-- call: twice", "-- call: not repeatable\n-- more"])
def test_the_error_for_a_missing_declaration_names_the_file(
    line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(functions, "FUNCTIONS_DIR", tmp_path)
    (tmp_path / "worker_api").mkdir()
    (tmp_path / "worker_api" / "new.sql").write_text(
        f"-- New.\n{line}\ncreate or replace function worker_api.new()\nreturns jsonb"
    )
    with pytest.raises(ControlPlaneError, match=r"db/functions/worker_api/new\.sql: no line `-- call: …`"):
        read_declaration.__wrapped__("new")


def _write_function(folder: Path, line: str) -> None:
    (folder / "worker_api").mkdir()
    text = f"-- New.\n{line}\ncreate or replace function worker_api.new()\nreturns jsonb"
    (folder / "worker_api" / "new.sql").write_text(text)
