"""Whatever a host sends, each call gets its own answer or a clean failure, never what belongs to another call."""

import asyncio
import json
import socket
from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from pydantic import SecretStr

from services.tools import Outcome, Success, ToolCall
from services.tools.http.connection import Connection, Exchange
from services.tools.http.provider import HttpProvider
from services.tools.outgoing import AllowedHosts
from tests.tools.builders import a_call, a_tool
from tests.tools.hostile import ANSWERS, BROKEN, CLOSE, SURPLUS, WAIT, HostileServer, sized

SECRETS = {"crm": SecretStr("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")}
HERE = AllowedHosts(("127.0.0.1",))
HOSTILE, NEIGHBOUR = (UUID(int=4 << 76 | 8 << 60 | n) for n in (1, 2))
LATER = ("at once", "later")


@pytest.fixture(autouse=True)
def _no_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a connection is found out by must not depend on how long it rested."""
    monkeypatch.setattr("services.tools.http.pool.MIN_IDLE", 0)


def call_of(server: HostileServer, tenant: UUID, *, seconds: float = 60) -> ToolCall:
    tool = a_tool(config={"url": f"http://127.0.0.1:{server.port}/", "secret": "crm"})
    return replace(a_call(tool, seconds=seconds), tenant_id=tenant)


def own(call: ToolCall) -> Success:
    return Success(result={"for": str(call.envelope_id)})


async def told(http: HttpProvider, call: ToolCall, others: list[ToolCall]) -> Outcome:
    """What came of the call; it may hold nothing of any other."""
    outcome = await http.execute(call)
    said = json.dumps(outcome.result) if isinstance(outcome, Success) else outcome.error
    assert not [other for other in others if str(other.envelope_id) in said]
    others.append(call)
    return outcome


@pytest.mark.parametrize("bytewise", [False, True])
@pytest.mark.parametrize("when", LATER)
@pytest.mark.parametrize("surplus", SURPLUS)
@pytest.mark.parametrize("answer", ANSWERS)
async def test_what_follows_an_answer_unasked_is_nobodys(answer: str, surplus: str, when: str, bytewise: bool) -> None:
    """In the same segment, or while the connection waits for another call, read by the event loop or not."""

    def script(body: bytes) -> list[bytes | object]:
        first, second = ANSWERS[answer](body), SURPLUS[surplus](body)
        return [first + second] if when == "at once" else [first, WAIT, second]

    async with (
        asyncio.timeout(60),
        HostileServer(victims=frozenset({str(NEIGHBOUR)}), script=script, bytewise=bytewise) as server,
        HttpProvider(SECRETS, concurrency=4, allowed_hosts=HERE) as http,
    ):
        earlier: list[ToolCall] = []
        for turns in (0, 3):
            server.gate.clear()
            await told(http, call_of(server, HOSTILE), earlier)
            server.gate.set()
            while await server.sent.get() != str(earlier[-1].envelope_id):
                pass
            for _ in range(turns):
                await asyncio.sleep(0)
            neighbours = call_of(server, NEIGHBOUR)
            assert await told(http, neighbours, earlier) == own(neighbours)
            await told(http, call_of(server, HOSTILE), earlier)
        if (surplus, when) != ("an empty line", "at once"):  # the parser counts that to the answer, and so may we
            assert server.connections == 5, "a request went over a connection on which something was left over"


@pytest.mark.parametrize("bytewise", [False, True])
@pytest.mark.parametrize("kind", BROKEN)
async def test_an_answer_that_breaks_the_rules_harms_no_other(kind: str, bytewise: bool) -> None:
    async with (
        asyncio.timeout(60),
        HostileServer(victims=frozenset({str(NEIGHBOUR)}), script=BROKEN[kind], bytewise=bytewise) as server,
        HttpProvider(SECRETS, concurrency=4, allowed_hosts=HERE) as http,
    ):
        earlier: list[ToolCall] = []
        for _ in range(2):
            await told(http, call_of(server, HOSTILE, seconds=0.3), earlier)
            if not kind.endswith("before the body was read"):  # then it answers everybody so
                neighbours = call_of(server, NEIGHBOUR)
                assert await told(http, neighbours, earlier) == own(neighbours)


@pytest.mark.parametrize("bytewise", [False, True])
@pytest.mark.parametrize("answer", [name for name in ANSWERS if not name.startswith(("204", "304", "length", "ref"))])
async def test_a_good_answer_is_read_however_it_is_cut_and_its_connection_kept(answer: str, bytewise: bool) -> None:
    async with (
        asyncio.timeout(60),
        HostileServer(script=lambda body: [ANSWERS[answer](body)], bytewise=bytewise) as server,
        HttpProvider(SECRETS, concurrency=4, allowed_hosts=HERE) as http,
    ):
        for _ in range(3):
            call = call_of(server, HOSTILE)
            assert await http.execute(call) == own(call)
    assert server.connections == 1


@pytest.mark.parametrize("left", [b"x", b"\r\n", sized(b"{}"), None])
async def test_what_the_event_loop_has_not_read_yet_counts_too(left: bytes | None) -> None:
    ours, theirs = socket.socketpair()
    with theirs:
        _, connection = await asyncio.get_running_loop().create_connection(Connection, sock=ours)
        theirs.send(sized(b"{}"))  # in time, or it would come unasked
        exchange = Exchange()
        await connection.send_request(b"?", exchange)
        assert (bytes(exchange.body), connection.is_reusable()) == (b"{}", True)
        if left is None:
            theirs.shutdown(socket.SHUT_WR)
        else:
            theirs.send(left)
        assert not connection.is_reusable()
        connection.close()


@pytest.mark.parametrize("answer", ["204 with a length", "204 chunked", "304 with a length"])
async def test_a_body_that_was_promised_where_none_may_be_is_waited_for_by_nobody(answer: str) -> None:
    async with (
        asyncio.timeout(60),
        HostileServer(script=lambda body: [ANSWERS[answer](body)]) as server,
        HttpProvider(SECRETS, concurrency=4, allowed_hosts=HERE) as http,
    ):
        for _ in range(2):
            await http.execute(call_of(server, HOSTILE))
    assert server.connections == 2


async def test_tenants_share_no_connection() -> None:
    async with (
        asyncio.timeout(60),
        HostileServer() as server,
        HttpProvider(SECRETS, concurrency=4, allowed_hosts=HERE) as http,
    ):
        for _ in range(2):
            for tenant in (HOSTILE, NEIGHBOUR):
                call = call_of(server, tenant)
                assert await http.execute(call) == own(call)
    assert server.connections == 2


async def test_who_answered_twice_once_gets_a_connection_for_each_call() -> None:
    """Its second answer may come late, when the next request is on the way: then nobody could tell."""
    times = [2, 1, 1, 1]
    async with (
        asyncio.timeout(60),
        HostileServer(script=lambda body: [sized(body) * times.pop(0)]) as server,
        HttpProvider(SECRETS, concurrency=4, allowed_hosts=HERE) as http,
    ):
        for _ in range(4):
            call = call_of(server, HOSTILE)
            assert await http.execute(call) == own(call)
    assert server.connections == 4


async def test_a_connection_rests_before_it_is_used_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.tools.http.pool.MIN_IDLE", 60)
    async with (
        asyncio.timeout(60),
        HostileServer() as server,
        HttpProvider(SECRETS, concurrency=4, allowed_hosts=HERE) as http,
    ):
        for _ in range(2):
            await http.execute(call_of(server, HOSTILE))
    assert server.connections == 2


async def test_a_server_that_closes_what_it_kept_open_loses_no_call() -> None:
    async with (
        asyncio.timeout(60),
        HostileServer(script=lambda body: [sized(body), WAIT, CLOSE]) as server,
        HttpProvider(SECRETS, concurrency=4, allowed_hosts=HERE) as http,
    ):
        for _ in range(50):
            server.gate.clear()
            call = call_of(server, HOSTILE)
            assert await http.execute(call) == own(call)
            server.gate.set()
            await server.all_closed.wait()


async def test_what_waits_unused_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.tools.http.pool.MAX_IDLE", 0.01)
    async with (
        asyncio.timeout(60),
        HostileServer() as server,
        HttpProvider(SECRETS, concurrency=4, allowed_hosts=HERE) as http,
    ):
        await http.execute(call_of(server, HOSTILE))
        await server.all_closed.wait()


async def test_a_thousand_tenants_hold_no_more_connections_than_two_for_each_call_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("services.tools.http.pool.MAX_IDLE", 60)
    async with (
        asyncio.timeout(60),
        HostileServer() as server,
        HttpProvider(SECRETS, concurrency=4, allowed_hosts=HERE) as http,
    ):
        most = 0
        for _ in range(1000):
            call = call_of(server, uuid4())
            assert await http.execute(call) == own(call)
            most = max(most, server.open)
        assert most <= 2 * 4 + 2  # and one or two that the server has not seen closing yet
