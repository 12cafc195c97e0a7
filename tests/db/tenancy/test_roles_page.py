"""What docs/reference/roles.md says of roles, rights and logins is so. Its tables of rows: `test_access_matrix.py`."""

import json
import re
from collections.abc import Iterator
from uuid import UUID

import psycopg
import pytest
from psycopg import sql

from services.database.connect import connect
from services.database.embedded import Cluster
from services.database.schema.migrate import migrate
from tests.conftest import at
from tests.db.tenancy.access import ROLES, roles_lent
from tests.db.tenancy.rights import EVERYBODY, functions, rights
from tests.db.tenancy.roles_page import PAGE, listed, login, rights_said_of
from tests.db.tenancy.tables import A, B, find_tables
from tests.docs.pages import blocks, section, table

OWNER = "app_owner"


@pytest.fixture
def connection(module_database_url: str) -> Iterator[psycopg.Connection]:
    """One transaction, rolled back."""
    with connect(module_database_url) as opened, opened.transaction(force_rollback=True):
        yield opened


# -- roles ------------------------------------------------------------------------------------------------------------


def test_the_roles_are_as_told(connection: psycopg.Connection) -> None:
    told = {role: bypasses == "yes" for role, _, bypasses in table(PAGE, "Roles")}
    found = connection.execute(
        "select rolname, rolbypassrls from pg_roles"
        " where rolname = any(%s) and not rolcanlogin and not rolsuper and not rolcreaterole and not rolcreatedb",
        [list(told)],
    )
    assert dict(found.fetchall()) == told
    assert set(told) == {*ROLES, OWNER}


def test_none_of_them_is_a_member_of_another(connection: psycopg.Connection) -> None:
    memberships = connection.execute(
        "select roleid::regrole::text from pg_auth_members where member::regrole::text = any(%s)", [[*ROLES, OWNER]]
    )
    assert memberships.fetchall() == []


def test_the_api_becomes_the_roles_it_is_told_to_and_no_other(cluster: Cluster, module_database_url: str) -> None:
    told = section(PAGE, "Roles").partition("which may become ")[2].partition(", as the JWT")[0]
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
    assert became == set(told.replace("`", "").replace(" and ", ", ").split(", "))
    assert OWNER not in became


# -- rights -----------------------------------------------------------------------------------------------------------


def test_rights_on_tables_are_those_of_the_letters_and_nobody_else_has_any(connection: psycopg.Connection) -> None:
    told = set().union(*(rights_said_of(table) for table in find_tables(connection)))
    assert rights(connection, "table") == told


def test_no_sequence_is_used_by_hand(connection: psycopg.Connection) -> None:
    assert rights(connection, "sequence") == set()
    assert "Nobody may draw from a sequence" in PAGE.read_text(encoding="utf-8")


def test_schemas_are_entered_by_those_of_the_page(connection: psycopg.Connection) -> None:
    told = listed("Schemas")
    found: dict[str, set[str]] = {schema: set() for schema in told}
    for role, word, schema in rights(connection, "schema"):
        if role != OWNER and word == "usage":
            found[schema].add(role)
    assert {schema: {EVERYBODY} if EVERYBODY in roles else roles for schema, roles in found.items()} == told


def test_only_the_owner_makes_something_in_a_schema(connection: psycopg.Connection) -> None:
    told = {(OWNER, "create", schema) for schema in listed("Schemas") if schema != "migrations"}
    assert {right for right in rights(connection, "schema") if right[1] != "usage"} == told


def test_functions_are_called_by_those_of_the_page(connection: psycopg.Connection) -> None:
    told: dict[str, set[str]] = {name: set() for name in functions(connection)}
    *rows, others = table(PAGE, "Functions")
    for names, callers in rows:
        for name in names.split(", "):
            told[name if "." in name else f"worker_api.{name}"] = set(callers.split(", "))
    assert others == ("every other one", "nobody")
    assert {name: callers for name, callers in told.items() if name.startswith("worker_api.") and not callers} == {}

    found: dict[str, set[str]] = {name: set() for name in told}
    for role, _, name in rights(connection, "function"):
        found[name].add(role)
    assert found == told


def test_what_app_ro_may_call_cannot_write(connection: psycopg.Connection) -> None:
    told = [name for names, callers in table(PAGE, "Functions") if "app_ro" in callers for name in names.split(", ")]
    writing = connection.execute(
        "select proname from pg_proc where pronamespace = 'worker_api'::regnamespace and proname = any(%s)"
        " and provolatile = 'v'",
        [told],
    )
    assert told
    assert writing.fetchall() == []


def test_schemas_belong_to_the_role_that_migrates_and_so_does_what_migrations_holds(
    connection: psycopg.Connection,
) -> None:
    """Whatever else is ours belongs to app_owner: `test_ownership.py`."""
    owners = connection.execute(
        """select nspowner::regrole::text from pg_namespace where nspname = any(%s)
           union select relowner::regrole::text from pg_class where relnamespace = 'migrations'::regnamespace""",
        [sorted(set(listed("Schemas")) - {"public"})],
    ).fetchall()
    member = connection.execute("select pg_has_role('postgres', 'app_owner', 'usage')").fetchone()
    assert (owners, member) == ([("postgres",)], (True,))


def test_a_project_whose_defaults_give_everything_away_ends_up_the_same(blank_url: str) -> None:
    """Supabase projects made before 2026 grant what is made in `public` to every API role."""
    with connect(blank_url) as connection:
        for kind in ("tables", "sequences", "functions"):
            connection.execute(
                sql.SQL(
                    "alter default privileges in schema public grant all on {} to anon, authenticated, service_role"
                ).format(sql.SQL(kind))
            )
        migrate(blank_url, say=lambda _: None)
        told = set().union(*(rights_said_of(table) for table in find_tables(connection)))
        assert rights(connection, "table") == told
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
def test_who_speaks_sql_names_any_tenant(database_url: str, role: str, setting: str, value: str, table: str) -> None:
    add_tenants(database_url)
    whose = sql.SQL("select t.{} from {} as t").format(
        sql.Identifier("organization_id" if role == "workflow_rw" else "tenant_id"), sql.Identifier(*table.split("."))
    )
    with connect(database_url) as connection, roles_lent(connection):
        connection.execute(sql.SQL("set local role {}").format(sql.Identifier(role)))
        for tenant in (A, B):
            connection.execute("select set_config(%s, %s, true)", [setting, value.format(tenant)])
            assert connection.execute(whose).fetchall() == [(UUID(tenant),)]


def test_any_user_of_a_tenant_changes_its_guardrails_and_accounts(database_url: str) -> None:
    add_tenants(database_url)
    claims = {"tenant_id": A, "sub": "an intern", "app_metadata": {"role": "viewer"}}
    with connect(database_url) as connection, connection.transaction():
        connection.execute("select set_config('request.jwt.claims', %s, true)", [json.dumps(claims)])
        connection.execute("set local role authenticated")
        changed = connection.execute("update public.guardrails set trust_threshold = 0").rowcount
        added = connection.execute(
            "insert into public.connected_accounts (tenant_id, provider) values (%s, 'slack')", [A]
        ).rowcount
    assert (changed, added) == (1, 1)


# -- logins -----------------------------------------------------------------------------------------------------------

LOGINS = {
    "my_worker": "select from worker_api.queue_status()",
    "nightly_sync": "select from autopilot.tickets",
    "back_office": "select from drafts.messages",
    "dashboards": "select from rca.rca_results",
}
"""What each login of the page is there for, in one statement."""


@pytest.mark.parametrize("name", LOGINS)
def test_a_login_of_the_page_gets_in_and_is_no_more_than_its_role(module_database_url: str, name: str) -> None:
    with login(module_database_url, name) as url, connect(url) as connection:
        connection.execute(LOGINS[name].encode())
        attributes = connection.execute(
            "select rolsuper, rolbypassrls, rolcreaterole, rolcreatedb from pg_roles where rolname = current_user"
        ).fetchone()
    assert attributes == (False, False, False, False)


def test_every_login_of_the_page_is_tried() -> None:
    assert set(re.findall(r"^create role (\w+) ", PAGE.read_text(encoding="utf-8"), re.MULTILINE)) == set(LOGINS)


def test_a_workflow_team_closes_a_ticket_of_the_organization_it_names_and_of_no_other(database_url: str) -> None:
    add_tenants(database_url)
    [example] = [block.text for block in blocks(PAGE, "sql") if "set_config" in block.text]
    named = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", A, example)
    with login(database_url, "nightly_sync") as url, connect(url) as connection, connection.transaction():
        connection.execute(named.encode())
    with connect(database_url) as connection:
        found = connection.execute("select organization_id::text, external_status from autopilot.tickets").fetchall()
    assert dict(found) == {A: "closed", B: "open"}
