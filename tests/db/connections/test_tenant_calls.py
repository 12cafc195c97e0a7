"""A tenant's call of `tenant_api` is one statement, which sets the claims first: the functions believe only these."""

from collections.abc import Iterator
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import psycopg
import pytest

from services.backends import Access, Backends
from services.backends.database.transport import functions
from services.backends.database.transport.functions import may_set_caller_in_call
from services.backends.open import postgres_access
from services.database.connect import connect
from services.database.embedded import Cluster
from services.envelope import Actor, ActorType, Door
from services.errors import NotAllowed
from services.pauses import PauseKind
from tests.db.sql import as_superuser

USER = Actor(type=ActorType.USER, id="u", door=Door.API)
PAUSES = "select tenant_id, target from public.pauses order by target"
NOT_FOR_TENANTS = """
select p.proname from pg_catalog.pg_proc as p
where p.pronamespace = 'tenant_api'::regnamespace
  and not (p.prosecdef and has_function_privilege('authenticated', p.oid, 'execute'))
"""
MAY_SET_CALLER = """
select p.proname from pg_catalog.pg_proc as p
where p.pronamespace = %s::regnamespace and has_function_privilege('authenticated', p.oid, 'execute')
  and (p.prosecdef or p.proconfig is not null)
"""
WHO = """
create or replace function drafts.list_channels(tenant uuid default null, type text default null)
returns jsonb language sql stable set search_path = pg_catalog, pg_temp as $$
  select jsonb_build_array(current_user, (select jsonb_agg(name order by name) from drafts.channels))
$$
"""


@pytest.fixture
def tenants(database_url: str) -> list[UUID]:
    tenants = [uuid4(), uuid4()]
    with connect(database_url) as connection:
        for tenant in tenants:
            connection.execute("select worker_api.save_tenant(%s, 'acme', 'pro', 1::smallint, 'olga')", [tenant])
    return tenants


@pytest.fixture
def plain_url(cluster: Cluster, database_url: str) -> Iterator[str]:
    """The URL for a login that may become `authenticated` and inherits none of its rights."""
    parts = urlsplit(database_url)
    with psycopg.connect(as_superuser(cluster, database_url), autocommit=True) as connection:
        connection.execute("create role test_api login noinherit password 'w' in role authenticated")
        yield f"postgresql://test_api:w@{parts.hostname}:{parts.port}{parts.path}"
        connection.execute("drop role test_api")


def test_every_tenant_may_call_every_function_of_tenant_api_which_runs_as_its_owner(database_url: str) -> None:
    with connect(database_url) as connection:
        assert connection.execute(NOT_FOR_TENANTS).fetchall() == []


@pytest.mark.parametrize("schema", ["autopilot", "drafts", "tenant_api"])
def test_the_files_say_for_which_functions_the_caller_may_be_set_in_the_call(database_url: str, schema: str) -> None:
    names = {path.stem for path in (functions.FUNCTIONS_DIR / schema).glob("*.sql")}
    with connect(database_url) as connection:
        allowed = {name for (name,) in connection.execute(MAY_SET_CALLER, [schema]).fetchall()}
    found = {name for name in names if may_set_caller_in_call(name, schema)}
    assert found
    assert found <= allowed


async def test_reads_of_several_tenants_over_one_connection_see_their_own_rows(
    database_url: str, plain_url: str, tenants: list[UUID]
) -> None:
    """Also without a condition on the tenant: the function runs under row-level security."""
    with connect(database_url) as connection:
        for number, tenant in enumerate(tenants):
            connection.execute(
                "insert into drafts.channels (tenant_id, type, external_id, name) values (%s, 'chat', 'c', %s)",
                [tenant, f"Desk {number}"],
            )
        connection.execute(WHO)
    for url, login in ((database_url, "postgres"), (plain_url, None)):
        async with postgres_access(url, pool_size=1) as access:
            for _ in range(8):  # after five executions PostgreSQL may keep a generic plan
                assert [await list_channels(access, tenant) for tenant in tenants] == [
                    ["authenticated", ["Desk 0"]], ["authenticated", ["Desk 1"]],
                ]  # fmt: skip
                if login is not None:
                    assert access.operator.functions is not None
                    who, seen = await access.operator.functions.call("drafts.list_channels")
                    assert (who, len(seen)) == (login, 2)


async def list_channels(access: Access, tenant: UUID) -> list[object]:
    claims = {"tenant_id": str(tenant), "sub": "u", "role": "authenticated", "tenant_role": "member"}
    backends: Backends = access.as_tenant(tenant, claims, Door.API, None)
    assert backends.functions is not None
    found: list[object] = await backends.functions.call("drafts.list_channels", tenant=tenant)
    return found


async def test_calls_of_several_tenants_over_one_connection_act_for_their_own(
    database_url: str, tenants: list[UUID]
) -> None:
    one, other = tenants
    async with postgres_access(database_url, pool_size=1) as access:
        await start_pause(access, one, "A__a")
        await start_pause(access, other, "B__b")
        with pytest.raises(NotAllowed):
            await start_pause(access, one, "C__c", tenant_role="member")
        await start_pause(access, one, "D__d")
    with connect(database_url) as connection:
        assert connection.execute(PAUSES).fetchall() == [(one, "A__a"), (other, "B__b"), (one, "D__d")]


async def test_a_login_that_has_the_rights_of_tenants_only_when_it_becomes_one_can_call(
    database_url: str, plain_url: str, tenants: list[UUID]
) -> None:
    async with postgres_access(plain_url, pool_size=1) as access:
        await start_pause(access, tenants[0], "A__a")
    with connect(database_url) as connection:
        assert connection.execute(PAUSES).fetchall() == [(tenants[0], "A__a")]


async def start_pause(access: Access, tenant: UUID, tool: str, *, tenant_role: str = "owner") -> None:
    claims = {"tenant_id": str(tenant), "sub": "u", "role": "authenticated", "tenant_role": tenant_role}
    backends: Backends = access.as_tenant(tenant, claims, Door.API, None)
    await backends.pauses.start(tenant, PauseKind.TOOL, tool, reason="r", ends_at=None, actor=USER)
