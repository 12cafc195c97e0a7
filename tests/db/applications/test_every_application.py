"""Every application's schema has the documented tables, and keeps tenants apart."""

import psycopg
import pytest
from psycopg import sql

from services.database.connect import connect
from services.database.schema.migrate import migrate, rollback
from tests.clusters import hush
from tests.db.applications import schemas
from tests.db.applications.application import ACME, BOREALIS, NO_TENANT, Application
from tests.db.applications.conftest import APPLICATIONS
from tests.db.roles import ROLES, act_as
from tests.docs import pages


def test_every_table_has_its_documented_columns(connection: psycopg.Connection, application: Application) -> None:
    expected = {table: " ".join(columns.split()) for table, columns in application.tables.items()}
    assert schemas.columns(connection, application) == expected


def test_the_reference_page_names_every_table_and_view(application: Application) -> None:
    rows = pages.table(pages.DOCS / "reference" / "schema.md", f"Schema `{application.schema}`")
    assert {row[0] for row in rows} == {*application.tables, *application.views}


def test_indexes_have_their_documented_names_and_columns(
    connection: psycopg.Connection, application: Application
) -> None:
    found = schemas.indexes(connection, application)
    assert {name: found.get(name) for name in application.indexes} == application.indexes


def test_every_reference_has_its_documented_target(connection: psycopg.Connection, application: Application) -> None:
    assert schemas.references(connection, application) == application.references


def test_every_key_and_reference_begins_with_the_tenant(
    connection: psycopg.Connection, application: Application
) -> None:
    assert schemas.keys_without_tenant(connection, application) == []


def test_every_reference_has_an_index(connection: psycopg.Connection, application: Application) -> None:
    assert schemas.references_without_index(connection, application) == []


def test_no_two_indexes_are_equal(connection: psycopg.Connection, application: Application) -> None:
    assert schemas.duplicate_indexes(connection, application) == []


def test_no_column_has_an_enum_type(connection: psycopg.Connection, application: Application) -> None:
    assert schemas.enum_types(connection, application) == []


def test_no_row_can_refer_to_another_tenants_row(connection: psycopg.Connection, application: Application) -> None:
    assert schemas.references_across_tenants(connection, application) == []


def test_every_update_sets_updated_at(connection: psycopg.Connection, application: Application) -> None:
    assert schemas.tables_that_accept_any_updated_at(connection, application) == set()


def test_a_tenant_reads_only_its_own_rows(connection: psycopg.Connection, application: Application) -> None:
    assert schemas.readable_tenants(connection, application) == application.owned_by(ACME, BOREALIS)
    act_as(connection, "authenticated", {"tenant_id": str(ACME)})
    assert schemas.readable_tenants(connection, application) == application.owned_by(ACME)


@pytest.mark.parametrize("claim", NO_TENANT)
def test_a_claim_that_names_no_tenant_reads_nothing(
    connection: psycopg.Connection, application: Application, claim: str | None
) -> None:
    act_as(connection, "authenticated", {"tenant_id": claim}, organization=str(ACME))
    assert schemas.readable_tenants(connection, application) == application.owned_by()


def test_an_anonymous_caller_reads_no_table(connection: psycopg.Connection, application: Application) -> None:
    act_as(connection, "anon", {"tenant_id": str(ACME)})
    for table in application.tables:
        with pytest.raises(psycopg.errors.InsufficientPrivilege), connection.transaction():
            connection.execute(sql.SQL("select from {}").format(sql.Identifier(application.schema, table)))


@pytest.mark.parametrize("role", ROLES)
def test_each_role_has_its_documented_rights(
    connection: psycopg.Connection, application: Application, role: str
) -> None:
    assert schemas.rights(connection, application, role) == application.rights(role)


@pytest.mark.parametrize(
    ("application", "statement", "constraint"),
    [
        pytest.param(each, statement, constraint, id=f"{each.schema}: {statement[:60]}")
        for each in APPLICATIONS
        for statement, constraint in each.refused_updates
    ],
)
def test_an_invalid_value_is_refused_by_its_constraint(
    connection: psycopg.Connection, statement: str, constraint: str
) -> None:
    with pytest.raises(psycopg.errors.CheckViolation) as error:
        connection.execute(statement.encode())
    assert error.value.diag.constraint_name == constraint


def test_a_rollback_removes_the_applications_and_migrate_restores_them(database_url: str) -> None:
    rollback(database_url, say=hush, to="002")
    with connect(database_url) as connection:
        schemas_left = connection.execute(
            "select nspname from pg_namespace where nspname = any(%s)", [[each.schema for each in APPLICATIONS]]
        ).fetchall()
    assert schemas_left == []
    applied = migrate(database_url, say=hush)
    assert {"migrations/003_autopilot.sql", "migrations/004_drafts.sql", "migrations/005_rca.sql"} <= set(applied)
