"""Each caller can access exactly the rows that docs/reference/roles.md says, in every table, and row-level security
protects tenants even if too many rights are granted. `test_access_mutants.py` shows that these tests can fail."""

from itertools import product

from tests.db.roles import ROLES
from tests.db.tenancy.access import COLUMNS, Caller, Reach, reach
from tests.db.tenancy.roles_page import as_cell, cells, closed_schemas, documented_cell, some_columns
from tests.db.tenancy.stage import UNDER_POLICIES, Stage, breaches


def test_no_tested_role_except_service_role_bypasses_row_level_security(stage: Stage) -> None:
    attributes = stage.connection.execute(
        "select rolname, rolsuper, rolbypassrls from pg_roles where rolname = any(%s) or rolname = session_user",
        [list(ROLES)],
    ).fetchall()
    assert len(attributes) == len(ROLES) + 1
    assert [role for role, superuser, _ in attributes if superuser] == []
    assert {role for role, _, bypasses in attributes if bypasses} == {"postgres", "service_role"}


def test_every_table_has_a_row_of_both_tenants(stage: Stage) -> None:
    """Only tables in a closed schema may have rows without a tenant."""
    myself = Caller("myself", "postgres")
    bare = [t for t in stage.tables if reach(stage.connection, myself, t, "read") != Reach(t.owners)]
    nobodys = [t for t in stage.tables if t.tenant is None and t.schema not in closed_schemas()]
    assert (bare, nobodys) == ([], [])


def test_the_page_has_a_row_for_each_table_and_a_cell_for_each_caller(stage: Stage) -> None:
    tables = {str(table) for table in stage.tables if table.schema not in closed_schemas()}
    assert set(cells()) == set(product(tables, COLUMNS))


def test_every_caller_reaches_exactly_the_rows_on_the_page(stage: Stage) -> None:
    differences = [
        f"{table} as {caller}: the page says {documented_cell(table, caller.column)}, the database does {does}"
        for (table, caller), found in stage.found.items()
        if (does := as_cell(caller, found)) != documented_cell(table, caller.column)
    ]
    assert differences == []


def test_an_update_limited_to_columns_is_limited_to_those_on_the_page(stage: Stage) -> None:
    limited = {
        (str(table), caller.role): update.columns
        for (table, caller), found in stage.found.items()
        if (update := found["update"]) is not None and update.columns
    }
    assert limited == some_columns()


def test_every_table_has_row_level_security(stage: Stage) -> None:
    assert [str(table) for table in stage.tables if not table.is_view and not table.is_guarded] == []


def test_row_level_security_protects_tenants_even_if_every_right_is_granted(stage: Stage) -> None:
    assert list(breaches(stage, stage.tables, UNDER_POLICIES)) == []


def test_no_policy_applies_to_public(stage: Stage) -> None:
    """A policy without a role would also apply to roles that are created later."""
    policies = stage.connection.execute("select policyname from pg_policies where 'public' = any(roles)").fetchall()
    assert policies == []
