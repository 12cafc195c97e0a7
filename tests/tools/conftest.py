"""The servers and providers that several test files use."""

import os
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from services.tools.amqp.provider import AmqpProvider
from services.tools.composio.provider import ComposioProvider
from services.tools.http.provider import HttpProvider
from tests.tools.composio import KEY, ComposioServer, a_provider
from tests.tools.rabbit import SOON, Rabbit, a_broker, is_installed, rabbit
from tests.tools.servers import HttpServer
from tests.tools.webhooks import HERE, SECRETS

NAME = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "an authority")])


@pytest.fixture
async def server() -> AsyncIterator[HttpServer]:
    async with HttpServer() as server:
        yield server


@pytest.fixture
async def http() -> AsyncIterator[HttpProvider]:
    async with HttpProvider(SECRETS, concurrency=4, allowed_hosts=HERE) as http:
        yield http


@pytest.fixture
async def composio_server(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[ComposioServer]:
    monkeypatch.setenv("NO_PROXY", "*")
    async with ComposioServer(KEY) as composio_server:
        yield composio_server


@pytest.fixture
async def composio(composio_server: ComposioServer) -> AsyncIterator[ComposioProvider]:
    async with a_provider(composio_server) as composio:
        yield composio


@pytest.fixture(scope="module")
def node() -> Iterator[Rabbit]:
    if not is_installed():
        assert os.environ.get("REQUIRE_REAL") != "1", "REQUIRE_REAL=1, but rabbitmq-server is not installed"
        pytest.skip("rabbitmq-server is not installed")
    with rabbit() as node:
        yield node


@pytest.fixture
async def amqp(node: Rabbit) -> AsyncIterator[AmqpProvider]:
    async with AmqpProvider({"events": a_broker(node.url)}, reconnect_after=SOON) as amqp:
        yield amqp


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """A function that writes a certificate for the given names, its key and its issuer into a file."""
    folder = tmp_path_factory.mktemp("tls")
    key = ec.generate_private_key(ec.SECP256R1())

    def certificate(public_key: Any, names: list[x509.GeneralName], *, is_authority: bool, days: int) -> bytes:
        now = datetime.now(UTC)
        built = (
            x509.CertificateBuilder()
            .subject_name(NAME if is_authority else x509.Name([]))
            .issuer_name(NAME)
            .public_key(public_key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=30))
            .not_valid_after(now + timedelta(days=days))
            .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        )
        if names:
            built = built.add_extension(x509.SubjectAlternativeName(names), critical=not is_authority)
        return built.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)

    (folder / "authority.pem").write_bytes(certificate(key.public_key(), [], is_authority=True, days=30))

    def issue(*names: str, days: int = 30) -> Path:
        private_key = ec.generate_private_key(ec.SECP256R1())
        private_pem = private_key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        alternative_names: list[x509.GeneralName] = [
            x509.IPAddress(ip_address(name)) if name[0].isdigit() else x509.DNSName(name) for name in names
        ]
        path = folder / f"{len(list(folder.iterdir()))}.pem"
        path.write_bytes(
            private_pem + certificate(private_key.public_key(), alternative_names, is_authority=False, days=days)
        )
        return path

    return issue
