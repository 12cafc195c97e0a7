"""The embedded PostgreSQL has the roles, schemas and rights of a hosted project."""

import psycopg
import pytest
from psycopg.rows import dict_row

from services.database.connect import connect
from services.database.embedded import Cluster
from tests.conftest import at


def test_the_roles_have_the_attributes_of_a_hosted_project(cluster: Cluster) -> None:
    with psycopg.connect(cluster.url, row_factory=dict_row) as connection:
        rows = connection.execute(
            "select rolname, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolcanlogin, rolinherit from pg_roles"
            " where rolname = any(%s)",
            (["supabase_admin", "postgres", "anon", "authenticated", "service_role", "authenticator"],),
        ).fetchall()
    shown = {row.pop("rolname"): {name.removeprefix("rol") for name, on in row.items() if on} for row in rows}
    assert shown.pop("supabase_admin") >= {"super", "canlogin"}
    assert shown == {
        "postgres": {"bypassrls", "createrole", "createdb", "canlogin", "inherit"},
        "anon": {"inherit"},
        "authenticated": {"inherit"},
        "service_role": {"inherit", "bypassrls"},
        "authenticator": {"canlogin"},
    }


def test_postgres_can_create_objects_everywhere_but_in_schema_auth(blank_url: str) -> None:
    with connect(blank_url) as connection:
        connection.execute("create schema worker_api")
        connection.execute("create table public.mine (id int)")
        connection.execute("drop schema public cascade")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("create table auth.mine (id int)")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("alter role anon login")


def test_the_api_roles_have_no_right_to_a_new_table(blank_url: str) -> None:
    with connect(blank_url) as connection:
        connection.execute("create table public.mine (id int)")
        for role in ("anon", "authenticated", "service_role"):
            held = connection.execute("select has_table_privilege(%s, 'public.mine', 'select')", (role,)).fetchone()
            assert (role, held) == (role, (False,))


@pytest.mark.parametrize(
    "claims",
    [
        {"request.jwt.claims": '{"sub": "5e1f0f0e-0000-4000-8000-000000000001", "role": "authenticated"}'},
        {
            "request.jwt.claim.sub": "5e1f0f0e-0000-4000-8000-000000000001",
            "request.jwt.claim.role": "authenticated",
            "request.jwt.claim": "{}",
        },
    ],
    ids=["claims", "legacy claims"],
)
def test_auth_functions_return_the_claims_of_the_request(cluster: Cluster, claims: dict[str, str]) -> None:
    with connect(cluster.authenticator_url) as connection, connection.transaction():
        connection.execute("set local role authenticated")
        for name, value in claims.items():
            connection.execute("select set_config(%s, %s, true)", (name, value))
        seen = connection.execute("select auth.uid()::text, auth.role(), auth.jwt() is not null").fetchone()
    assert seen == ("5e1f0f0e-0000-4000-8000-000000000001", "authenticated", True)


def test_auth_functions_return_null_without_claims(cluster: Cluster) -> None:
    with connect(at(cluster.url, "postgres")) as connection:
        assert connection.execute("select auth.uid(), auth.role(), auth.jwt()").fetchone() == (None, None, None)
