"""The API over a project's Data API instead of a database connection: every call of a tenant carries its own JWT."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from control_plane.api.app import create_app
from control_plane.auth import make_local_verifier
from services.backends.database.transport.signed_jwt import SignedJwt
from services.backends.open import supabase_access
from services.clock import utc_now
from services.database.rest import RestStack
from services.database.rest.keys import Keys
from services.envelope import Door
from services.errors import NotReady
from services.tenants import Tenant
from tests.clock import FakeClock
from tests.control_plane.api.conftest import OPERATOR, Api, a_proposal, with_two_tenants
from tests.control_plane.api.served import served, streaming
from tests.worker.world import eventually


@pytest.fixture
async def rest_api(rest: RestStack, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Api]:
    """As `api`, over PostgREST."""
    monkeypatch.setattr("tests.control_plane.api.conftest.KEYS", rest.keys)
    sign = _signer(rest.keys)
    async with (
        supabase_access(rest.url, rest.keys.secret, sign=sign) as access,
        with_two_tenants(access, create_app(access, make_local_verifier(rest.keys))) as api,
    ):
        yield api


def _signer(keys: Keys) -> Any:
    return lambda claims: keys.sign(dict(claims))


async def test_users_and_agents_do_the_same_as_over_a_connection(rest_api: Api) -> None:
    agent, stranger = await rest_api.as_agent(), rest_api.as_user(tenant=rest_api.other_tenant)

    proposed = await agent.post("/v1/envelopes", json=a_proposal())
    path = proposed.headers["location"]

    assert proposed.status_code == 201
    assert (await agent.get(path)).json() == proposed.json()["envelope"]
    assert (await stranger.get(path)).status_code == 404
    assert (await stranger.get("/v1/envelopes")).json()["items"] == []
    cancelled = await rest_api.as_user("reviewer").post(f"{path}/cancel")
    assert cancelled.json()["status"] == "cancelled"


async def test_events_come_without_a_connection_to_listen_on_and_a_wait_ends(rest_api: Api) -> None:
    agent, stranger = await rest_api.as_agent(), rest_api.as_user(tenant=rest_api.other_tenant)
    operator = rest_api.as_operator()
    async with (
        served(rest_api.app) as url,
        streaming(url, str(agent.token)) as own,
        streaming(url, str(operator.token), category="envelope.") as everything,
    ):
        await own.next()
        await everything.next()
        foreign = (await stranger.post("/v1/envelopes", json=a_proposal())).json()["envelope"]["id"]
        envelope = (await agent.post("/v1/envelopes", json=a_proposal())).json()["envelope"]["id"]
        async with asyncio.TaskGroup() as group:
            waiting = group.create_task(agent.get(f"/v1/envelopes/{envelope}", params={"wait": 30}))
            await eventually(lambda: rest_api.app.state.feed.followers == 2)
            await agent.post(f"/v1/envelopes/{envelope}/cancel")
        seen = [(event.name, event.data["envelope_id"]) for event in await own.named(2)]
        all_ids = {event.data["envelope_id"] for event in await everything.named(3)}

    assert seen == [("envelope.proposed", envelope), ("envelope.cancelled", envelope)]
    assert all_ids == {foreign, envelope}
    assert waiting.result().json()["status"] == "cancelled"


async def test_an_agents_services_outlive_the_jwt_they_began_with(rest: RestStack) -> None:
    """As those of an event stream do."""
    clock = FakeClock(utc_now() - timedelta(hours=1))
    agent = {"sub": "bot", "role": "authenticated", "aud": "authenticated", "tenant_role": "agent"}
    async with supabase_access(rest.url, rest.keys.secret, sign=_signer(rest.keys), clock=clock) as access:
        tenant = uuid4()
        await access.operator.tenants.save(Tenant(id=tenant, name="Acme"), actor=OPERATOR)
        backends = access.as_tenant(tenant, {**agent, "tenant_id": str(tenant)}, Door.API, None)

        with pytest.raises(NotReady, match=r"rejects the JWT of a tenant's call .*JWT expired"):
            await backends.tenants.list_tenants()
        clock.advance(hours=1)
        assert [own.id for own in await backends.tenants.list_tenants()] == [tenant]


async def test_a_jwt_is_signed_again_when_half_of_its_time_has_passed() -> None:
    clock = FakeClock(utc_now())
    began = int(clock().timestamp())
    find_jwt = SignedJwt({"sub": "bot"}, lambda claims: f"{claims['sub']} {claims['exp'] - began}", clock)
    signed = []
    for seconds in (0, 29, 1, 29, -60):
        clock.advance(seconds=seconds)
        signed.append(find_jwt())
    assert signed == ["bot 60", "bot 60", "bot 90", "bot 90", "bot 59"]


async def test_a_member_is_refused_by_the_database(rest_api: Api) -> None:
    member = rest_api.as_user("member")
    etag = (await member.get("/v1/guardrails")).headers["etag"]

    refused = await member.patch("/v1/guardrails", json={"trust_threshold": 0.5}, headers={"If-Match": etag})

    assert refused.status_code == 403
    assert "tenant_role" in refused.json()["detail"]
