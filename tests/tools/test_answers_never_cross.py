"""Whatever a server sends, each call gets its own answer or a clean failure, never an answer of another call."""

import asyncio
import json
import resource
import socket
from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from pydantic import SecretStr

from services.tools import Outcome, Success, ToolCall
from services.tools.http.connection import Connection, Exchange
from services.tools.http.provider import HttpProvider, max_idle_connections
from services.tools.outgoing import AllowedHosts
from tests.tools.builders import a_call, a_tool
from tests.tools.hostile import ANSWERS, BROKEN, CLOSE, SURPLUS, WAIT, HostileServer, sized

SECRETS = {"crm": SecretStr("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")}
HERE = AllowedHosts(("127.0.0.1",))
HOSTILE, NEIGHBOUR = (UUID(int=4 << 76 | 8 << 60 | n) for n in (1, 2))
LATER = ("at once", "later")


@pytest.fixture(autouse=True)
def _reuse_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Unrequested bytes must be found even in connections that are reused at once."""
    monkeypatch.setattr("services.tools.http.pool.MIN_IDLE", 0)


def call_of(server: HostileServer, tenant: UUID, *, seconds: float = 60) -> ToolCall:
    tool = a_tool(config={"url": f"http://127.0.0.1:{server.port}/", "secret": "crm"})
    return replace(a_call(tool, seconds=seconds), tenant_id=tenant)


def own_answer(call: ToolCall) -> Success:
    return Success(result={"for": str(call.envelope_id)})


async def execute_and_check(http: HttpProvider, call: ToolCall, others: list[ToolCall]) -> Outcome:
    """The outcome of the call; asserts that it contains no id of the `others`."""
    outcome = await http.execute(call)
    text = json.dumps(outcome.result) if isinstance(outcome, Success) else outcome.error
    assert not [other for other in others if str(other.envelope_id) in text]
    others.append(call)
    return outcome


@pytest.mark.parametrize("bytewise", [False, True])
@pytest.mark.parametrize("when", LATER)
@pytest.mark.parametrize("surplus", SURPLUS)
@pytest.mark.parametrize("answer", ANSWERS)
async def test_unrequested_bytes_after_an_answer_reach_no_call(
    answer: str, surplus: str, when: str, bytewise: bool
) -> None:
    """They may come in the same segment or while the connection is idle, and may be unread."""

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
            await execute_and_check(http, call_of(server, HOSTILE), earlier)
            server.gate.set()
            while await server.sent.get() != str(earlier[-1].envelope_id):
                pass
            for _ in range(turns):
                await asyncio.sleep(0)
            neighbours = call_of(server, NEIGHBOUR)
            assert await execute_and_check(http, neighbours, earlier) == own_answer(neighbours)
            await execute_and_check(http, call_of(server, HOSTILE), earlier)
        if (surplus, when) != ("an empty line", "at once"):  # the parser takes it as part of the answer
            assert server.connections == 5, "a request went over a connection on which something was left over"


@pytest.mark.parametrize("bytewise", [False, True])
@pytest.mark.parametrize("kind", BROKEN)
async def test_an_invalid_answer_does_not_affect_other_calls(kind: str, bytewise: bool) -> None:
    async with (
        asyncio.timeout(60),
        HostileServer(victims=frozenset({str(NEIGHBOUR)}), script=BROKEN[kind], bytewise=bytewise) as server,
        HttpProvider(SECRETS, concurrency=4, allowed_hosts=HERE) as http,
    ):
        earlier: list[ToolCall] = []
        for _ in range(2):
            await execute_and_check(http, call_of(server, HOSTILE, seconds=0.3), earlier)
            if not kind.endswith("before the body was read"):  # such a server answers every call so
                neighbours = call_of(server, NEIGHBOUR)
                assert await execute_and_check(http, neighbours, earlier) == own_answer(neighbours)


@pytest.mark.parametrize("bytewise", [False, True])
@pytest.mark.parametrize("answer", [name for name in ANSWERS if not name.startswith(("204", "304", "length", "ref"))])
async def test_a_valid_answer_in_any_pieces_is_read_and_its_connection_kept(answer: str, bytewise: bool) -> None:
    async with (
        asyncio.timeout(60),
        HostileServer(script=lambda body: [ANSWERS[answer](body)], bytewise=bytewise) as server,
        HttpProvider(SECRETS, concurrency=4, allowed_hosts=HERE) as http,
    ):
        for _ in range(3):
            call = call_of(server, HOSTILE)
            assert await http.execute(call) == own_answer(call)
    assert server.connections == 1


@pytest.mark.parametrize("left", [b"x", b"\r\n", sized(b"{}"), None])
async def test_bytes_that_the_event_loop_has_not_read_make_a_connection_unusable(left: bytes | None) -> None:
    ours, theirs = socket.socketpair()
    with theirs:
        _, connection = await asyncio.get_running_loop().create_connection(Connection, sock=ours)
        theirs.send(sized(b"{}"))  # before the request, or it would count as unrequested
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
async def test_no_call_waits_for_the_body_of_a_status_without_one(answer: str) -> None:
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
                assert await http.execute(call) == own_answer(call)
    assert server.connections == 2


async def test_a_server_that_once_answered_twice_gets_a_new_connection_per_call() -> None:
    """A late second answer could arrive after the next request and be taken for its answer."""
    times = [2, 1, 1, 1]
    async with (
        asyncio.timeout(60),
        HostileServer(script=lambda body: [sized(body) * times.pop(0)]) as server,
        HttpProvider(SECRETS, concurrency=4, allowed_hosts=HERE) as http,
    ):
        for _ in range(4):
            call = call_of(server, HOSTILE)
            assert await http.execute(call) == own_answer(call)
    assert server.connections == 4


async def test_a_connection_is_idle_for_a_moment_before_it_is_used_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.tools.http.pool.MIN_IDLE", 60)
    async with (
        asyncio.timeout(60),
        HostileServer() as server,
        HttpProvider(SECRETS, concurrency=4, allowed_hosts=HERE) as http,
    ):
        for _ in range(2):
            await http.execute(call_of(server, HOSTILE))
    assert server.connections == 2


async def test_a_server_that_closes_an_idle_connection_loses_no_call() -> None:
    async with (
        asyncio.timeout(60),
        HostileServer(script=lambda body: [sized(body), WAIT, CLOSE]) as server,
        HttpProvider(SECRETS, concurrency=4, allowed_hosts=HERE) as http,
    ):
        for _ in range(50):
            server.gate.clear()
            call = call_of(server, HOSTILE)
            assert await http.execute(call) == own_answer(call)
            server.gate.set()
            await server.all_closed.wait()


async def test_idle_connections_are_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.tools.http.pool.MAX_IDLE", 0.01)
    async with (
        asyncio.timeout(60),
        HostileServer() as server,
        HttpProvider(SECRETS, concurrency=4, allowed_hosts=HERE) as http,
    ):
        await http.execute(call_of(server, HOSTILE))
        await server.all_closed.wait()


async def test_a_thousand_tenants_keep_at_most_eight_idle_connections_per_concurrent_call(
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
            assert await http.execute(call) == own_answer(call)
            most = max(most, server.open)
        assert most <= 8 * 4 + 2  # plus one or two whose close the server has not seen yet


async def test_tenants_that_take_turns_use_their_connections_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.tools.http.pool.MAX_IDLE", 60)
    async with (
        asyncio.timeout(60),
        HostileServer() as server,
        HttpProvider(SECRETS, concurrency=4, allowed_hosts=HERE) as http,
    ):
        tenants = [uuid4() for _ in range(8 * 4)]
        for _ in range(3):
            for tenant in tenants:
                call = call_of(server, tenant)
                assert await http.execute(call) == own_answer(call)
        assert server.connections == len(tenants)


@pytest.mark.parametrize(("open_files", "idle"), [(1024, 512), (20_000, 1600), (resource.RLIM_INFINITY, 1600)])
def test_idle_connections_take_at_most_half_of_the_files_that_may_be_open(
    monkeypatch: pytest.MonkeyPatch, open_files: int, idle: int
) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: (open_files, open_files))
    assert max_idle_connections(200) == idle
