"""Calls never reach our own network, however an address is written or a name resolves."""

import asyncio
import json
import socket
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_address
from typing import Any
from uuid import UUID

import pytest
from pydantic import SecretStr

from services.catalog import ListedTool
from services.errors import NotFound, NotReady
from services.tools import Failed, Outcome, Success, outgoing
from services.tools.http.connection import MAX_BODY_BYTES
from services.tools.http.provider import HttpProvider
from services.tools.outgoing import AllowedHosts, non_public_kind
from tests.tools.builders import a_call, a_tool
from tests.tools.servers import HttpServer, answer, hang

SECRETS = {"crm": SecretStr("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")}
PUBLIC = "93.184.215.14"


def a_webhook(url: str) -> Any:
    return a_tool(config={"url": url, "secret": "crm"})


def found(*addresses: str) -> list[Any]:
    """An answer in the form of `socket.getaddrinfo`."""
    return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 0)) for address in addresses]


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Set the answers of the resolver: the n-th lookup gets the n-th answer, later ones the last."""
    known: dict[str, list[list[str]]] = {}

    def resolve_known(name: str) -> list[Any]:
        looks = known[name]
        return found(*(looks.pop(0) if len(looks) > 1 else looks[0]))

    monkeypatch.setattr("services.tools.outgoing.resolve", resolve_known)

    def resolve(host: str, *looks: list[str]) -> None:
        known[host] = list(looks)

    return resolve


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("127.0.0.1", "loopback"), ("127.8.8.8", "loopback"), ("0.0.0.0", "unspecified"),  # noqa: S104
        ("10.1.2.3", "private"),
        ("172.16.0.1", "private"), ("192.168.1.1", "private"), ("169.254.169.254", "link-local"),
        ("100.64.0.1", "not public"), ("224.0.0.1", "multicast"), ("240.0.0.1", "private"),
        ("255.255.255.255", "private"),
        ("192.0.2.1", "private"), ("198.18.0.1", "private"), ("::1", "loopback"), ("::", "unspecified"),
        ("fe80::1", "link-local"), ("fd00:ec2::254", "private"), ("ff02::1", "multicast"),
        ("::ffff:127.0.0.1", "loopback"), ("::ffff:169.254.169.254", "link-local"), ("64:ff9b::7f00:1", "loopback"),
        ("64:ff9b::a9fe:a9fe", "link-local"), ("2002:7f00:1::", "loopback"), ("2002:a9fe:a9fe::", "link-local"),
        (PUBLIC, None), ("2606:2800:21f:cb07:6820:80da:af6b:8b2c", None), ("::ffff:93.184.215.14", None),
    ],
)  # fmt: skip
def test_an_address_is_checked_by_its_embedded_address(address: str, kind: str | None) -> None:
    assert non_public_kind(ip_address(address)) == kind


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "localhost.",
        "0x7f.1",
        "2130706433",
        "017700000001",
        "127.1",
        "[::1]",
        "[::ffff:127.0.0.1]",
    ],
)
async def test_no_spelling_of_the_loopback_address_is_called(host: str) -> None:
    async with HttpServer() as server, asyncio.timeout(60), HttpProvider(SECRETS, concurrency=1) as http:
        outcome = await http.execute(a_call(a_webhook(f"http://{host}:{server.port}/")))
    assert isinstance(outcome, Failed)
    assert not outcome.retryable or "ConnectError" in outcome.error  # no resolver reads it as an address
    assert server.connections == 0


async def test_the_refusal_names_the_field_the_kind_and_the_setting() -> None:
    async with HttpProvider(SECRETS, concurrency=1) as http:
        outcome = await http.execute(a_call(a_webhook("http://169.254.169.254/latest/meta-data")))
    assert outcome == Failed(
        error="config.url: 169.254.169.254 is a link-local address; name it in ACP_ALLOWED_HOSTS if calls may go there",
        retryable=False,
    )


async def test_a_name_with_one_address_inside_is_refused(names: Callable[..., None]) -> None:
    names("tools.example", [PUBLIC, "10.0.0.1"])
    async with HttpProvider(SECRETS, concurrency=1) as http:
        outcome = await http.execute(a_call(a_webhook("http://tools.example/")))
    assert isinstance(outcome, Failed)
    assert "tools.example is a private address" in outcome.error


async def test_the_address_that_was_checked_is_the_one_that_is_called(names: Callable[..., None]) -> None:
    """Otherwise a name could resolve to an allowed address when checked and to this machine when called."""
    async with HttpServer() as server, asyncio.timeout(60):
        names("rebinding.example", ["192.0.2.7"], ["127.0.0.1"])
        allowed = AllowedHosts(("192.0.2.0/24",))
        async with HttpProvider(SECRETS, concurrency=1, allowed_hosts=allowed) as http:
            await http.execute(a_call(a_webhook(f"http://rebinding.example:{server.port}/"), seconds=0.2))
        assert server.connections == 0


async def test_calls_at_the_same_time_share_a_lookup(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two hundred lookups would queue for threads while the deadlines of their calls run."""
    looks: list[str] = []
    lookup_began, gate = asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    def slow(host: str) -> list[Any]:
        looks.append(host)
        loop.call_soon_threadsafe(lookup_began.set)
        assert gate.wait(60)
        return found("127.0.0.1")

    monkeypatch.setattr(outgoing, "resolve", slow)
    monkeypatch.setattr(outgoing, "FRESH_FOR", 0)  # a running lookup is shared however long it takes
    async with (
        HttpServer() as server,
        HttpProvider(SECRETS, concurrency=1, allowed_hosts=AllowedHosts(("127.0.0.1",))) as http,
        asyncio.timeout(60),
    ):
        call = a_call(a_webhook(f"http://tools.example:{server.port}/"))
        calls = [asyncio.ensure_future(http.execute(call)) for _ in range(5)]
        await lookup_began.wait()
        calls[0].cancel()
        gate.set()
        outcomes = await asyncio.gather(*calls, return_exceptions=True)
    assert outcomes[1:] == [Success(result={})] * 4
    assert looks == ["tools.example"]


async def test_slow_names_of_one_tenant_delay_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """There are more slow names than a thread pool has threads; each owner has at most LOOKUPS_PER_OWNER lookups."""
    gate, stuck = threading.Event(), [f"slow-{n}.example" for n in range(50)]
    looks: list[str] = []

    def resolve_slowly(host: str) -> list[Any]:
        looks.append(host)
        if host in stuck:
            assert gate.wait(60)
        return found("127.0.0.1")

    monkeypatch.setattr(outgoing, "resolve", resolve_slowly)
    async with (
        HttpServer() as server,
        HttpProvider(SECRETS, concurrency=60, allowed_hosts=AllowedHosts(("127.0.0.1",))) as http,
        asyncio.timeout(60),
    ):

        def call(tenant: int, host: str) -> asyncio.Task[Outcome]:
            made = replace(a_call(a_webhook(f"http://{host}:{server.port}/")), tenant_id=UUID(int=tenant))
            return asyncio.create_task(http.execute(made))

        slow = [call(1, host) for host in stuck]
        await asyncio.sleep(0)
        try:
            assert await call(2, "quick.example") == Success(result={})
            assert await call(3, "quick.example") == Success(result={})
            assert len(looks) <= outgoing.LOOKUPS_PER_OWNER + 1
            assert not any(task.done() for task in slow)
        finally:
            gate.set()
        assert await asyncio.gather(*slow) == [Success(result={})] * 50
    assert sorted(looks) == sorted([*stuck, "quick.example"])


async def test_a_lookup_that_failed_is_made_again(monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[str] = []

    def resolve_again(host: str) -> list[Any]:
        looks.append(host)
        if len(looks) == 1:
            raise socket.gaierror(socket.EAI_AGAIN, "later")
        return found("127.0.0.1")

    monkeypatch.setattr(outgoing, "resolve", resolve_again)
    async with (
        HttpServer() as server,
        HttpProvider(SECRETS, concurrency=1, allowed_hosts=AllowedHosts(("127.0.0.1",))) as http,
    ):
        call = a_call(a_webhook(f"http://tools.example:{server.port}/"))
        first, second = await http.execute(call), await http.execute(call)
    assert isinstance(first, Failed)
    assert second == Success(result={})


@pytest.mark.parametrize("entry", ["127.0.0.1", "127.0.0.0/8", "127.0.0.1:{port}", "LOCALHOST", "localhost:{port}"])
async def test_allowed_hosts_are_called(entry: str) -> None:
    async with HttpServer() as server, asyncio.timeout(60):
        allowed = AllowedHosts((entry.format(port=server.port),))
        host = "localhost" if "local" in entry.casefold() else "127.0.0.1"
        async with HttpProvider(SECRETS, concurrency=1, allowed_hosts=allowed) as http:
            assert await http.execute(a_call(a_webhook(f"http://{host}:{server.port}/"))) == Success(result={})


@pytest.mark.parametrize("entry", ["127.0.0.1:1", "10.0.0.0/8", "localhost.example", "::1"])
async def test_an_allowed_host_allows_no_other(entry: str) -> None:
    async with (
        HttpServer() as server,
        HttpProvider(SECRETS, concurrency=1, allowed_hosts=AllowedHosts((entry,))) as http,
    ):
        outcome = await http.execute(a_call(a_webhook(server.url)))
    assert isinstance(outcome, Failed)
    assert server.connections == 0


async def test_a_redirect_into_the_network_is_not_followed() -> None:
    async with HttpServer() as server, HttpServer() as inside, asyncio.timeout(60):
        server.behave = answer(302, headers={"Location": inside.url})
        allowed = AllowedHosts((f"127.0.0.1:{server.port}",))
        async with HttpProvider(SECRETS, concurrency=1, allowed_hosts=allowed) as http:
            outcome = await http.execute(a_call(a_webhook(server.url)))
    assert isinstance(outcome, Failed)
    assert inside.connections == 0


# -- manifests ----------------------------------------------------------------------------------------------------

HERE = AllowedHosts(("127.0.0.1",))


async def test_a_manifest_lists_tools_that_are_called_beside_it() -> None:
    manifest = {
        "tools": [{"name": "note.create", "description": "Notes.", "inputSchema": {"type": "object"}}, {"name": "b"}]
    }
    async with (
        HttpServer() as server,
        asyncio.timeout(60),
        HttpProvider(SECRETS, concurrency=1, allowed_hosts=HERE) as http,
    ):
        server.behave = answer(200, body=json.dumps(manifest).encode())
        source = f"http://127.0.0.1:{server.port}/hooks/tools.json"
        assert await http.list_tools(source) == [
            ListedTool(
                name="note.create", description="Notes.", schema={"type": "object"},
                config={"url": f"http://127.0.0.1:{server.port}/hooks/note.create"},
            ),
            ListedTool(name="b", config={"url": f"http://127.0.0.1:{server.port}/hooks/b"}),
        ]  # fmt: skip
        assert await http.health(source) is None
        assert server.requests[0].line == "GET /hooks/tools.json HTTP/1.1"


@pytest.mark.parametrize(
    ("body", "status", "error"),
    [
        (b"not json", 200, "is not a manifest"),
        (b'{"tools": {"name": "x"}}', 200, "is not a manifest"),
        (b'{"tools": [{"description": "no name"}]}', 200, "is not a manifest"),
        (b"[]", 200, "is not a manifest"),
        (b"{}", 503, "answered 503"),
        (b"x" * (MAX_BODY_BYTES + 1), 200, "answered more than 1,048,576 bytes"),
    ],
)
async def test_an_invalid_manifest_is_reported_in_one_line(body: bytes, status: int, error: str) -> None:
    async with (
        HttpServer() as server,
        asyncio.timeout(60),
        HttpProvider(SECRETS, concurrency=1, allowed_hosts=HERE) as http,
    ):
        server.behave = answer(status, body=body)
        with pytest.raises(NotReady, match=error):
            await http.list_tools(server.url)
        assert error in str(await http.health(server.url))


async def test_a_manifest_is_fetched_under_the_same_address_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    async with HttpProvider(SECRETS, concurrency=1) as http:
        with pytest.raises(NotReady, match=r"127\.0\.0\.1 is a loopback address"):
            await http.list_tools("http://127.0.0.1:9/tools.json")
        with pytest.raises(NotFound, match=r"is not an http:// or https:// address"):
            await http.list_tools("files")
    monkeypatch.setattr("services.tools.http.provider.LIST_TIMEOUT", timedelta(seconds=0.1))
    async with HttpServer() as server, HttpProvider(SECRETS, concurrency=1, allowed_hosts=HERE) as http:
        server.behave = hang
        with pytest.raises(NotReady, match=r"no answer within 0.1 s"):
            await http.list_tools(server.url)
