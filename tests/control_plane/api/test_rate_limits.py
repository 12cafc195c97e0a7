"""Requests are limited per tenant and per caller, over all replicas; strangers per address."""

import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any
from uuid import UUID

import httpx
import psycopg
import pytest

from control_plane.api.app import create_app
from control_plane.auth import make_local_verifier
from control_plane.mcp.http import mount
from services.database.connect import connect
from services.request_limits import RequestLimits
from tests.control_plane.api.conftest import KEYS, OPERATOR, WEBHOOK_KEY, Api, Client, a_proposal
from tests.control_plane.api.test_inbound_webhooks import create, send

LIMITS = RequestLimits(tenant=100, caller=50)
LIST = "/v1/envelopes"
POLICY = re.compile(r'"(\w+)";q=(\d+);w=(\d+)')
STATE = re.compile(r'"(\w+)";r=(\d+);t=(\d+)')


@pytest.fixture
def admin(database_url: str) -> Iterator[psycopg.Connection]:
    with connect(database_url) as connection:
        yield connection


def leave(admin: psycopg.Connection, tenant: UUID, tokens: int, caller: str = "") -> None:
    """Leave so many tokens in a bucket, which gains none: it was filled in an hour from now."""
    admin.execute(
        "insert into app_private.request_buckets values (%s, %s, %s, now() + interval '1 hour', true)"
        " on conflict (tenant_id, caller) do update set tokens = excluded.tokens, filled_at = excluded.filled_at",
        [tenant, caller, tokens],
    )
    admin.commit()


@asynccontextmanager
async def replica(api: Api, *, address: str = "192.0.2.1", **options: Any) -> AsyncIterator[httpx.AsyncClient]:
    """Another process of the API over the same database."""
    app = create_app(api.access, make_local_verifier(KEYS), **{"limits": LIMITS, **options})
    mount(app)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False, client=(address, 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://api") as http:
        yield http


def parse(pattern: re.Pattern[str], text: str) -> dict[str, tuple[int, int]]:
    """A list of structured fields (RFC 9651): each a name in quotes, with two parameters."""
    members = [pattern.fullmatch(member) for member in text.split(", ")]
    assert all(members), text
    return {each[1]: (int(each[2]), int(each[3])) for each in members if each is not None}


async def test_replicas_share_the_limit_of_a_tenant_and_leave_the_others_alone(
    api: Api, admin: psycopg.Connection
) -> None:
    one, two = api.as_user("member"), api.as_user("member")
    stranger = api.as_user(tenant=api.other_tenant)
    leave(admin, api.tenant, 3)

    async with replica(api) as first, replica(api) as second:
        answers = [await replace(each, http=http).get(LIST) for each in (one, two) for http in (first, second, first)]
        others = [await replace(stranger, http=http).get(LIST) for http in (first, second)]
        operator = await replace(api.as_operator(), http=first).get(LIST)

    assert [each.status_code for each in answers] == [200, 200, 200, 429, 429, 429]
    assert [each.status_code for each in (*others, operator)] == [200, 200, 200]
    refused = answers[3]
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["detail"].startswith("tenant: its tokens and users together have made more than 100 requests")
    assert int(refused.headers["retry-after"]) >= 1
    assert parse(STATE, refused.headers["ratelimit"])["tenant"][0] == 0


async def test_a_refused_token_leaves_the_others_of_its_tenant_alone(api: Api, admin: psycopg.Connection) -> None:
    agent, other = await api.as_agent(), await api.as_agent()
    token_id = (await api.as_user().get("/v1/api-tokens")).json()["items"]
    async with replica(api) as http:
        await replace(agent, http=http).get(LIST)
        [(caller,)] = admin.execute(
            "select caller from app_private.request_buckets where caller like 'token:%%'"
        ).fetchall()
        leave(admin, api.tenant, 1, caller)
        answers = [await replace(each, http=http).get(LIST) for each in (agent, agent, other, agent)]

    assert [each.status_code for each in answers] == [200, 429, 200, 429]
    assert caller.removeprefix("token:") in {each["id"] for each in token_id}
    assert answers[1].json()["detail"].startswith("token: it has made more than 50 requests in a minute; try again in")


async def test_a_wait_for_an_envelope_counts_as_a_request(api: Api, admin: psycopg.Connection) -> None:
    agent = await api.as_agent()
    path = (await agent.post(LIST, json=a_proposal())).headers["location"]
    leave(admin, api.tenant, 1)
    async with replica(api) as http:
        answers = [await replace(agent, http=http).get(path, params={"wait": 0.01}) for _ in range(2)]
    assert [each.status_code for each in answers] == [200, 429]


async def test_every_answer_tells_what_is_left(api: Api) -> None:
    async with replica(api) as http:
        answer = await replace(api.as_user(), http=http).get(LIST)
    assert parse(POLICY, answer.headers["ratelimit-policy"]) == {"tenant": (100, 60), "token": (50, 60)}
    assert {name: left for name, (left, _) in parse(STATE, answer.headers["ratelimit"]).items()} == {
        "tenant": 99, "token": 49,
    }  # fmt: skip
    assert "retry-after" not in answer.headers


async def test_agents_over_mcp_share_the_limit_and_get_429_not_401(api: Api, admin: psycopg.Connection) -> None:
    agent = await api.as_agent()
    leave(admin, api.tenant, 0)
    async with replica(api) as http:
        refused = await replace(agent, http=http).post("/mcp", json={"jsonrpc": "2.0", "id": 1, "method": "ping"})
    assert refused.status_code == 429
    assert {"ratelimit", "ratelimit-policy", "retry-after"} <= set(refused.headers)


async def test_an_operator_limits_one_tenant(api: Api) -> None:
    operator, path = api.as_operator(), f"/v1/tenants/{api.tenant}/request-limits"
    body = {"requests_per_minute": 7, "token_requests_per_minute": 0}
    forbidden = [await each.put(path, json=body) for each in (api.as_user(), await api.as_agent())]
    unknown = await operator.put("/v1/tenants/00000000-0000-4000-8000-000000000000/request-limits", json=body)
    invalid = await operator.put(path, json={**body, "requests_per_minute": -1})
    saved = await operator.put(path, json=body)

    async with replica(api) as http:
        answer = await replace(api.as_user(), http=http).get(LIST)

    assert [each.status_code for each in (*forbidden, unknown, invalid)] == [403, 403, 404, 422]
    assert {name: saved.json()[name] for name in body} == body
    assert parse(POLICY, answer.headers["ratelimit-policy"]) == {"tenant": (7, 60)}
    await api.access.operator.tenants.set_request_limits(
        api.tenant, requests_per_minute=None, token_requests_per_minute=None, actor=OPERATOR
    )


async def test_an_address_with_many_wrong_tokens_is_refused_but_good_tokens_from_it_are_not(api: Api) -> None:
    wrong = f"acp_{api.tenant}_" + "x" * 43
    good, unseen = api.as_user(), api.as_user()
    async with (
        replica(api, failed_tokens=3) as http,
        httpx.AsyncClient(
            transport=httpx.ASGITransport(http._transport.app, client=("2001:db8::7", 1)),  # type: ignore[attr-defined]  # noqa: SLF001  # the same process
            base_url="http://api",
        ) as elsewhere,
    ):
        assert (await replace(good, http=http).get(LIST)).status_code == 200
        refused = [await Client(http, f"{wrong}{n}").get(LIST) for n in range(5)]
        assert (await replace(good, http=http).get(LIST)).status_code == 200
        assert (await replace(unseen, http=http).get(LIST)).status_code == 429
        assert (await Client(http, None).get(LIST)).status_code == 401
        assert (await replace(unseen, http=elsewhere).get(LIST)).status_code == 200

    assert [each.status_code for each in refused] == [401, 401, 401, 429, 429]
    assert int(refused[3].headers["retry-after"]) >= 1


async def test_signed_events_count_for_their_tenant(api: Api, admin: psycopg.Connection) -> None:
    made = await create(api.as_user("owner"))
    async with replica(api, webhook_key=WEBHOOK_KEY) as http:
        answers = [await send(replace(api, http=http), made["path"], made["secret"]) for _ in range(2)]
        [(sender,)] = admin.execute(
            "select caller from app_private.request_buckets where caller like 'webhook:%%'"
        ).fetchall()
        leave(admin, api.tenant, 1, sender)
        answers += [await send(replace(api, http=http), made["path"], made["secret"]) for _ in range(2)]
        user = await replace(api.as_user(), http=http).get(LIST)

    assert [each.status_code for each in answers] == [204, 204, 204, 429]
    assert sender == f"webhook:{made['webhook']['id']}"
    assert {"ratelimit", "retry-after"} <= set(answers[3].headers)
    assert parse(STATE, user.headers["ratelimit"])["tenant"][0] <= 97, "the events took three of the tenant's"


async def test_an_address_with_many_wrong_signatures_is_refused_and_senders_that_were_good_are_not(
    api: Api, admin: psycopg.Connection
) -> None:
    made, unseen = await create(api.as_user("owner")), await create(api.as_user("owner"), "unseen")
    unknown = made["path"].rpartition("/")[0] + "/00000000-0000-4000-8000-000000000000"
    wrong = "whsec_" + "A" * 32
    async with replica(api, webhook_key=WEBHOOK_KEY, failed_tokens=3) as http:
        here = replace(api, http=http)
        first = await send(here, made["path"], made["secret"])
        strangers = [await send(here, path, wrong) for path in (unseen["path"], unknown, unknown, unknown)]
        refused = await send(here, unseen["path"], unseen["secret"])
        second = await send(here, made["path"], made["secret"])
        wrong_ones = [await send(here, made["path"], wrong) for _ in range(4)]

    assert (first.status_code, refused.status_code, second.status_code) == (204, 429, 204)
    assert [each.status_code for each in strangers] == [401, 404, 404, 429]
    assert refused.json()["detail"].startswith("address: it sent more than 3 wrong tokens or signatures in a minute")
    assert [each.status_code for each in wrong_ones] == [401, 401, 401, 429]
    [(left,)] = admin.execute(
        "select tokens from app_private.request_buckets where caller like 'webhook:%%'"
    ).fetchall()
    assert left >= LIMITS.caller - 2, "what nobody signed costs the tenant nothing"
