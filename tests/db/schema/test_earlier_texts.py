"""Databases that applied earlier texts of the migrations, before the first release: `db migrate` upgrades each.

`earlier.tar.xz` has one folder for each earlier text of a migration, with `db/` as it was then, the oldest first.
"""

import lzma
import tarfile
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest

from services.database.connect import connect
from services.database.embedded import Cluster
from services.database.schema.checks import check
from services.database.schema.ledger import applied_files
from services.database.schema.migrate import migrate, require_migrated
from services.database.schema.snapshot import ROLES, read_snapshot
from services.database.sql_files import DB_DIR, EARLIER_DIGESTS_FILE, read_digests, read_sql_files
from services.errors import NotMigrated
from tests.clusters import hush, new_cluster
from tests.conftest import at
from tests.db.schema.test_yoyo_databases import TABLES as YOYO_TABLES
from tests.db.sql import execute, fetch

pytestmark = pytest.mark.slow

ARCHIVE = Path(__file__).with_name("earlier.tar.xz")
with lzma.open(ARCHIVE) as unpacked, tarfile.open(fileobj=unpacked) as archive:
    STATES = sorted({name.partition("/")[0] for name in archive.getnames()})
THEIRS = """
create table public.orders (id int primary key, note text);
alter table public.orders enable row level security;
create policy orders_all on public.orders for select to authenticated using (true);
create view public.report as select id from public.orders;
alter default privileges in schema public grant all on tables to anon, authenticated, service_role;
alter default privileges in schema public grant all on sequences to anon, authenticated, service_role;
"""
OURS = """
insert into public.tenants (id, name) values ('11111111-1111-4111-8111-111111111111', 'Acme');
insert into public.outbox_dlq (
  id, tenant_id, tool_slug, arguments, risk, external_id, trust_context, metadata, status, attempts, last_error, lane,
  verdicts, created_at, moved_at
) values (
  '11111111-1111-4111-8111-111111111111', '11111111-1111-4111-8111-111111111111',
  'slack__post', '{}', 'low', 'x-1', '{}', '{}', 'failed', 5, 'no', 0, '[]',
  '2026-01-01T00:00Z', '2026-01-02T00:00Z'
);
insert into app_private.lanes (tenant_id, lane, token) values ('11111111-1111-4111-8111-111111111111', 3, 7);
"""
KEPT = """
select t.name, d.external_id, d.doubtful, d.created_at = '2026-01-01T00:00Z', d.moved_at = '2026-01-02T00:00Z',
  l.token, l.tokens, l.sent
from public.tenants as t
join public.outbox_dlq as d on d.tenant_id = t.id
join app_private.lanes as l on l.tenant_id = t.id and l.lane = 3
"""


@pytest.fixture(scope="module")
def texts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The archive's folders."""
    folder = tmp_path_factory.mktemp("earlier")
    with lzma.open(ARCHIVE) as unpacked, tarfile.open(fileobj=unpacked) as archive:
        archive.extractall(folder, filter="data")
    return folder


@pytest.fixture(scope="module")
def old_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A server of its own, because these tests remove the comments that mark our roles."""
    with new_cluster(tmp_path_factory.mktemp("old-cluster")) as running:
        execute(running.admin_url, "create role maria")
        yield running


@pytest.fixture(params=STATES)
def earlier_url(
    request: pytest.FixtureRequest, texts: Path, old_cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    """A database as it was then: with objects of other people, with our rows, and with roles without our comment."""
    then = texts / request.param
    name = f"earlier_{request.param}"
    with connect(at(old_cluster.url, "template1")) as connection:
        connection.execute(f"create database {name} template postgres".encode())
    url = at(old_cluster.url, name)
    execute(url, THEIRS)
    migrations = "".join(path.read_text() for path in sorted(then.glob("migrations/*.sql")))
    with monkeypatch.context() as patch:
        for module in ("migrate", "apply"):  # default privileges were not suspended then
            patch.setattr(f"services.database.schema.{module}.without_default_privileges", nullcontext)
        if "app_owner" not in migrations:  # the ownership was not transferred then
            patch.setattr("services.database.schema.migrate._transfer_ownership", lambda *_: None)
        migrate(url, say=hush, db_dir=then)
    execute(url, YOYO_TABLES)
    execute(
        at(old_cluster.admin_url, name), f"set session_replication_role = replica; {OURS}"
    )  # no trigger of that time
    for role in ROLES:
        if role in migrations:
            execute(url, f"comment on role {role} is null")
    if "app_rw" in migrations:
        execute(url, "grant app_rw to maria")
    yield url
    if "app_rw" in migrations:
        execute(url, "revoke app_rw from maria")


def test_migrating_an_earlier_database_gives_the_schema_of_a_new_one(earlier_url: str) -> None:
    with pytest.raises(NotMigrated):
        require_migrated(earlier_url)
    assert "db/migrations/001_init.sql: was applied with an earlier text" in check(earlier_url).behind
    members = fetch(earlier_url, "select 1 from pg_auth_members where member = 'maria'::regrole")
    lines: list[str] = []
    migrate(earlier_url, say=lines.append)

    fresh, report = read_snapshot(DB_DIR), check(earlier_url)
    assert fresh is not None
    assert (report.problems, report.fingerprint) == ([], fresh.fingerprint)
    assert fetch(earlier_url, KEPT) == [("Acme", "x-1", False, True, True, 7, [], [])]
    unmarked = "select 1 from pg_roles where rolname = any('{%s}') and shobj_description(oid, 'pg_authid') is null"
    assert fetch(earlier_url, unmarked % ",".join(ROLES)) == []

    warnings = [line for line in lines if line.startswith("warning: ")]
    if members:
        assert ": maria in app_rw: revoke what you did not grant" in warnings.pop(0)
    assert ": public.orders, public.report: grant again what your app needs" in warnings[0]
    switched_off = fetch(
        earlier_url, "select 1 from pg_attribute where attrelid = 'orders'::regclass and attstattarget = 0"
    )
    assert [": public.orders.id, public.orders.note: " in line for line in warnings[1:]] == [True] * bool(switched_off)
    assert migrate(earlier_url, say=lines.append) == []


def test_the_digest_of_every_earlier_text_is_recorded(texts: Path) -> None:
    current = {(file.name, file.sha256) for file in read_sql_files().migrations}
    had = {(file.name, file.sha256) for state in STATES for file in read_sql_files(texts / state).migrations}
    assert had - current == set(read_digests(DB_DIR / EARLIER_DIGESTS_FILE))


def test_a_new_database_is_not_mended(database_url: str) -> None:
    with connect(database_url) as connection:
        applied = applied_files(connection)
    assert applied is not None
    assert [name for name in applied if name.startswith("mend/")] == []
    assert {(name, sha256) for name, sha256 in applied.items()}.isdisjoint(read_sql_files().earlier)
