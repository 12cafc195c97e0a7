"""An audit log of two tenants, and an empty working folder."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from services.database.connect import connect
from services.database.schema.migrate import seed
from tests.control_plane.audit_cli.commands import ACME, BOREALIS, ROWS


@pytest.fixture(scope="module")
def audited_url(module_database_url: str) -> str:
    """A database whose two tenants have so many audit rows, a second apart from 2026-01-01T00:00:01Z."""
    seed(module_database_url, say=lambda _: None)
    with connect(module_database_url) as connection:
        connection.execute("set role app_owner")
        connection.execute("alter table public.audit_log disable trigger audit_log_append_only")
        connection.execute("delete from public.audit_log")
        connection.execute("delete from app_private.audit_heads")
        for tenant in (ACME, BOREALIS):
            for n in range(1, ROWS + 1):
                payload = '{"n": 1.10, "much": 1e400, "note": "line\\nanother \\u2028 é", "sum": "=1+1"}'
                connection.execute(
                    "select app_private.append_audit(array[%s]::uuid[], 'user', %s, array['test.n'], array[%s::jsonb],"
                    " '2026-01-01Z'::timestamptz + %s * interval '1 second')",
                    [tenant, f"=cmd|' /C calc'!A{n}", payload, n],
                )
    return module_database_url


@pytest.fixture(autouse=True)
def _in_an_empty_folder(audited_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", audited_url)


@pytest.fixture
def owner(audited_url: str) -> Iterator[psycopg.Connection]:
    """A connection as owner of the log without its trigger. Its changes are rolled back."""
    with connect(audited_url) as connection:
        connection.execute("set role app_owner")
        connection.execute("create temp table kept as select * from public.audit_log")
        connection.execute("alter table kept drop column id")  # generated, and the last one
        yield connection
        connection.execute("delete from public.audit_log")
        connection.execute("insert into public.audit_log select * from kept")
