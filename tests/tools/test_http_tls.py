"""A certificate must match the requested name, on a connection to the checked address; nothing is sent before."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from services.tools import Failed, Success
from services.tools.http.provider import HttpProvider
from services.tools.outgoing import AllowedHosts
from tests.tools.builders import a_call, a_tool
from tests.tools.hostile import HostileServer

SECRETS = {"crm": SecretStr("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")}
HERE = AllowedHosts(("127.0.0.1", "127.0.0.0/8"))


@pytest.fixture(autouse=True)
def _trusted(authority: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> None:
    path = str(authority("unused").parent / "authority.pem")
    monkeypatch.setattr("certifi.where", lambda: path)

    monkeypatch.setattr("services.tools.outgoing.resolve", lambda _: [(None, None, 6, "", ("127.0.0.1", 0))])


class Served:
    """What a TLS server has received."""

    port = 0
    connections = 0
    requests = 0
    names: list[str | None]


@asynccontextmanager
async def serving(certificate: Path, **settings: Any) -> AsyncIterator[Served]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    for name, value in settings.items():
        setattr(context, name, value)
    served = Served()
    served.names = []
    context.sni_callback = lambda _, name, __: served.names.append(name)

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        served.connections += 1
        try:
            while True:
                await reader.readuntil(b"\r\n\r\n")
                served.requests += 1
                await reader.readuntil(b"}}")
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(connected, "127.0.0.1", 0, ssl=context)
    served.port = server.sockets[0].getsockname()[1]
    try:
        yield served
    finally:
        server.close()


async def outcome_of(host: str, served: Served, **allowed: Any) -> Any:
    async with asyncio.timeout(60), HttpProvider(SECRETS, concurrency=2, allowed_hosts=HERE) as http:
        tool = a_tool(config={"url": f"https://{host}:{served.port}/", "secret": "crm"})
        return await http.execute(a_call(tool, **allowed))


@pytest.mark.parametrize(
    ("host", "held"),
    [
        ("tools.example", "tools.example"),
        ("tools.example.", "tools.example"),
        ("TOOLS.example", "tools.example"),
        ("a.tools.example", "*.tools.example"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("127.0.0.1", "127.0.0.1"),
    ],
)
async def test_a_certificate_for_the_host_is_accepted(authority: Callable[..., Path], host: str, held: str) -> None:
    async with serving(authority(held)) as served:
        assert await outcome_of(host, served) == Success(result={})
        expected = None if host[0].isdigit() else host.encode("idna").decode().casefold().rstrip(".")
        assert served.names == [expected]


@pytest.mark.parametrize(
    ("host", "held", "days"),
    [
        ("tools.example", "other.example", 30),
        ("tools.example", "127.0.0.1", 30),  # the request names the host, not this address
        ("a.b.tools.example", "*.tools.example", 30),
        ("127.0.0.1", "tools.example", 30),
        ("127.0.0.1", "127.0.0.2", 30),
        ("tools.example", "tools.example", -1),
    ],
)
async def test_any_other_certificate_is_refused_before_anything_is_sent(
    authority: Callable[..., Path], host: str, held: str, days: int
) -> None:
    async with serving(authority(held, days=days)) as served:
        outcome = await outcome_of(host, served)
    assert isinstance(outcome, Failed)
    assert (outcome.retryable, served.requests, "CERTIFICATE_VERIFY_FAILED" in outcome.error) == (True, 0, True)


async def test_a_certificate_of_an_unknown_authority_is_refused(
    authority: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving(authority("tools.example")) as served:
        monkeypatch.undo()
        monkeypatch.setenv("SSL_CERT_FILE", str(authority("x").parent / "authority.pem"))  # must be ignored
        outcome = await outcome_of("127.0.0.1", served)
    assert isinstance(outcome, Failed)
    assert (outcome.retryable, served.requests) == (True, 0)


async def test_tls_before_1_2_is_refused(authority: Callable[..., Path]) -> None:
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        async with serving(authority("tools.example"), maximum_version=ssl.TLSVersion.TLSv1_1) as served:
            outcome = await outcome_of("tools.example", served)
    assert isinstance(outcome, Failed)
    assert (outcome.retryable, served.requests) == (True, 0)


async def test_a_connection_over_tls_is_used_again(
    authority: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.tools.http.pool.MIN_IDLE", 0)
    async with (
        serving(authority("tools.example")) as served,
        asyncio.timeout(60),
        HttpProvider(SECRETS, concurrency=2, allowed_hosts=HERE) as http,
    ):
        tool = a_tool(config={"url": f"https://tools.example:{served.port}/", "secret": "crm"})
        for _ in range(3):
            assert await http.execute(a_call(tool)) == Success(result={})
    assert (served.connections, served.requests) == (1, 3)


@pytest.mark.parametrize("cancelled", [False, True])
async def test_the_handshake_of_a_cancelled_call_is_closed(cancelled: bool) -> None:
    async with (
        asyncio.timeout(60),
        HostileServer() as server,
        HttpProvider(SECRETS, concurrency=2, allowed_hosts=HERE) as http,
    ):
        tool = a_tool(config={"url": f"https://127.0.0.1:{server.port}/", "secret": "crm"})
        call = asyncio.ensure_future(http.execute(a_call(tool, seconds=60 if cancelled else 0.2)))
        await server.connected.wait()
        if cancelled:
            call.cancel()
        await server.all_closed.wait()
        [outcome] = await asyncio.gather(call, return_exceptions=True)
    assert isinstance(outcome, asyncio.CancelledError if cancelled else Failed)
