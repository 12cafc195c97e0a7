"""`db migrate` removes `scan` from tools for which syncs of an earlier version set it, and keeps what a person set."""

from uuid import uuid4

from services.database.connect import connect
from services.database.schema.migrate import migrate, rollback
from services.database.sql_files import read_sql_files
from tests.clusters import hush

MARKED = '{"category": "files", "arguments": {}}'


def test_migrate_removes_scan_marks_of_providers_and_keeps_those_of_operators(database_url: str) -> None:
    names = [file.id for file in read_sql_files().migrations]
    before = max(name for name in names if name < "015")
    rollback(database_url, say=hush, to=before.partition("_")[0])
    tenant = uuid4()
    with connect(database_url) as connection:
        connection.execute("insert into public.tenants (id, name) values (%s, 'Acme')", [tenant])
        for slug, source in (("FILES__read", "files"), ("CRM__read", "")):
            connection.execute(
                "insert into public.tool_catalog (tenant_id, tool_slug, version, provider, source, scan)"
                " values (%s, %s, '1', 'mcp', %s, %s)",
                [tenant, slug, source, MARKED],
            )
    migrate(database_url, say=hush)
    with connect(database_url) as connection:
        marked = connection.execute(
            "select tool_slug from public.tool_catalog where tenant_id = %s and scan is not null", [tenant]
        ).fetchall()
    assert marked == [("CRM__read",)]
