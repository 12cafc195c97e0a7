"""Migrations in a database of other people: their objects stay unchanged, and every obstacle is reported before any
change."""

from collections.abc import Iterator
from itertools import count, cycle

import pytest

from services.database.embedded import Cluster
from services.database.schema.checks import check
from services.database.schema.migrate import migrate, rollback
from services.database.schema.preconditions import names_created_by
from services.database.schema.snapshot import SCHEMAS
from services.database.sql_files import read_sql_files
from services.errors import StateConflict
from tests.clusters import hush, new_cluster
from tests.conftest import at
from tests.db.schema import stranger
from tests.db.schema.a_db import catalog
from tests.db.schema.stranger import added, catalogs, theirs, touched
from tests.db.schema.test_committed_snapshot import as_committed
from tests.db.sql import execute, fetch

pytestmark = pytest.mark.slow

_numbers = count(1)


@pytest.fixture(scope="module")
def shop_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A server of its own, with roles of other people."""
    with new_cluster(tmp_path_factory.mktemp("shop")) as running:
        execute(running.admin_url, stranger.ROLES)
        yield running


@pytest.fixture
def shop(shop_cluster: Cluster) -> str:
    """The name of a database with objects of other people."""
    name = f"shop_{next(_numbers)}"
    execute(at(shop_cluster.admin_url, "template1"), f"create database {name} template postgres owner postgres")
    execute(at(shop_cluster.admin_url, name), *stranger.statements(name))
    return name


@pytest.fixture
def blank(shop_cluster: Cluster) -> str:
    """The name of a new hosted project on that server."""
    name = f"blank_{next(_numbers)}"
    execute(at(shop_cluster.admin_url, "template1"), f"create database {name} template postgres owner postgres")
    return name


FRESH = as_committed()


# ---------------------------------------------------------------------------------------------------------------------
# Nothing of other people is changed
# ---------------------------------------------------------------------------------------------------------------------


def test_migrate_and_rollback_change_no_object_of_others(shop_cluster: Cluster, shop: str) -> None:
    url, admin = at(shop_cluster.url, shop), at(shop_cluster.admin_url, shop)
    rows_before, dump_before = catalogs(admin), catalog(admin)
    dumped_before = theirs(dump_before, FRESH.names_in_public)
    assert len(dumped_before) > 700
    assert sum(map(len, rows_before.values())) > 20_000

    def assert_as_before() -> None:
        assert touched(rows_before, catalogs(admin)) == []
        assert theirs(catalog(admin), FRESH.names_in_public) == dumped_before

    def assert_ours_is_right() -> None:
        report = check(url)
        assert (report.problems, report.fingerprint) == ([], FRESH.fingerprint)

    migrate(url, say=hush)
    assert_as_before()
    assert_ours_is_right()

    execute(url, "delete from migrations.applied_file where name = 'functions/worker_api/settle.sql'")
    migrate(url, say=hush)
    assert_as_before()
    assert_ours_is_right()

    rollback(url, say=hush, steps=99)
    assert_as_before()
    execute(url, "drop schema migrations cascade")  # otherwise the record of applied files would stay
    assert catalog(admin) == dump_before

    migrate(url, say=hush)
    assert_as_before()
    assert_ours_is_right()


# ---------------------------------------------------------------------------------------------------------------------
# Names that are in use
# ---------------------------------------------------------------------------------------------------------------------

KINDS = {
    "table": "create table {} (id int)",
    "view": "create view {} as select 1 as id",
    "materialized view": "create materialized view {} as select 1 as id",
    "sequence": "create sequence {}",
    "type": "create type {} as enum ('a')",
    "index": "create index {0} on public.theirs (id)",
}
SCHEMAS_OF_OURS, RELATIONS_OF_OURS = names_created_by(read_sql_files().migrations, FRESH)


def test_every_name_that_we_create_in_public_is_checked_before() -> None:
    parts = {name for _, name in FRESH.parts_in_public()}
    assert set(FRESH.names_in_public) | parts <= RELATIONS_OF_OURS
    assert len(parts) > 20
    assert set(SCHEMAS) - {"public"} == SCHEMAS_OF_OURS
    assert [file.name for file in read_sql_files().functions if file.name.startswith("functions/public/")] == []


def test_migrate_reports_a_name_in_use_before_it_changes_anything(shop_cluster: Cluster, blank: str) -> None:
    url = at(shop_cluster.url, blank)
    execute(url, "create table public.theirs (id int)")
    wrong_messages = []
    for name, (kind, create) in zip(sorted(RELATIONS_OF_OURS), cycle(KINDS.items()), strict=False):
        qualified = name if kind == "index" else f"public.{name}"
        execute(url, create.format(qualified))
        with pytest.raises(StateConflict) as refused:
            migrate(url, say=hush)
        if str(refused.value) != TAKEN.format(f"{kind} public.{name}"):
            wrong_messages.append((name, str(refused.value)))
        execute(url, f"drop {kind} public.{name}")
    for name in sorted(SCHEMAS_OF_OURS | {"migrations"}):
        execute(url, f"create schema {name}")
        with pytest.raises(StateConflict) as refused:
            migrate(url, say=hush)
        if str(refused.value) != TAKEN.format(f"schema {name}"):
            wrong_messages.append((name, str(refused.value)))
        execute(url, f"drop schema {name}")
    assert wrong_messages == []
    assert fetch(url, "select to_regnamespace('migrations'), to_regclass('public.tenants')") == [(None, None)]
    migrate(url, say=hush)


TAKEN = "these names are in use: {}: rename the objects, or use another database; nothing was changed"


def test_migrate_reports_all_names_in_use_at_once(shop_cluster: Cluster, blank: str) -> None:
    url = at(shop_cluster.url, blank)
    execute(url, "create table public.tenants (id int primary key)", "create schema drafts")
    with pytest.raises(StateConflict) as refused:
        migrate(url, say=hush)
    assert str(refused.value) == TAKEN.format("index public.tenants_pkey, schema drafts, table public.tenants")


# ---------------------------------------------------------------------------------------------------------------------
# What we may not do
# ---------------------------------------------------------------------------------------------------------------------

PUBLIC = (
    "deployer may not create objects in schema public and grant that right to app_owner: run as pg_database_owner, its"
    " owner:"
    " grant usage, create on schema public to deployer with grant option"
)
HINDERED = {
    "no schemas": (
        "alter database {db} owner to supabase_admin; revoke create on database {db} from deployer;",
        "deployer may not create schemas here: run as an administrator: grant create on database {db} to deployer",
    ),
    "no tables in public": ("revoke all on schema public from deployer;", PUBLIC),
    "tables in public, but nothing to grant": ("revoke grant option for all on schema public from deployer;", PUBLIC),
    "no schema public": ("drop schema public cascade;", "schema public is missing: run: create schema public"),
    "app_owner is out of reach": (
        "revoke app_owner from deployer;",
        "deployer may not grant app_owner: run as its administrator: grant app_owner to deployer",
    ),
}


@pytest.fixture(scope="module")
def roles_made(shop_cluster: Cluster) -> Cluster:
    """The server with our roles, as after the migration of another of its databases."""
    execute(at(shop_cluster.admin_url, "template1"), "create database first template postgres owner postgres")
    migrate(at(shop_cluster.url, "first"), say=hush)
    return shop_cluster


@pytest.fixture
def deployer_url(roles_made: Cluster, blank: str) -> Iterator[str]:
    """The URL of the blank database for a role with only the rights that a migration needs if our roles exist."""
    admin = at(roles_made.admin_url, blank)
    execute(
        admin,
        f"""
        create role deployer login password 'w';
        grant app_owner to deployer; grant outbox_worker to authenticator;
        grant create on database {blank} to deployer;
        grant usage, create on schema public to deployer with grant option;
        """,
    )
    yield f"postgresql://deployer:w@{at(roles_made.url, blank).rpartition('@')[2]}"
    execute(admin, "drop owned by deployer cascade", "drop role deployer")


@pytest.mark.parametrize("hindrance", HINDERED)
def test_migrate_reports_a_missing_right_before_it_changes_anything(
    shop_cluster: Cluster, blank: str, deployer_url: str, hindrance: str
) -> None:
    hindered, line = (text.format(db=blank) for text in HINDERED[hindrance])
    admin = at(shop_cluster.admin_url, blank)
    execute(admin, hindered)
    before = catalog(admin)
    with pytest.raises(StateConflict) as refused:
        migrate(deployer_url, say=hush)
    assert str(refused.value) == f"{line}; nothing was changed"
    assert catalog(admin) == before


def test_a_login_that_cannot_create_roles_migrates_if_our_roles_exist(deployer_url: str) -> None:
    migrate(deployer_url, say=hush)
    assert check(deployer_url).fingerprint == FRESH.fingerprint
    rollback(deployer_url, say=hush, steps=99)


def test_migrate_refuses_to_use_a_role_that_it_did_not_create(roles_made: Cluster, blank: str) -> None:
    url, admin = at(roles_made.url, blank), at(roles_made.admin_url, blank)
    execute(admin, "comment on role app_rw is 'the shop''s'; grant app_rw to shop_app")
    before = catalogs(admin)
    with pytest.raises(StateConflict) as refused:
        migrate(url, say=hush)
    assert str(refused.value) == (
        "these roles exist but db migrate did not create them, and they would get its grants: app_rw"
        " (members: shop_app): rename them; or, if db migrate created them for another database of this server,"
        " mark each of them: comment on role app_rw is 'Agent Control Plane'; nothing was changed"
    )
    assert (touched(before, catalogs(admin)), added(before, catalogs(admin))) == ([], [])
    execute(admin, "comment on role app_rw is 'Agent Control Plane'; revoke app_rw from shop_app")
    migrate(url, say=hush)


def test_a_publication_of_another_owner_is_not_changed_and_reported(shop_cluster: Cluster, blank: str) -> None:
    url, admin = at(shop_cluster.url, blank), at(shop_cluster.admin_url, blank)
    execute(admin, "create publication supabase_realtime")
    lines: list[str] = []
    migrate(url, say=lines.append)
    [warning] = [line for line in lines if line.startswith("warning: ")]
    assert warning == (
        "warning: publication supabase_realtime belongs to supabase_admin: tenants hear of no change until it runs:"
        " alter publication supabase_realtime add table public.outbox, public.outbox_dlq, public.approvals,"
        " public.audit_log"
    )
    execute(admin, "alter publication supabase_realtime add table public.outbox")
    rollback(url, say=hush, to="001")
    assert fetch(admin, "select prrelid::regclass::text from pg_publication_rel") == [("outbox",)]


def test_migrate_does_not_open_schema_public_to_the_api_roles(shop_cluster: Cluster, blank: str) -> None:
    url, admin = at(shop_cluster.url, blank), at(shop_cluster.admin_url, blank)
    execute(admin, "revoke all on schema public from public, anon, authenticated, service_role")
    lines: list[str] = []
    migrate(url, say=lines.append)
    assert (
        "warning: authenticated may not use schema public, so it reaches no table of ours there: run: grant usage on"
        " schema public to authenticated" in lines
    )
    assert fetch(url, "select has_schema_privilege('authenticated', 'public', 'usage')") == [(False,)]


# ---------------------------------------------------------------------------------------------------------------------
# Objects of other people that depend on ours
# ---------------------------------------------------------------------------------------------------------------------

ORDERS = "create table shop.orders (tenant uuid); "
BUILT = {
    "view shop.report": "create view shop.report as select id from public.outbox",
    "view shop.a": ("create view shop.a as select id from public.tenants; create view shop.b as select id from shop.a"),
    "materialized view shop.kept": "create materialized view shop.kept as select count(*) from drafts.messages",
    "constraint orders_tenant_fkey on table shop.orders": (
        "create table shop.orders (tenant uuid references public.tenants)"
    ),
    "policy own on table shop.orders": (
        f"{ORDERS} create policy own on shop.orders using (tenant = app_private.current_tenant_id_uuid())"
    ),
    "policy reads on table shop.orders": (
        f"{ORDERS} create policy reads on shop.orders"  # noqa: S608
        " using (tenant in (select id from public.tenants))"
    ),
    "trigger touch on table shop.orders": (
        f"{ORDERS} create trigger touch before update on shop.orders"
        " for each row execute function app_private.touch_updated_at()"
    ),
    "default value for column tenant of table shop.orders": (
        "create table shop.orders (tenant uuid default app_private.current_tenant_id_uuid())"
    ),
    "column envelope of table shop.orders": "create table shop.orders (envelope public.outbox)",
    "function shop.f(outbox)": "create function shop.f(public.outbox) returns int return 1",
    "function shop.f()": (
        "create function shop.f() returns bigint begin atomic select count(*) from public.outbox; end"
    ),
    "table shop.more": "create table shop.more () inherits (public.signals)",
    "table rca.mine": "create table rca.mine (id int)",
    "view autopilot.mine": "create view autopilot.mine as select 1 as one",
    "type app_private.mine": "create type app_private.mine as enum ('a')",
    "function worker_api.mine()": "create function worker_api.mine() returns int return 1",
}
"""The name of the object in the error, and the statement that creates it."""


@pytest.fixture(scope="module")
def built_on(shop_cluster: Cluster) -> str:
    """The name of a migrated database with a schema of other people."""
    execute(at(shop_cluster.admin_url, "template1"), "create database built_on template postgres owner postgres")
    execute(at(shop_cluster.url, "built_on"), "create schema shop")
    migrate(at(shop_cluster.url, "built_on"), say=hush)
    return "built_on"


@pytest.mark.parametrize("what", BUILT)
def test_rollback_is_refused_if_objects_of_others_depend_on_ours(
    shop_cluster: Cluster, built_on: str, what: str
) -> None:
    url, admin = at(shop_cluster.url, built_on), at(shop_cluster.admin_url, built_on)
    execute(url, BUILT[what])
    before = catalog(admin)
    with pytest.raises(StateConflict) as refused:
        rollback(url, say=hush, steps=99)
    line = str(refused.value)
    assert what in line
    assert line.endswith("first; nothing was changed")
    assert "\n" not in line
    assert catalog(admin) == before
    execute(url, "drop schema shop cascade; create schema shop")
    if ".mine" in what:
        execute(url, f"drop {what}")


def test_rollback_succeeds_if_no_object_of_others_depends_on_it(shop_cluster: Cluster, blank: str) -> None:
    url = at(shop_cluster.url, blank)
    migrate(url, say=hush)
    execute(url, "create view public.report as select id from public.tenants")
    last = rollback(url, say=hush, steps=1)
    assert len(last) == 1
    with pytest.raises(StateConflict, match=r"other objects depend on what the rollback drops: view report: drop or"):
        rollback(url, say=hush, steps=99)
    execute(url, "drop view public.report")
    rollback(url, say=hush, steps=99)
    assert fetch(url, "select to_regclass('public.tenants')") == [(None,)]
