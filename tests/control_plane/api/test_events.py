"""`GET /v1/events`: the changes of a tenant as they happen."""

import asyncio
import socket
import time
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import cast

import httpx
import pytest
from fastapi import FastAPI

from control_plane.api import event_stream, events
from services import follow_audit_log
from services.outbox import Disposition, Settlement
from tests.control_plane.api.conftest import Api, Client, a_proposal, jwt
from tests.control_plane.api.served import Event, served, streaming
from tests.worker.world import eventually

MINUTE = timedelta(minutes=1)


def app_of(api: Api) -> FastAPI:
    return cast("FastAPI", cast("httpx.ASGITransport", api.http._transport).app)  # noqa: SLF001


def token_of(client: Client) -> str:
    assert client.token is not None
    return client.token


async def propose(client: Client, count: int = 1) -> list[str]:
    """Proposes, and gives the ids."""
    answers = [await client.post("/v1/envelopes", json=a_proposal()) for _ in range(count)]
    return [answer.json()["envelope"]["id"] for answer in answers]


def ids(found: list[Event]) -> list[str]:
    return [event.data["envelope_id"] for event in found]


async def test_a_tenant_sees_its_own_changes_and_nobody_elses(api: Api) -> None:
    agent, stranger = await api.as_agent(), api.as_user(tenant=api.other_tenant)
    async with served(app_of(api)) as url, streaming(url, token_of(agent)) as stream:
        connected = await stream.next()
        await propose(stranger, 2)
        [envelope] = await propose(agent)
        [event] = await stream.named(1)

    assert stream.response.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert (connected.comment, connected.name) == ("connected", None)
    assert (event.name, event.data["category"]) == ("envelope.proposed", "envelope.proposed")
    assert (event.data["envelope_id"], event.data["tenant_id"]) == (envelope, str(api.tenant))
    assert event.data["actor"] == {"type": "agent", "id": "bot"}
    assert event.data["payload"]["tool_slug"] == "SLACK__chat.post"
    assert connected.id is not None
    assert event.id == str(int(connected.id) + 1)


async def test_a_user_may_not_follow_another_tenant_and_an_operator_names_one(api: Api) -> None:
    params = {"tenant_id": str(api.other_tenant)}
    async with served(app_of(api)) as url:
        refused = await api.as_user().get("/v1/events", params=params)
        async with streaming(url, token_of(api.as_operator()), **params) as stream:
            await stream.next()
            [envelope] = await propose(api.as_user(tenant=api.other_tenant))
            seen = ids(await stream.named(1))
    assert (refused.status_code, seen) == (404, [envelope])


async def test_an_operator_follows_all_tenants_and_goes_on_without_gap_or_duplicate(api: Api) -> None:
    agents = [await api.as_agent(), await api.as_agent(tenant=api.other_tenant)]
    seen: list[Event] = []
    async with served(app_of(api)) as url, asyncio.TaskGroup() as group:
        async with streaming(url, token_of(api.as_operator())) as stream:
            last = (await stream.next()).id
        proposing = [group.create_task(propose(agent, 15)) for agent in agents]
        while len(seen) < 30:
            async with streaming(url, token_of(api.as_operator()), last=last, category="envelope.") as stream:
                seen += await stream.named(min(4, 30 - len(seen)))
                last = seen[-1].id
    for tenant, task in zip((api.tenant, api.other_tenant), proposing, strict=True):
        assert ids([event for event in seen if event.data["tenant_id"] == str(tenant)]) == task.result()


async def test_a_place_among_all_tenants_that_is_none_is_refused_and_an_unknown_one_gives_a_reset(api: Api) -> None:
    operator = api.as_operator()
    for last in ("", "1", "5:4:", "1:9:3,2", "1:9:9", "1:2:/1:2:/x/1", "0:0:", "9" * 30 + ":1:"):
        refused = await operator.get("/v1/events", headers={"Last-Event-ID": last})
        assert refused.status_code == 422, last
    async with served(app_of(api)) as url, streaming(url, token_of(operator), last=f"{10**17}:{10**17}:") as stream:
        reset = await stream.next()
        [envelope] = await propose(api.as_user())
        assert (reset.name, ids(await stream.named(1))) == ("reset", [envelope])


async def test_only_the_categories_that_were_asked_for_come(api: Api) -> None:
    owner = api.as_user()
    async with served(app_of(api)) as url, streaming(url, token_of(owner), category="envelope.cancel") as stream:
        await stream.next()
        [envelope] = await propose(owner)
        await owner.post(f"/v1/envelopes/{envelope}/cancel")
        [event] = await stream.named(1)
    assert (event.name, event.data["envelope_id"]) == ("envelope.cancelled", envelope)


async def test_a_client_that_reconnects_while_events_come_misses_and_repeats_none(api: Api) -> None:
    agent = await api.as_agent()
    seen: list[Event] = []
    async with served(app_of(api)) as url, asyncio.TaskGroup() as group:
        async with streaming(url, token_of(agent)) as stream:
            last = (await stream.next()).id
        proposing = group.create_task(propose(agent, 40))
        while len(seen) < 40:
            async with streaming(url, token_of(agent), last=last) as stream:
                seen += await stream.named(min(7, 40 - len(seen)))
                last = seen[-1].id
    assert ids(seen) == proposing.result()


async def test_an_id_that_is_too_old_or_unknown_gives_a_reset_and_the_stream_goes_on(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follow_audit_log, "MAX_ROWS_BEHIND", 3)
    agent = await api.as_agent()
    await propose(agent, 5)
    async with served(app_of(api)) as url:
        for last in ("0", "999999"):
            async with streaming(url, token_of(agent), last=last) as stream:
                reset = await stream.next()
                [envelope] = await propose(agent)
                [event] = await stream.named(1)
            assert (reset.name, event.data["envelope_id"]) == ("reset", envelope)
            assert int(event.id or 0) == int(reset.id or 0) + 1


async def test_an_id_that_is_none_is_refused(api: Api) -> None:
    owner = api.as_user()
    for last in ("x", "-1", "9" * 19, "1" * 30, "١"):
        refused = await owner.get("/v1/events", headers={"Last-Event-ID": last.encode()})
        assert refused.status_code == 422, last


async def test_a_quiet_stream_has_heartbeats_with_the_id_to_go_on_after(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "HEARTBEAT_EVERY", timedelta(milliseconds=50))
    owner = api.as_user()
    async with served(app_of(api)) as url, streaming(url, token_of(owner), category="nothing.") as stream:
        first = await stream.next()
        await propose(owner)
        while (beat := await stream.next()).id == first.id:
            pass
    assert (beat.comment, beat.id) == ("heartbeat", str(int(first.id or 0) + 1))


async def test_a_stream_ends_when_its_token_is_revoked_or_expires(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "HEARTBEAT_EVERY", timedelta(milliseconds=20))
    monkeypatch.setattr(events, "CHECK_TOKEN_EVERY", 0.02)
    owner = api.as_user()
    body = {"agent": "bot", "scopes": ["read"], "expires_in": 3600}
    issued = (await owner.post("/v1/api-tokens", json=body)).json()
    async with served(app_of(api)) as url:
        async with streaming(url, issued["secret"]) as stream:
            await stream.next()
            await owner.delete(f"/v1/api-tokens/{issued['token']['id']}")
            await stream.until_end()
        expiring = jwt(tenant_id=str(api.tenant), exp=int(time.time()) - 6)  # within the leeway of 10 s
        async with streaming(url, expiring) as stream:
            await stream.until_end()


async def test_a_client_that_never_reads_does_not_hold_up_others_and_is_let_go(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_stream, "SEND_WITHIN", 1.0)
    monkeypatch.setattr(
        events, "row_event", lambda row, at: event_stream.row_event(row, at=at) + b": " + b"x" * 2**18 + b"\n\n"
    )
    agent = await api.as_agent()
    async with served(app_of(api)) as url, AsyncExitStack() as close_at_end:
        host, port = url.removeprefix("http://").split(":")
        client = socket.socket()
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.connect((host, int(port)))
        reader, writer = await asyncio.open_connection(sock=client, limit=1024)
        close_at_end.callback(writer.transport.abort)
        writer.write(f"GET /v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {agent.token}\r\n\r\n".encode())
        await reader.readuntil(b": connected")
        async with streaming(
            url, token_of(api.as_operator()), tenant_id=str(api.tenant), category="envelope."
        ) as other:
            await other.next()
            async with asyncio.timeout(60):
                while app_of(api).state.feed.followers > 1:
                    envelopes = await propose(agent, 5)
                    assert ids(await other.named(5)) == envelopes
            await eventually(lambda: app_of(api).state.streams.count == 1)


async def test_open_streams_end_when_the_server_stops(api: Api) -> None:
    async with asyncio.timeout(60), served(app_of(api)) as url, streaming(url, token_of(api.as_user())) as stream:
        await stream.next()
        app_of(api).state.feed.close()
        await stream.until_end()


async def test_a_wait_ends_at_the_settlement(api: Api) -> None:
    agent = await api.as_agent()
    [envelope] = await propose(agent)
    outbox = api.access.operator.outbox
    async with asyncio.timeout(50), asyncio.TaskGroup() as group:
        waiting = group.create_task(agent.get(f"/v1/envelopes/{envelope}", params={"wait": 60}))
        await eventually(lambda: app_of(api).state.feed.followers == 1)
        await propose(agent)  # of another envelope
        [claimed] = await outbox.claim("worker", limit=1, lease_for=MINUTE)
        settlement = Settlement(
            lease=claimed.lease, envelope_id=claimed.envelope.id, to=Disposition.SUCCESS, result={"ok": True}
        )
        await outbox.settle("worker", [settlement])
        await waiting
    assert (waiting.result().json()["id"], waiting.result().json()["status"]) == (envelope, "success")
