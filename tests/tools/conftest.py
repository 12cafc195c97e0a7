"""The servers and providers that several test files use."""

import os
from collections.abc import AsyncIterator, Iterator

import pytest

from services.tools.amqp.provider import AmqpProvider
from services.tools.composio.provider import ComposioProvider
from services.tools.http.provider import HttpProvider
from tests.tools.composio import KEY, ComposioServer, a_provider
from tests.tools.rabbit import SOON, Rabbit, a_broker, is_installed, rabbit
from tests.tools.servers import HttpServer
from tests.tools.webhooks import HERE, SECRETS


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
