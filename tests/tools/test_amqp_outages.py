"""What happens to messages while RabbitMQ is away, silent or has an alarm, and when it dies."""

import asyncio
import logging
from dataclasses import replace
from datetime import timedelta
from typing import Any, Self
from uuid import uuid4

import pytest
from uuid_utils.compat import uuid7

from services.backends.open import memory_backends
from services.envelope import Actor, ActorType, Status
from services.outbox import Proposal
from services.tenants import Tenant
from services.tools import Failed, Outcome, Success, ToolCall, Unknown
from services.tools.amqp.provider import AmqpProvider
from tests.builders import operator
from tests.tools.builders import a_call
from tests.tools.rabbit import SOON, Rabbit, a_broker, to
from tests.worker.builders import OPTIONS
from tests.worker.world import eventually
from worker.backoff import RetryRule
from worker.loop import Worker

TOGETHER = 1000


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


async def test_a_broker_that_is_killed_half_way_loses_no_envelope(node: Rabbit) -> None:
    """A thousand envelopes through the worker; the node is killed half-way and comes back."""
    tenant, rule = uuid4(), RetryRule(max_attempts=10_000, base=SOON, cap=SOON)
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
