"""Every table as everybody: who reaches which rows is what docs/reference/roles.md says, and row-level security holds
even where somebody granted too much. `test_access_mutants.py` shows that these tests notice."""

from itertools import product

from tests.db.tenancy.access import COLUMNS, ROLES, Caller, Reach, reach
from tests.db.tenancy.roles_page import as_cell, cells, closed_schemas, said_of, some_columns
from tests.db.tenancy.stage import UNDER_POLICIES, Stage, breaches


def test_nobody_who_tries_could_pass_by_force(stage: Stage) -> None:
    attributes = stage.connection.execute(
        "select rolname, rolsuper, rolbypassrls from pg_roles where rolname = any(%s) or rolname = session_user",
        [list(ROLES)],
    ).fetchall()
    assert len(attributes) == len(ROLES) + 1
    assert [role for role, superuser, _ in attributes if superuser] == []
    assert {role for role, _, bypasses in attributes if bypasses} == {"postgres", "service_role"}


def test_every_table_has_rows_to_reach_of_both_tenants(stage: Stage) -> None:
    """Only in a closed schema may rows be nobody's."""
    myself = Caller("myself", "postgres")
    bare = [t for t in stage.tables if reach(stage.connection, myself, t, "read") != Reach(t.owners)]
    nobodys = [t for t in stage.tables if t.tenant is None and t.schema not in closed_schemas()]
    assert (bare, nobodys) == ([], [])


def test_the_page_has_a_row_for_each_table_and_a_cell_for_everybody(stage: Stage) -> None:
    tables = {str(table) for table in stage.tables if table.schema not in closed_schemas()}
    assert set(cells()) == set(product(tables, COLUMNS))


def test_everybody_reaches_exactly_what_the_page_says(stage: Stage) -> None:
    differences = [
        f"{table} as {caller}: the page says {said_of(table, caller.column)}, the database does {does}"
        for (table, caller), found in stage.found.items()
        if (does := as_cell(caller, found)) != said_of(table, caller.column)
    ]
    assert differences == []


def test_an_update_of_some_columns_is_of_those_on_the_page(stage: Stage) -> None:
    limited = {
        (str(table), caller.role): update.columns
        for (table, caller), found in stage.found.items()
        if (update := found["update"]) is not None and update.columns
    }
    assert limited == some_columns()


def test_every_table_has_row_level_security(stage: Stage) -> None:
    assert [str(table) for table in stage.tables if not table.is_view and not table.is_guarded] == []


def test_row_level_security_holds_even_if_everything_is_granted_to_everybody(stage: Stage) -> None:
    assert list(breaches(stage, stage.tables, UNDER_POLICIES)) == []


def test_no_policy_is_for_everybody(stage: Stage) -> None:
    """One that names no role would also hold for roles that are made later."""
    policies = stage.connection.execute("select policyname from pg_policies where 'public' = any(roles)").fetchall()
    assert policies == []
