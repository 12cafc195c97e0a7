"""The roles, rights and logins are as docs/reference/roles.md says. For its tables of rows see
`test_access_matrix.py`."""

import re
from collections.abc import Iterator
from contextlib import suppress
from uuid import UUID

import psycopg
import pytest
from psycopg import sql

from services.database.connect import connect
from services.database.embedded import Cluster
from services.database.schema.migrate import migrate
from tests.clusters import hush
from tests.conftest import at
from tests.db.roles import ROLES, act_as, every_role_allowed, rolled_back
from tests.db.tenancy.rights import EVERYBODY, functions, rights
from tests.db.tenancy.roles_page import PAGE, documented_rights, listed, login
from tests.db.tenancy.tables import A, B, find_tables
from tests.docs.pages import blocks, section, table

OWNER = "app_owner"


@pytest.fixture
def connection(module_database_url: str) -> Iterator[psycopg.Connection]:
    with rolled_back(module_database_url) as opened:
        yield opened


# -- roles ------------------------------------------------------------------------------------------------------------


def test_the_roles_have_the_documented_attributes(connection: psycopg.Connection) -> None:
    documented = {role: bypasses == "yes" for role, _, bypasses in table(PAGE, "Roles")}
    found = connection.execute(
        "select rolname, rolbypassrls from pg_roles"
        " where rolname = any(%s) and not rolcanlogin and not rolsuper and not rolcreaterole and not rolcreatedb",
        [list(documented)],
    )
    assert dict(found.fetchall()) == documented
    assert set(documented) == {*ROLES, OWNER}


def test_no_role_is_a_member_of_another(connection: psycopg.Connection) -> None:
    memberships = connection.execute(
        "select roleid::regrole::text from pg_auth_members where member::regrole::text = any(%s)", [[*ROLES, OWNER]]
    )
    assert memberships.fetchall() == []


def test_the_api_can_take_only_the_documented_roles(cluster: Cluster, module_database_url: str) -> None:
    documented = section(PAGE, "Roles").partition("which may become ")[2].partition(", as the JWT")[0]
    became = set()
    with connect(at(cluster.authenticator_url, module_database_url.rpartition("/")[2])) as connection:
        for role in (*ROLES, OWNER, "postgres"):
            with_role = sql.SQL("set role {}").format(sql.Identifier(role))
            try:
                connection.execute(with_role)
                became.add(role)
            except psycopg.errors.InsufficientPrivilege:
                pass
            connection.execute("reset role")
    assert became == set(documented.replace("`", "").replace(" and ", ", ").split(", "))
    assert OWNER not in became


# -- rights -----------------------------------------------------------------------------------------------------------


def test_rights_on_tables_are_exactly_those_on_the_page(connection: psycopg.Connection) -> None:
    documented = set().union(*(documented_rights(table) for table in find_tables(connection)))
    assert rights(connection, "table") == documented


def test_nobody_has_a_right_to_a_sequence(connection: psycopg.Connection) -> None:
    assert rights(connection, "sequence") == set()
    assert "Nobody may draw from a sequence" in PAGE.read_text(encoding="utf-8")


def test_rights_to_use_schemas_are_exactly_those_on_the_page(connection: psycopg.Connection) -> None:
    documented = listed("Schemas")
    found: dict[str, set[str]] = {schema: set() for schema in documented}
    for role, word, schema in rights(connection, "schema"):
        if role != OWNER and word == "usage":
            found[schema].add(role)
    assert {schema: {EVERYBODY} if EVERYBODY in roles else roles for schema, roles in found.items()} == documented


def test_only_app_owner_may_create_objects_in_our_schemas(connection: psycopg.Connection) -> None:
    documented = {(OWNER, "create", schema) for schema in listed("Schemas") if schema != "migrations"}
    assert {right for right in rights(connection, "schema") if right[1] != "usage"} == documented


def test_rights_to_call_functions_are_exactly_those_on_the_page(connection: psycopg.Connection) -> None:
    documented: dict[str, set[str]] = {name: set() for name in functions(connection)}
    *rows, others = table(PAGE, "Functions")
    for names, callers in rows:
        for name in names.split(", "):
            documented[name if "." in name else f"worker_api.{name}"] = set(callers.split(", "))
    assert others == ("every other one", "nobody")
    assert {
        name: callers for name, callers in documented.items() if name.startswith("worker_api.") and not callers
    } == {}

    found: dict[str, set[str]] = {name: set() for name in documented}
    for role, _, name in rights(connection, "function"):
        found[name].add(role)
    assert found == documented


def test_functions_that_app_ro_may_call_cannot_write(connection: psycopg.Connection) -> None:
    documented = [
        name for names, callers in table(PAGE, "Functions") if "app_ro" in callers for name in names.split(", ")
    ]
    writing = connection.execute(
        "select proname from pg_proc where pronamespace = 'worker_api'::regnamespace and proname = any(%s)"
        " and provolatile = 'v'",
        [documented],
    )
    assert documented
    assert writing.fetchall() == []


def test_the_migrating_role_owns_our_schemas_and_the_record_of_migrations(
    connection: psycopg.Connection,
) -> None:
    """app_owner owns all our other objects: see `test_ownership.py`."""
    owners = connection.execute(
        """select nspowner::regrole::text from pg_namespace where nspname = any(%s)
           union select relowner::regrole::text from pg_class where relnamespace = 'migrations'::regnamespace""",
        [sorted(set(listed("Schemas")) - {"public"})],
    ).fetchall()
    member = connection.execute("select pg_has_role('postgres', 'app_owner', 'usage')").fetchone()
    assert (owners, member) == ([("postgres",)], (True,))


def test_generous_default_privileges_of_a_project_do_not_change_the_rights(blank_url: str) -> None:
    """Supabase projects from before 2026 grant every API role rights on each new object in `public`."""
    with connect(blank_url) as connection:
        for kind in ("tables", "sequences", "functions"):
            connection.execute(
                sql.SQL(
                    "alter default privileges in schema public grant all on {} to anon, authenticated, service_role"
                ).format(sql.SQL(kind))
            )
        migrate(blank_url, say=hush)
        documented = set().union(*(documented_rights(table) for table in find_tables(connection)))
        assert rights(connection, "table") == documented
        assert rights(connection, "sequence") == set()
        assert EVERYBODY not in {role for role, _, _ in rights(connection, "function")}


# -- trust ------------------------------------------------------------------------------------------------------------


def add_tenants(url: str) -> None:
    """A and B, each with guardrails and with the ticket of the page's example."""
    with connect(url) as connection:
        for tenant in (A, B):
            connection.execute("insert into public.tenants (id, name) values (%s, 'somebody')", [tenant])
            connection.execute("insert into public.guardrails (tenant_id) values (%s)", [tenant])
            connection.execute(
                "insert into autopilot.tickets (organization_id, external_id, subject, external_status)"
                " values (%s, 'INC0010023', 'Printer on fire', 'open')",
                [tenant],
            )


@pytest.mark.parametrize(
    ("role", "setting", "value", "table"),
    [
        ("authenticated", "request.jwt.claims", '{{"tenant_id": "{}"}}', "public.guardrails"),
        ("workflow_rw", "app.current_organization_id", "{}", "autopilot.tickets"),
    ],
)
def test_a_login_with_sql_access_can_name_any_tenant(
    database_url: str, role: str, setting: str, value: str, table: str
) -> None:
    add_tenants(database_url)
    whose = sql.SQL("select t.{} from {} as t").format(
        sql.Identifier("organization_id" if role == "workflow_rw" else "tenant_id"), sql.Identifier(*table.split("."))
    )
    with connect(database_url) as connection, every_role_allowed(connection):
        connection.execute(sql.SQL("set local role {}").format(sql.Identifier(role)))
        for tenant in (A, B):
            connection.execute("select set_config(%s, %s, true)", [setting, value.format(tenant)])
            assert connection.execute(whose).fetchall() == [(UUID(tenant),)]


@pytest.mark.parametrize("tenant_role", ["owner", "reviewer", "member", "agent", "Owner", None])
def test_only_owners_change_guardrails_and_accounts(database_url: str, tenant_role: str | None) -> None:
    add_tenants(database_url)
    claims = {"tenant_id": A, "sub": "an intern", "app_metadata": {"role": "viewer"}, "tenant_role": tenant_role}
    changes = (
        "update public.guardrails set trust_threshold = 0",
        "insert into public.connected_accounts (tenant_id, provider) select id, 'slack' from public.tenants",
    )
    changed = 0
    with connect(database_url) as connection, connection.transaction():
        act_as(connection, "authenticated", claims)
        for change in changes:
            with suppress(psycopg.errors.InsufficientPrivilege), connection.transaction():
                changed += connection.execute(change.encode()).rowcount
    assert changed == (2 if tenant_role == "owner" else 0)


# -- logins -----------------------------------------------------------------------------------------------------------

LOGINS = {
    "my_worker": "select from worker_api.queue_status()",
    "nightly_sync": "select from autopilot.tickets",
    "back_office": "select from drafts.messages",
    "dashboards": "select from rca.rca_results",
}
"""A statement for each login of the page that it must be able to run."""


@pytest.mark.parametrize("name", LOGINS)
def test_a_documented_login_connects_and_has_no_further_attributes(module_database_url: str, name: str) -> None:
    with login(module_database_url, name) as url, connect(url) as connection:
        connection.execute(LOGINS[name].encode())
        attributes = connection.execute(
            "select rolsuper, rolbypassrls, rolcreaterole, rolcreatedb from pg_roles where rolname = current_user"
        ).fetchone()
    assert attributes == (False, False, False, False)


def test_every_documented_login_is_tested() -> None:
    assert set(re.findall(r"^create role (\w+) ", PAGE.read_text(encoding="utf-8"), re.MULTILINE)) == set(LOGINS)


def test_a_workflow_login_changes_only_tickets_of_the_organization_it_names(database_url: str) -> None:
    add_tenants(database_url)
    [example] = [block.text for block in blocks(PAGE, "sql") if "set_config" in block.text]
    named = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", A, example)
    with login(database_url, "nightly_sync") as url, connect(url) as connection, connection.transaction():
        connection.execute(named.encode())
    with connect(database_url) as connection:
        found = connection.execute("select organization_id::text, external_status from autopilot.tickets").fetchall()
    assert dict(found) == {A: "closed", B: "open"}
