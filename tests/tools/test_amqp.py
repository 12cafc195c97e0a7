"""A message counts as delivered once the broker has confirmed it: RabbitMQ acks, returns, nacks, closes and dies."""

import asyncio
import json
import logging
import os
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any, Self
from uuid import uuid4

import aio_pika
import pytest
from pydantic import SecretStr
from uuid_utils.compat import uuid7

from services.backends.open import memory_backends
from services.catalog import ListedTool, Tool
from services.envelope import Actor, ActorType, Status
from services.errors import NotFound
from services.outbox import Proposal
from services.tenants import Tenant
from services.tools import Failed, Outcome, Success, ToolCall, Unknown
from services.tools.amqp import AmqpBroker, AmqpTool
from services.tools.amqp.broker import Broker
from services.tools.amqp.provider import AmqpProvider
from tests.builders import operator
from tests.tools.builders import a_call, a_tool
from tests.tools.rabbit import Rabbit, is_installed, rabbit
from tests.worker.builders import OPTIONS
from tests.worker.world import eventually
from worker.backoff import RetryRule
from worker.loop import Worker

TRACEPARENT = "00-" + "a" * 32 + "-" + "b" * 16 + "-01"
SOON = timedelta(milliseconds=50)
TOGETHER = 1000


@pytest.fixture(scope="module")
def node() -> Iterator[Rabbit]:
    if not is_installed():
        assert os.environ.get("REQUIRE_REAL") != "1", "REQUIRE_REAL=1, but rabbitmq-server is not installed"
        pytest.skip("rabbitmq-server is not installed")
    with rabbit() as node:
        yield node


def a_broker(url: str) -> AmqpBroker:
    tool = AmqpTool(name="note", description="Notes.", schema={"type": "object"}, routing_key="notes")
    return AmqpBroker.model_validate({"url": url, "tools": [tool.model_dump(by_alias=True)]})


@pytest.fixture
async def amqp(node: Rabbit) -> AsyncIterator[AmqpProvider]:
    async with AmqpProvider({"events": a_broker(node.url)}, reconnect_after=SOON) as amqp:
        yield amqp


def to(routing_key: str, exchange: str = "", broker: str = "events") -> Tool:
    config = {"broker": broker, "exchange": exchange, "routing_key": routing_key}
    return a_tool(provider="amqp", config=config, idempotent=True)


async def test_a_confirmed_message_is_in_the_queue_with_its_tenant_and_envelope(
    amqp: AmqpProvider, node: Rabbit
) -> None:
    await node.declare("notes")
    call = a_call(to("notes"), arguments={"text": "hello"}, traceparent=TRACEPARENT)
    assert await amqp.execute(call) == Success(result={"delivered": True})
    async with await aio_pika.connect(node.url) as connection:
        message = await (await (await connection.channel()).get_queue("notes")).get(no_ack=True)
    assert message is not None
    assert (message.message_id, message.content_type, message.delivery_mode) == (
        str(call.envelope_id), "application/json", aio_pika.DeliveryMode.PERSISTENT,
    )  # fmt: skip
    assert message.headers == {
        "tenant_id": str(call.tenant_id), "tool_slug": "CRM__notes.create", "traceparent": TRACEPARENT,
    }  # fmt: skip
    assert json.loads(message.body)["data"]["arguments"] == {"text": "hello"}


async def test_a_message_without_a_queue_is_a_permanent_failure(amqp: AmqpProvider) -> None:
    outcome = await amqp.execute(a_call(to("nowhere")))
    assert outcome == Failed(
        error="AMQP broker 'events': no queue is bound to exchange '' for 'nowhere'", retryable=False
    )


async def test_a_message_the_broker_rejects_for_now_is_retried(amqp: AmqpProvider, node: Rabbit) -> None:
    await node.declare("full", **{"x-max-length": 1, "x-overflow": "reject-publish"})
    outcomes = [await amqp.execute(a_call(to("full"))) for _ in range(3)]
    assert outcomes[0] == Success(result={"delivered": True})
    assert outcomes[-1] == Failed(error="AMQP broker 'events' refused the message for now (nack)", retryable=True)


async def test_a_message_that_one_of_two_queues_rejects_is_unknown(amqp: AmqpProvider, node: Rabbit) -> None:
    await node.declare("limited", **{"x-max-length": 1, "x-overflow": "reject-publish"})
    await node.declare("unlimited")
    async with await aio_pika.connect(node.url) as connection:
        channel = await connection.channel()
        for queue in ("limited", "unlimited"):
            await (await channel.get_queue(queue)).bind("amq.direct", "both")
    calls = [a_call(to("both", exchange="amq.direct")) for _ in range(3)]
    outcomes = [await amqp.execute(call) for call in calls]
    error = "AMQP broker 'events' refused the message for a queue (nack); others may have it"
    assert outcomes[-1] == Unknown(error=error)
    assert str(calls[-1].envelope_id) in await node.message_ids("unlimited")


async def test_a_missing_exchange_fails_only_its_own_calls(amqp: AmqpProvider, node: Rabbit) -> None:
    await node.declare("notes")
    lost, *others = await asyncio.gather(
        amqp.execute(a_call(to("notes", exchange="missing"))), *(amqp.execute(a_call(to("notes"))) for _ in range(50))
    )
    assert lost == Failed(error="config.exchange: AMQP broker 'events' has no exchange 'missing'", retryable=False)
    assert others == [Success(result={"delivered": True})] * 50
    assert len(set(await node.message_ids("notes"))) == 50


async def test_a_refused_routing_key_fails_no_other_call_permanently(amqp: AmqpProvider, node: Rabbit) -> None:
    await asyncio.to_thread(node.control, "set_topic_permissions", "guest", "amq.topic", "^ok", ".*")
    await node.declare("topics")
    async with await aio_pika.connect(node.url) as connection:
        await (await (await connection.channel()).get_queue("topics")).bind("amq.topic", "ok.#")
    tools = [to("ok.1", exchange="amq.topic")] * 30
    tools[15] = to("no.1", exchange="amq.topic")
    outcomes = await asyncio.gather(*(amqp.execute(a_call(tool)) for tool in tools))
    refused = Failed(
        error="AMQP broker 'events' denies this login write access to exchange 'amq.topic'", retryable=False
    )
    assert outcomes[15] == refused
    assert outcomes[:15] + outcomes[16:] == [Success(result={"delivered": True})] * 29
    assert len(await node.message_ids("topics")) == 29


async def test_a_login_without_the_default_exchange_can_use_its_own_exchange(amqp: AmqpProvider, node: Rabbit) -> None:
    """The probe uses the default exchange, which this login may not use."""
    await node.declare("own")
    async with await aio_pika.connect(node.url) as connection:
        await (await (await connection.channel()).get_queue("own")).bind("amq.fanout")
    await asyncio.to_thread(node.control, "set_permissions", "guest", ".*", "^amq[.]fanout$", ".*")
    try:
        outcomes = await asyncio.gather(*(amqp.execute(a_call(to("any", exchange="amq.fanout"))) for _ in range(10)))
        assert await amqp.health("events") is None
    finally:
        await asyncio.to_thread(node.control, "set_permissions", "guest", ".*", ".*", ".*")
    assert outcomes == [Success(result={"delivered": True})] * 10


async def test_hundreds_of_calls_wait_for_their_confirmations_concurrently(amqp: AmqpProvider, node: Rabbit) -> None:
    await node.declare("many")
    calls = [a_call(to("many")) for _ in range(500)]
    assert await asyncio.gather(*map(amqp.execute, calls)) == [Success(result={"delivered": True})] * 500
    assert sorted(await node.message_ids("many")) == sorted(str(call.envelope_id) for call in calls)


async def test_calls_are_published_concurrently_after_the_first_confirmation(node: Rabbit) -> None:
    broker = Broker(name="events", settings=AmqpBroker(url=SecretStr(node.url)), reconnect_after=timedelta(seconds=1))
    together = asyncio.Barrier(2)

    async def go(n: int) -> None:
        async with broker.serialize_until_confirmed("", "notes"):
            if n == 0:
                broker.record_confirmation("", "notes")
            else:
                await together.wait()

    async with asyncio.timeout(60), asyncio.TaskGroup() as calls:
        for n in range(3):
            calls.create_task(go(n))


async def test_a_cancelled_call_does_not_harm_the_next_ones(amqp: AmqpProvider, node: Rabbit) -> None:
    await node.declare("notes")
    tasks = [asyncio.create_task(amqp.execute(a_call(to("notes")))) for _ in range(20)]
    await asyncio.sleep(0)
    for task in tasks[::2]:
        task.cancel()
    ended = await asyncio.gather(*tasks, return_exceptions=True)
    assert ended[1::2] == [Success(result={"delivered": True})] * 10
    assert await amqp.execute(a_call(to("notes"))) == Success(result={"delivered": True})


@pytest.mark.parametrize(
    ("tool", "error"),
    [
        (to("notes", broker="other"), "config.broker: ACP_AMQP_BROKERS has no broker named 'other'"),
        (to(""), "config.exchange, config.routing_key: must be texts; the default exchange needs a routing key"),
        (replace(to("notes"), config={"broker": "events"}), "config.exchange, config.routing_key: must be texts"),
    ],
)
async def test_a_tool_without_a_destination_is_a_permanent_failure(amqp: AmqpProvider, tool: Tool, error: str) -> None:
    outcome = await amqp.execute(a_call(tool))
    assert isinstance(outcome, Failed)
    assert not outcome.retryable
    assert outcome.error.startswith(error)


@pytest.mark.parametrize(
    "url", ["amqp://u:s3cret@127.0.0.1:1/", "amqp://guest:s3cret@127.0.0.1:{port}/", "amqp://u:s3cret@[::1]:1/x"]
)
async def test_an_unreachable_or_refusing_broker_is_retried_and_no_error_contains_the_login(
    node: Rabbit, url: str, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    async with AmqpProvider(
        {"events": a_broker(url.format(port=node.port))}, reconnect_after=timedelta(hours=1)
    ) as amqp:
        first, again = await amqp.execute(a_call(to("notes"))), await amqp.execute(a_call(to("notes")))
        problem = await amqp.health("events")
    for outcome in (first, again):
        assert isinstance(outcome, Failed)
        assert outcome.retryable
        assert outcome.retry_after is not None
        assert "AMQP broker 'events' is not reachable" in outcome.error
    assert "not reachable" in str(problem)
    assert "s3cret" not in f"{first}{again}{problem}{caplog.text}{capsys.readouterr()}"


async def test_a_silent_broker_is_abandoned_at_the_deadline() -> None:
    hung = asyncio.Event()
    async with asyncio.timeout(60):

        async def hang(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await hung.wait()
            writer.close()

        server = await asyncio.start_server(hang, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        async with AmqpProvider({"events": a_broker(f"amqp://127.0.0.1:{port}/")}) as amqp:
            outcome = await amqp.execute(a_call(to("notes"), seconds=0.2))
        hung.set()
        server.close()
    assert outcome == Failed(error="AMQP broker 'events' was not ready within 0.2 s", retryable=True)


async def test_a_broker_lists_its_declared_tools_and_its_health(amqp: AmqpProvider) -> None:
    assert await amqp.list_tools("events") == [
        ListedTool(
            name="note", description="Notes.", schema={"type": "object"},
            config={"broker": "events", "exchange": "", "routing_key": "notes"},
        )
    ]  # fmt: skip
    assert await amqp.health("events") is None
    with pytest.raises(NotFound, match="has no broker named 'other'"):
        await amqp.list_tools("other")
    assert await amqp.health("other") == "ACP_AMQP_BROKERS has no broker named 'other'"


async def test_calls_are_held_during_an_alarm_and_published_once_when_it_is_over(
    node: Rabbit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.tools.amqp.broker.CONFIRMED_FOR", 0.0)  # as after a pause
    await node.declare("alarmed")
    blocked = Failed(
        error="AMQP broker 'events' accepts no messages now (memory or disk alarm): see the log of the broker",
        retryable=True, held=True, retry_after=timedelta(seconds=5),
    )  # fmt: skip
    async with asyncio.timeout(60), AmqpProvider({"events": a_broker(node.url)}) as amqp:
        assert await amqp.execute(a_call(to("alarmed"))) == Success(result={"delivered": True})
        await asyncio.to_thread(node.control, "set_vm_memory_high_watermark", "0.00001")
        try:
            outcomes = [await amqp.execute(a_call(to("alarmed"), seconds=20)) for _ in range(2)]
            async with AmqpProvider({"events": a_broker(node.url)}) as late:
                outcomes.append(await late.execute(a_call(to("alarmed"), seconds=20)))
            assert outcomes == [blocked] * 3
            assert "accepts no messages now" in str(await amqp.health("events"))
        finally:
            await asyncio.to_thread(node.control, "set_vm_memory_high_watermark", "0.6")

        async def passes() -> bool:
            outcome = await amqp.execute(a_call(to("alarmed")))
            assert outcome in (Success(result={"delivered": True}), blocked)
            return isinstance(outcome, Success)

        await eventually(passes)
    assert len(await node.message_ids("alarmed")) == 2


@pytest.mark.parametrize("confirmed_for", [0.0, 1000.0])
async def test_a_connection_closed_while_idle_is_replaced_at_once(
    node: Rabbit, confirmed_for: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.tools.amqp.broker.CONFIRMED_FOR", confirmed_for)
    await node.declare("idle")
    async with asyncio.timeout(60), AmqpProvider({"events": a_broker(node.url)}) as amqp:
        for _ in range(3):
            assert await amqp.execute(a_call(to("idle"))) == Success(result={"delivered": True})
            await asyncio.to_thread(node.control, "close_all_connections", "idle")
    assert len(await node.message_ids("idle")) == 3


async def test_a_connection_that_was_cut_silently_costs_no_message(
    node: Rabbit, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As by a firewall that has dropped its state: bytes are lost without an error."""
    monkeypatch.setattr("services.tools.amqp.broker.CONFIRMED_FOR", 0.0)
    monkeypatch.setattr("services.tools.amqp.broker.PROBE_TIMEOUT", 0.3)
    await node.declare("cut")
    async with (
        asyncio.timeout(60),
        Firewall(node.port) as firewall,
        AmqpProvider({"events": a_broker(f"amqp://guest:guest@127.0.0.1:{firewall.port}/")}) as amqp,
    ):
        assert await amqp.execute(a_call(to("cut"))) == Success(result={"delivered": True})
        firewall.forget()
        assert await amqp.execute(a_call(to("cut"), seconds=20)) == Success(result={"delivered": True})
    assert len(await node.message_ids("cut")) == 2


@pytest.mark.parametrize("key", ["guest", "/", "amq.topic", "vhost"])
async def test_a_refusal_belongs_to_the_key_of_its_channel_whatever_its_text_says(
    amqp: AmqpProvider, node: Rabbit, key: str
) -> None:
    """The broker's text names user, host, exchange and key, and a key may look like any of these."""
    await asyncio.to_thread(node.control, "set_topic_permissions", "guest", "amq.topic", "^(guest|/|amq|vhost)", ".*")
    async with await aio_pika.connect(node.url) as connection:
        queue = await (await connection.channel()).declare_queue("named", durable=True)
        await queue.bind("amq.topic", "#")
    calls = [a_call(to(each, exchange="amq.topic")) for each in (key, "refused.1") * 20]
    outcomes = await asyncio.gather(*map(amqp.execute, calls))
    assert outcomes[::2] == [Success(result={"delivered": True})] * 20
    assert {type(outcome) for outcome in outcomes[1::2]} <= {Failed, Unknown}
    assert set(await node.message_ids("named")) == {str(call.envelope_id) for call in calls[::2]}


class Firewall:
    """Forwards bytes to a port until it drops its open connections silently."""

    def __init__(self, to_port: int) -> None:
        self._to_port = to_port
        self._tasks: set[asyncio.Task[None]] = set()
        self._writers: list[asyncio.StreamWriter] = []
        self._server: asyncio.Server | None = None
        self.port = 0

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self.forget()
        self._server.close()
        for writer in self._writers:
            writer.transport.abort()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def forget(self) -> None:
        for task in self._tasks:
            task.cancel()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        onward, back = await asyncio.open_connection("127.0.0.1", self._to_port)
        self._writers += [writer, back]
        for source, sink in ((reader, back), (onward, writer)):
            self._tasks.add(asyncio.create_task(self._pass_on(source, sink)))

    async def _pass_on(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        while data := await source.read(65536):
            sink.write(data)
        sink.close()


class KillsAt:
    """Forwards calls, and kills the node after a number of deliveries."""

    def __init__(self, amqp: AmqpProvider, node: Rabbit, count: int) -> None:
        self._amqp, self._node, self._count = amqp, node, count
        self.killed = asyncio.Event()
        self.all_delivered = asyncio.Event()
        self.outcomes: list[Outcome] = []

    async def execute(self, call: ToolCall) -> Outcome:
        outcome = await self._amqp.execute(call)
        self.outcomes.append(outcome)
        delivered = sum(isinstance(each, Success) for each in self.outcomes)
        if delivered == self._count and not self.killed.is_set():
            self._node.kill()
            self.killed.set()
        if delivered == TOGETHER:
            self.all_delivered.set()
        return outcome


async def test_a_broker_that_is_killed_half_way_loses_no_envelope() -> None:
    """A thousand envelopes through the worker; the node is killed half-way and comes back."""
    if not is_installed():
        assert os.environ.get("REQUIRE_REAL") != "1", "REQUIRE_REAL=1, but rabbitmq-server is not installed"
        pytest.skip("rabbitmq-server is not installed")
    tenant, rule = uuid4(), RetryRule(max_attempts=10_000, base=SOON, cap=SOON)
    with rabbit() as node:
        await node.declare("orders")
        async with (
            memory_backends() as backends,
            AmqpProvider({"events": a_broker(node.url)}, reconnect_after=SOON) as amqp,
        ):
            await backends.tenants.save(Tenant(id=tenant, name="acme", lanes=8), actor=operator("olga"))
            tool = replace(to("orders"), tenant_id=tenant, tool_slug="ORDERS__place")
            await backends.catalog.save([tool], actor=operator("olga"))
            ids = [uuid7() for _ in range(TOGETHER)]
            proposals: list[Any] = [
                Proposal(id=id_, tenant_id=tenant, tool_slug="ORDERS__place", tool_version="1", external_id=str(id_))
                for id_ in ids
            ]
            await backends.outbox.enqueue(proposals, actor=Actor(type=ActorType.AGENT, id="a"))
            tools = KillsAt(amqp, node, 300)
            options = replace(OPTIONS, concurrency=100, retry=dict.fromkeys(OPTIONS.retry, rule))
            worker = Worker(backends=backends, tools=tools, options=options, worker_id="one")
            async with asyncio.timeout(60), asyncio.TaskGroup() as group:
                running = group.create_task(worker.run())
                await tools.killed.wait()
                await asyncio.to_thread(node.start)
                await tools.all_delivered.wait()
                worker.stop()
                await running
            ended = [await backends.outbox.get(tenant, id_) for id_ in ids]
        arrived = await node.message_ids("orders")
    assert {envelope.status for envelope in ended} == {Status.SUCCESS}
    assert set(arrived) == {str(id_) for id_ in ids}
    assert any(isinstance(outcome, Unknown | Failed) for outcome in tools.outcomes)
