"""Functions of applications serve operators and tenants alike: `acting_caller` tells who calls, for which tenant."""

import json
from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import psycopg
import pytest

from services.backends import Access, Backends
from services.backends.functions import Functions
from services.backends.open import postgres_access, supabase_access
from services.database.connect import connect
from services.envelope import Door
from services.errors import InvalidInput, NotAllowed, NotFound
from tests.builders import NOW
from tests.conftest import RestFor
from tests.db.roles import act_as, every_role_allowed, rolled_back

A, B = UUID("a11ce000-0000-4000-8000-000000000001"), UUID("b0b00000-0000-4000-8000-000000000002")
TELL = """
-- call: not repeatable
create or replace function drafts.tell_caller(
  tenant uuid default null, actor_type text default 'operator', actor_id text default null, door text default null,
  as_of timestamptz default null
)
returns jsonb language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  caller constant record := app_private.acting_caller(tenant, actor_type, actor_id, door, 'owner', 'reviewer');
begin
  return to_jsonb(caller) || jsonb_build_object(
    'noted_door', nullif(current_setting('app.door', true), ''), 'is_now', app_private.acting_moment(as_of) = now()
  );
end
$$;
alter function drafts.tell_caller owner to app_owner;
revoke all on function drafts.tell_caller from public;
grant execute on function drafts.tell_caller to authenticated, service_role, app_rw;
"""
OPERATOR_ONLY = """
-- call: not repeatable
create or replace function drafts.tell_operators()
returns jsonb language sql security definer as $$ select '1'::jsonb $$;
revoke all on function drafts.tell_operators from public;
grant execute on function drafts.tell_operators to service_role, app_rw;
"""


@pytest.fixture(scope="module")
def prepared_url(module_database_url: str) -> str:
    """A database with the two tenants and the two functions. Tests change nothing in it."""
    with connect(module_database_url) as connection:
        connection.execute(TELL.encode())
        connection.execute(OPERATOR_ONLY.encode())
        connection.execute("insert into public.tenants (id, name) values (%s, 'a'), (%s, 'b')", [A, B])
    return module_database_url


@pytest.fixture(scope="module", params=["postgres", "supabase"])
async def access(
    request: pytest.FixtureRequest, prepared_url: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Access]:
    """Functions of an application that tell who calls."""
    folder = tmp_path_factory.mktemp("functions")
    (folder / "drafts").mkdir()
    (folder / "drafts" / "tell_caller.sql").write_text(TELL)
    (folder / "drafts" / "tell_operators.sql").write_text(OPERATOR_ONLY)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("services.backends.database.transport.functions.FUNCTIONS_DIR", folder)
        if request.param == "postgres":
            async with postgres_access(prepared_url, pool_size=1) as opened:
                yield opened
            return
        rest_for: RestFor = request.getfixturevalue("rest_for")
        with rest_for(prepared_url) as stack:
            keys = stack.keys
            async with supabase_access(stack.url, keys.secret, sign=lambda claims: keys.sign(dict(claims))) as opened:
                yield opened


def as_user(access: Access, *, tenant_role: str = "reviewer") -> Functions:
    claims = {"tenant_id": str(A), "sub": "maria", "role": "authenticated", "tenant_role": tenant_role}
    return calls(access.as_tenant(A, claims, Door.API, None))


def calls(backends: Backends) -> Functions:
    assert backends.functions is not None
    return backends.functions


async def test_an_operator_names_tenant_actor_door_and_time(access: Access) -> None:
    told = await calls(access.operator).call(
        "drafts.tell_caller", tenant=B, actor_type="operator", actor_id="olga", door="cli", as_of=NOW
    )
    assert told == {
        "tenant_id": str(B), "actor_type": "operator", "actor_id": "olga", "door": "cli", "noted_door": "cli",
        "is_now": False,
    }  # fmt: skip


async def test_an_operator_names_a_tenant_that_exists(access: Access) -> None:
    with pytest.raises(NotFound, match="no tenant"):
        await calls(access.operator).call("drafts.tell_caller", tenant=uuid4(), actor_id="olga")
    with pytest.raises(InvalidInput, match="tenant: is required"):
        await calls(access.operator).call("drafts.tell_caller", tenant=None, actor_id="olga")


@pytest.mark.parametrize(("tenant_role", "actor_type"), [("owner", "user"), ("reviewer", "user")])
async def test_a_user_is_known_by_the_claims_whatever_the_use_case_passes(
    access: Access, tenant_role: str, actor_type: str
) -> None:
    told = await as_user(access, tenant_role=tenant_role).call(
        "drafts.tell_caller", tenant=A, actor_type="operator", actor_id="somebody else", door="cli", as_of=NOW
    )
    door = "api" if access.operator.name == "postgres" else None  # PostgREST passes no door on
    assert told == {
        "tenant_id": str(A), "actor_type": actor_type, "actor_id": "maria", "door": door or "sql",
        "noted_door": door, "is_now": True,
    }  # fmt: skip


async def test_a_user_cannot_name_another_tenant(access: Access) -> None:
    with pytest.raises(NotFound, match=str(B)):
        await as_user(access).call("drafts.tell_caller", tenant=B)


@pytest.mark.parametrize("tenant_role", ["member", "agent"])
async def test_a_role_that_is_not_among_those_allowed_is_refused(access: Access, tenant_role: str) -> None:
    with pytest.raises(NotAllowed, match=f"tenant_role: {tenant_role} may not do this; allowed: owner, reviewer"):
        await as_user(access, tenant_role=tenant_role).call("drafts.tell_caller")


async def test_a_tenant_cannot_call_what_only_operators_may_call(access: Access) -> None:
    assert await calls(access.operator).call("drafts.tell_operators") == 1
    with pytest.raises(NotAllowed, match="tenants may not do this"):
        await as_user(access).call("drafts.tell_operators")


USER = {"role": "authenticated", "tenant_id": str(A), "sub": "maria", "tenant_role": "owner"}


@pytest.mark.parametrize(
    ("claims", "argument", "sqlstate", "says"),
    [
        (USER, f"tenant => '{B}'", "PT404", f"tenant_id: no tenant {B}"),
        (USER, "actor_type => 'system'", "PT403", "actor_type, actor_id, door: a tenant cannot choose them"),
        (USER, "actor_id => 'olga'", "PT403", "actor_type, actor_id, door: a tenant cannot choose them"),
        (USER, "door => 'cli'", "PT403", "actor_type, actor_id, door: a tenant cannot choose them"),
        (USER, "as_of => '2020-01-01'", "PT403", "as_of: a tenant cannot choose it"),
        ({"role": "authenticated"}, f"tenant => '{A}'", "PT403", "tenant_id: the token lacks this claim"),
        ({}, f"tenant => '{A}'", "PT403", "tenant_id: the token lacks this claim"),
    ],
)
def test_a_session_of_a_tenant_is_refused_what_is_an_operators(
    prepared_url: str, claims: dict[str, str], argument: str, sqlstate: str, says: str
) -> None:
    """As a client that sends requests to PostgREST itself."""
    with rolled_back(prepared_url) as connection:
        act_as(connection, "authenticated", claims)
        with pytest.raises(psycopg.Error) as refusal:
            connection.execute(f"select drafts.tell_caller({argument})".encode())
    assert (refusal.value.sqlstate, refusal.value.diag.message_primary) == (sqlstate, says)


def test_claims_of_a_tenant_count_also_in_a_session_that_could_act_as_an_operator(prepared_url: str) -> None:
    """The role of the claims decides if the session has not taken it."""
    with rolled_back(prepared_url) as connection:
        connection.execute("select set_config('request.jwt.claims', %s, true)", [json.dumps(USER)])
        with pytest.raises(psycopg.Error, match="no tenant"):
            connection.execute("select drafts.tell_caller(%s)", [B])


@pytest.mark.parametrize("role", ["service_role", "app_rw"])
def test_a_session_of_an_operators_role_may_name_every_tenant(prepared_url: str, role: str) -> None:
    with rolled_back(prepared_url) as connection, every_role_allowed(connection):
        act_as(connection, role, {"role": role})
        told = connection.execute("select drafts.tell_caller(%s, actor_id => 'olga') ->> 'tenant_id'", [B]).fetchall()
    assert told == [(str(B),)]
