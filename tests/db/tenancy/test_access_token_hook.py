"""The hook by which Supabase Auth puts the tenant into a user's JWT."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg.types.json import Jsonb

from services.database.connect import connect
from services.database.embedded import Cluster
from tests.db.sql import as_superuser

ACME = "11111111-1111-4111-8111-111111111111"
BOREALIS = "22222222-2222-4222-8222-222222222222"
USER = "77777777-7777-4777-8777-777777777777"


@pytest.fixture
def auth(cluster: Cluster, module_database_url: str) -> Iterator[psycopg.Connection]:
    """A connection as the role that Supabase Auth has."""
    with connect(as_superuser(cluster, module_database_url)) as connection:
        connection.execute("set role supabase_auth_admin")
        yield connection


def hooked(auth: psycopg.Connection, **claims: Any) -> Any:
    """The claims that the hook returns for the JWT."""
    event = {"user_id": USER, "authentication_method": "password", "claims": {"sub": USER, **claims}}
    row = auth.execute("select app_private.custom_access_token_hook(%s)", [Jsonb(event)]).fetchone()
    assert row is not None
    assert row[0] == {**event, "claims": row[0]["claims"]}
    return row[0]["claims"]


def test_the_tenant_in_app_metadata_becomes_the_claim_tenant_id(auth: psycopg.Connection) -> None:
    claims = {"aud": "authenticated", "app_metadata": {"provider": "email", "tenant_id": ACME}}
    assert hooked(auth, **claims) == {"sub": USER, **claims, "tenant_id": ACME}


def test_the_tenant_in_app_metadata_replaces_an_existing_claim(auth: psycopg.Connection) -> None:
    assert hooked(auth, tenant_id=BOREALIS, app_metadata={"tenant_id": ACME})["tenant_id"] == ACME


@pytest.mark.parametrize(
    "claims",
    [
        {},
        {"app_metadata": {}},
        {"app_metadata": None},
        {"app_metadata": {"tenant_id": None}},
        {"app_metadata": {"tenant_id": "acme"}},
        {"app_metadata": {"tenant_id": 7}},
        {"app_metadata": {"tenant_id": [ACME]}},
        {"app_metadata": {"tenant_id": f"{ACME}\n"}},
        {"user_metadata": {"tenant_id": ACME}},
    ],
)
def test_without_a_valid_tenant_in_app_metadata_there_is_no_claim(
    auth: psycopg.Connection, claims: dict[str, Any]
) -> None:
    assert hooked(auth, tenant_id=BOREALIS, **claims) == {"sub": USER, **claims}


def test_only_supabase_auth_may_call_the_hook(cluster: Cluster, module_database_url: str) -> None:
    with connect(as_superuser(cluster, module_database_url)) as connection:
        may = connection.execute(
            "select rolname from pg_roles where not rolsuper and rolname !~ '^pg_' and has_function_privilege("
            "rolname, 'app_private.custom_access_token_hook(jsonb)', 'execute') order by 1"
        ).fetchall()
    assert may == [("app_owner",), ("postgres",), ("supabase_auth_admin",)]
