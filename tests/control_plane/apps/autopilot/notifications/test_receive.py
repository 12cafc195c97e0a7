"""The three queues of a real RabbitMQ: what our tools send, and what anybody may send."""

import asyncio
import json
import struct
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import aio_pika
import pytest
from pamqp import encode

from control_plane.apps.autopilot.jobs import autopilot_notifications
from control_plane.apps.autopilot.notifications import receive
from control_plane.apps.autopilot.notifications.connect import connect_queues
from control_plane.apps.autopilot.notifications.queues import QUEUES, REJECTED
from control_plane.apps.autopilot.notifications.receive import receive_notifications
from control_plane.apps.autopilot.store import runs
from control_plane.apps.autopilot.store.messages import list_messages, receive_messages
from services.errors import InvalidInput, NotReady, SettingsError
from services.requeue import requeue
from services.tools.amqp import AmqpBroker
from services.tools.amqp.provider import AmqpProvider
from tests.builders import system
from tests.control_plane.apps.autopilot.contexts import a_context
from tests.control_plane.apps.autopilot.helpdesk import OLGA, WORKER, Helpdesk, a_ticket, open_helpdesk
from tests.control_plane.apps.autopilot.notifications.test_receive_messages import a_run, failures, status
from tests.tools.rabbit import SOON, Rabbit
from tests.worker.builders import OPTIONS
from tests.worker.world import eventually
from worker.backoff import RetryRule
from worker.loop import Worker

READER = system("autopilot_notifications")
MINUTE = timedelta(minutes=1)
STATUS = "data_source_status"


@pytest.fixture
async def queues(node: Rabbit) -> Rabbit:
    """The node, with empty queues."""
    for name in (*(queue.name for queue in QUEUES), REJECTED):
        await node.declare(name)
        await node.message_ids(name)
    return node


def broker_of(node: Rabbit) -> AmqpBroker:
    return AmqpBroker.model_validate({"url": node.url})


async def publish(node: Rabbit, queue: str, body: object, **fields: Any) -> None:
    """A workflow sends a message."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    async with await aio_pika.connect(node.url) as connection:
        channel = await connection.channel()
        await channel.default_exchange.publish(aio_pika.Message(raw, **fields), routing_key=queue)


async def bodies(node: Rabbit, queue: str) -> list[Any]:
    """Remove all messages from the queue, and read them."""
    found = []
    async with await aio_pika.connect(node.url) as connection:
        waiting = await (await connection.channel()).get_queue(queue)
        while (message := await waiting.get(no_ack=True, fail=False)) is not None:
            found.append(message)
    return found


async def receive_all(desk: Helpdesk, node: Rabbit) -> dict[str, int]:
    counts = await receive_notifications(desk.functions, broker_of(node), within=MINUTE, until_empty=True, actor=READER)
    return {name: count for name, count in counts.items() if count}


class Sending:
    """A worker that sends a tenant's envelopes to the broker."""

    def __init__(self, desk: Helpdesk, amqp: AmqpProvider, *, attempts: int = 3) -> None:
        rule = RetryRule(max_attempts=attempts, base=SOON, cap=SOON)
        options = replace(OPTIONS, retry=dict.fromkeys(OPTIONS.retry, rule))
        self.desk = desk
        self.worker = Worker(
            backends=desk.access.operator, tools=amqp, options=options, worker_id="sender", tenant=desk.tenant
        )

    async def until(self, condition: str) -> None:
        """Send until this query returns true."""
        async with asyncio.timeout(60), asyncio.TaskGroup() as group:
            running = group.create_task(self.worker.run())
            await eventually(lambda: self.desk.run(condition, self.desk.tenant)[0][0])
            self.worker.stop()
            await running


NOTHING_OPEN = "select count(*) = 0 from outbox where tenant_id = %s and status = 'pending'"


async def a_synced_run(desk: Helpdesk) -> tuple[UUID, list[dict[str, Any]]]:
    """A run of two batches, and the messages that it sends."""
    run = await desk.sync((await desk.connect()).id)
    stored = await desk.store(run, a_ticket("INC1"), a_ticket("INC2"))
    stored = await desk.store(stored.run, a_ticket("INC3"))
    await runs.complete_run(desk.functions, stored.run, actor=WORKER)
    told = [("running", 2), ("running", 3), ("completed", 3)]
    messages = [status(desk, run.id, user_id="olga", status=word, records_processed=count) for word, count in told]
    return run.id, messages


async def test_the_status_of_a_sync_arrives_with_the_keys_of_the_contract(helpdesk: Helpdesk, queues: Rabbit) -> None:
    await connect_queues(helpdesk.access.operator, helpdesk.tenant, "events", brokers=["events"], actor=OLGA)
    _, messages = await a_synced_run(helpdesk)
    async with AmqpProvider({"events": broker_of(queues)}) as amqp:
        await Sending(helpdesk, amqp).until(NOTHING_OPEN)
    sent = await bodies(queues, STATUS)
    assert [json.loads(message.body) for message in sent] == messages
    assert len({message.message_id for message in sent}) == 3


async def test_connecting_twice_changes_nothing_and_an_unknown_broker_is_refused(helpdesk: Helpdesk) -> None:
    operator = helpdesk.access.operator
    first = await connect_queues(operator, helpdesk.tenant, "events", brokers=["events"], actor=OLGA)
    assert await connect_queues(operator, helpdesk.tenant, "events", brokers=["events"], actor=OLGA) == first
    assert first.enrichment_tool_slug == "AUTOPILOT__enrichment_notification"
    with pytest.raises(InvalidInput, match="no broker named 'other'"):
        await connect_queues(operator, helpdesk.tenant, "other", brokers=["events"], actor=OLGA)


async def test_a_run_completes_without_a_broker_and_its_messages_are_sent_later(
    helpdesk: Helpdesk, queues: Rabbit
) -> None:
    await connect_queues(helpdesk.access.operator, helpdesk.tenant, "events", brokers=["events"], actor=OLGA)
    run, messages = await a_synced_run(helpdesk)
    nobody = AmqpBroker.model_validate({"url": "amqp://guest:guest@127.0.0.1:1/"})
    async with AmqpProvider({"events": nobody}, reconnect_after=SOON) as amqp:
        await Sending(helpdesk, amqp, attempts=2).until(NOTHING_OPEN)
    [(dead,)] = helpdesk.run("select count(*) from outbox_dlq where tenant_id = %s", helpdesk.tenant)
    assert dead == len(messages)
    [shown] = await runs.list_runs(helpdesk.functions, helpdesk.tenant)
    assert (shown.id, shown.status) == (run, "completed")
    await requeue(helpdesk.access.operator, helpdesk.tenant, limit=None, actor=OLGA, progress=lambda _: None)
    async with AmqpProvider({"events": broker_of(queues)}) as amqp:
        await Sending(helpdesk, amqp).until(NOTHING_OPEN)
    sent = [json.loads(message.body) for message in await bodies(queues, STATUS)]
    assert sorted(sent, key=messages.index) == messages


async def test_what_our_tools_sent_is_read_once(helpdesk: Helpdesk, queues: Rabbit) -> None:
    await connect_queues(helpdesk.access.operator, helpdesk.tenant, "events", brokers=["events"], actor=OLGA)
    run, messages = await a_synced_run(helpdesk)
    async with AmqpProvider({"events": broker_of(queues)}) as amqp:
        await Sending(helpdesk, amqp).until(NOTHING_OPEN)
    assert await receive_all(helpdesk, queues) == {"received": 3}
    found = await list_messages(helpdesk.functions, helpdesk.tenant, limit=10)
    assert [(each.subject_id, each.payload) for each in reversed(found)] == [(run, each) for each in messages]
    assert await receive_all(helpdesk, queues) == {}


async def test_a_message_that_comes_twice_counts_once(helpdesk: Helpdesk, queues: Rabbit) -> None:
    message = status(helpdesk, await a_run(helpdesk))
    for _ in range(2):
        await publish(queues, STATUS, message, message_id="m1")
    assert await receive_all(helpdesk, queues) == {"received": 1, "repeated": 1}


async def test_poison_becomes_a_failure_of_its_tenant_and_stops_nobody(helpdesk: Helpdesk, queues: Rabbit) -> None:
    other = await open_helpdesk(helpdesk.access, helpdesk.url)
    right = status(helpdesk, await a_run(helpdesk))
    header = {"headers": {"tenant_id": str(other.tenant)}}
    for poison in (
        b"not json",
        b'{"tenant_id": "\\u0000"}',
        b"\xff\xfe",
        json.dumps({"more": "x" * 1_000_000}).encode(),
    ):
        await publish(queues, STATUS, poison, **header)
    await publish(queues, STATUS, {"tenant_id": str(other.tenant), "type": "ticket_ingestion", "note": "a\0b"})
    await publish(queues, STATUS, {**right, "tenant_id": str(other.tenant)})  # the run of another tenant
    await publish(queues, STATUS, right)
    assert await receive_all(helpdesk, queues) == {"received": 1, "failed": 6}
    codes = sorted(failure.code for failure in await failures(other))
    assert codes == [*["message_unreadable"] * 5, "run_unknown"]
    assert await failures(helpdesk) == []
    assert await receive_all(helpdesk, queues) == {}


@pytest.mark.parametrize(
    ("properties", "kind", "sent"),
    [
        ({"timestamp": datetime(2026, 1, 1, tzinfo=UTC)}, "timestamp", struct.pack(">Q", 1_767_225_600_000_000_000)),
        ({"message_id": "m1"}, "shortstr", b"\x02\xff\xfe"),
    ],
)
async def test_properties_that_cannot_be_read_stop_nobody(
    helpdesk: Helpdesk, queues: Rabbit, properties: dict[str, Any], kind: str, sent: bytes
) -> None:
    message = status(helpdesk, await a_run(helpdesk))
    [value], usual = properties.values(), encode.METHODS[kind]
    with pytest.MonkeyPatch.context() as sender:
        sender.setitem(encode.METHODS, kind, lambda each: sent if each == value else usual(each))
        await publish(queues, STATUS, message, **properties)
    await publish(queues, STATUS, {**message, "status": "completed"})
    assert await receive_all(helpdesk, queues) == {"received": 2}


async def test_a_message_for_no_tenant_of_ours_is_kept_for_the_operator(helpdesk: Helpdesk, queues: Rabbit) -> None:
    stranger = {"tenant_id": str(uuid4()), "type": "cluster_notification"}
    for body in (b"noise", stranger, {"tenant_id": None}, b"x" * 1_100_000):
        await publish(queues, "cluster_notification", body, message_id="m1")
    assert await receive_all(helpdesk, queues) == {"rejected": 4}
    kept = await bodies(queues, REJECTED)
    assert len(kept) == 4
    assert {message.headers["queue"] for message in kept} == {"cluster_notification"}
    assert any("no tenant" in message.headers["reason"] for message in kept)
    assert b"noise" in {message.body for message in kept}


async def test_nothing_is_lost_while_the_database_is_away(
    helpdesk: Helpdesk, queues: Rabbit, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = status(helpdesk, await a_run(helpdesk))
    await publish(queues, STATUS, message)

    async def away(*_: object, **__: object) -> None:
        raise NotReady("database: away")

    with monkeypatch.context() as patched:
        patched.setattr(receive, "receive_messages", away)
        with pytest.raises(NotReady, match="away"):
            await receive_all(helpdesk, queues)
    assert await receive_all(helpdesk, queues) == {"received": 1}


async def test_a_bug_that_one_tenants_messages_meet_stops_no_other(
    helpdesk: Helpdesk, queues: Rabbit, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = await open_helpdesk(helpdesk.access, helpdesk.url)
    store = receive_messages

    async def fails_for_one(functions: Any, tenant: UUID, *rest: Any, **more: Any) -> Any:
        if tenant == other.tenant:
            raise ZeroDivisionError
        return await store(functions, tenant, *rest, **more)

    monkeypatch.setattr(receive, "receive_messages", fails_for_one)
    for desk in (other, helpdesk):
        await publish(queues, STATUS, status(desk, await a_run(desk)))
    assert await receive_all(helpdesk, queues) == {"received": 1, "rejected": 1}


async def test_a_broker_that_goes_away_or_refuses_ends_the_run_without_the_login(
    helpdesk: Helpdesk, queues: Rabbit
) -> None:
    for url in ("amqp://u:s3cret@127.0.0.1:1/", f"amqp://guest:s3cret@127.0.0.1:{queues.port}/"):
        broker = AmqpBroker.model_validate({"url": url})
        with pytest.raises(NotReady, match="not reachable") as caught:
            await receive_notifications(helpdesk.functions, broker, within=MINUTE, actor=READER)
        assert "s3cret" not in str(caught.value)
    reading = asyncio.create_task(
        receive_notifications(helpdesk.functions, broker_of(queues), within=MINUTE, actor=READER)
    )
    await publish(queues, STATUS, status(helpdesk, await a_run(helpdesk)))

    async def is_read() -> bool:
        return bool(await list_messages(helpdesk.functions, helpdesk.tenant, limit=1))

    async with asyncio.timeout(60):
        await eventually(is_read)
        await asyncio.to_thread(queues.control, "close_all_connections", "maintenance")
        with pytest.raises(NotReady, match="AMQP broker"):
            await reading


async def test_the_job_reads_the_broker_of_the_settings(
    helpdesk: Helpdesk, queues: Rabbit, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = a_context(helpdesk, is_requested=True)
    assert not await autopilot_notifications.is_needed(context)
    monkeypatch.setenv("ACP_AMQP_BROKERS", json.dumps({"events": {"url": queues.url}}))
    monkeypatch.setenv("ACP_AUTOPILOT_BROKER", "events")
    assert await autopilot_notifications.is_needed(context)
    await publish(queues, STATUS, status(helpdesk, await a_run(helpdesk)))
    report = await autopilot_notifications.run(context)
    assert (report.problem, report.counts["received"]) == (None, 1)
    monkeypatch.setenv("ACP_AUTOPILOT_BROKER", "other")
    with pytest.raises(SettingsError, match="no broker named 'other'"):
        await autopilot_notifications.is_needed(context)
