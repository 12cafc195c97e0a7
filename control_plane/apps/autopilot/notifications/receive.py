"""Read the three queues of a broker.

A message is acknowledged only after the database has it, or, if it belongs to no tenant of ours, after the queue
`autopilot_rejected` has it. So a message may be read twice, and is never lost.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractConnection, AbstractIncomingMessage, DeliveryMode
from aio_pika.exceptions import ChannelNotFoundEntity

from control_plane.apps.autopilot.notifications.messages import ReadMessage, Received, read_message
from control_plane.apps.autopilot.notifications.properties import read_any_properties
from control_plane.apps.autopilot.notifications.queues import QUEUES, REJECTED
from control_plane.apps.autopilot.store.messages import receive_messages
from control_plane.jobs import log_bug
from services.backends.functions import Functions
from services.envelope import Actor
from services.errors import ControlPlaneError, InvalidInput, Locked, NotReady, concerns_one_tenant
from services.tools.amqp import AmqpBroker
from services.tools.amqp.broker import CONNECTION_ERRORS
from services.untrusted import one_line

CONNECT_WITHIN = 10.0
"""Seconds until the connection and the queues must be ready."""
AT_ONCE = 50
"""How many messages of a queue the broker sends before the first one is acknowledged. It keeps the others."""
REJECTED_BYTES = 256 * 1024 * 1024
"""The largest size of the queue of rejected messages, because anybody who may write to the broker may fill it. The
broker then drops the oldest messages."""

Delivery = tuple[str, AbstractIncomingMessage]
"""A message, and the queue that it came from."""
Inbox = asyncio.Queue[Delivery | None]
"""The messages that the broker sent. None: the connection is closed."""


async def receive_notifications(
    functions: Functions, broker: AmqpBroker, *, within: timedelta, until_empty: bool = False, actor: Actor
) -> Counter[str]:
    """Read the queues for so long, or only until they are empty. Returns how many messages were received, repeated,
    failed, and rejected. Raises NotReady if the broker or the database cannot be reached."""
    counts: Counter[str] = Counter(received=0, repeated=0, failed=0, rejected=0)
    ends_at = asyncio.get_running_loop().time() + within.total_seconds()
    read = 0
    async with _open_inbox(broker) as (channel, inbox, waiting):
        while batch := await _next_batch(inbox, ends_at, at_once=until_empty and read >= waiting):
            read += len(batch)
            counts += await _Batch(functions, channel, actor).process(batch)
    return counts


@asynccontextmanager
async def _open_inbox(broker: AmqpBroker) -> AsyncIterator[tuple[AbstractChannel, Inbox, int]]:
    """A channel, the messages as the broker sends them, and how many waited at the beginning."""
    for library in ("aio_pika", "aiormq"):  # they log a traceback per lost connection; the job reports it already
        logging.getLogger(library).setLevel(logging.CRITICAL)
    read_any_properties()
    connection = None
    try:
        async with asyncio.timeout(CONNECT_WITHIN):
            connection = await aio_pika.connect(broker.url.get_secret_value())
            waiting = [await _declare(connection, queue.name) for queue in QUEUES]
            await _declare(connection, REJECTED, {"x-max-length-bytes": REJECTED_BYTES})
            channel = await connection.channel()
            await channel.set_qos(prefetch_count=AT_ONCE)
            inbox: Inbox = asyncio.Queue()
            channel.close_callbacks.add(lambda *_: inbox.put_nowait(None))
            for queue in QUEUES:
                await _consume(channel, queue.name, inbox)
        yield channel, inbox, sum(waiting)
    except TimeoutError:
        raise NotReady(f"the AMQP broker of ACP_AUTOPILOT_BROKER gave no answer within {CONNECT_WITHIN:g} s") from None
    except CONNECTION_ERRORS as exc:  # without its message, which may contain the login
        raise NotReady(f"the AMQP broker of ACP_AUTOPILOT_BROKER is not reachable ({type(exc).__name__})") from None
    finally:
        if connection is not None:
            await connection.close()


async def _declare(connection: AbstractConnection, name: str, arguments: dict[str, Any] | None = None) -> int:
    """Make the queue if it is missing; a queue that exists keeps its own arguments. Returns how many messages wait."""
    channel = await connection.channel()
    try:
        queue = await channel.declare_queue(name, passive=True)
    except ChannelNotFoundEntity:  # the broker has closed the channel
        channel = await connection.channel()
        queue = await channel.declare_queue(name, durable=True, arguments=arguments)
    await channel.close()
    return queue.declaration_result.message_count or 0


async def _consume(channel: AbstractChannel, name: str, inbox: Inbox) -> None:
    async def take(message: AbstractIncomingMessage) -> None:
        inbox.put_nowait((name, message))

    await (await channel.get_queue(name, ensure=False)).consume(take)


async def _next_batch(inbox: Inbox, ends_at: float, *, at_once: bool) -> list[Delivery]:
    """The messages that have arrived; waits for the first one until `ends_at`, or not at all if `at_once`. An empty
    list if there is none."""
    batch: list[Delivery | None] = []
    try:
        async with asyncio.timeout_at(ends_at):
            if not at_once or not inbox.empty():
                batch.append(await inbox.get())
    except TimeoutError:
        return []
    while not inbox.empty() and len(batch) < AT_ONCE:
        batch.append(inbox.get_nowait())
    if None in batch:
        raise NotReady("the AMQP broker of ACP_AUTOPILOT_BROKER closed the connection")
    return [delivery for delivery in batch if delivery is not None]


class _Batch:
    """Processes messages. Those of one tenant never delay or stop those of another."""

    def __init__(self, functions: Functions, channel: AbstractChannel, actor: Actor) -> None:
        self._functions = functions
        self._channel = channel
        self._actor = actor

    async def process(self, batch: Sequence[Delivery]) -> Counter[str]:
        counts: Counter[str] = Counter()
        groups: dict[tuple[str, UUID], list[tuple[AbstractIncomingMessage, ReadMessage]]] = {}
        for queue, message in batch:
            try:
                read = read_message(Received(
                    body=message.body, message_id=message.message_id, sent_at=message.timestamp,
                    tenant_header=message.headers.get("tenant_id"),
                ))  # fmt: skip
            except InvalidInput as exc:
                counts += await self._reject(queue, [message], str(exc))
            else:
                groups.setdefault((queue, read.tenant), []).append((message, read))
        for (queue, tenant), members in groups.items():
            messages = [message for message, _ in members]
            counts += await self._store(queue, tenant, messages, [read.row for _, read in members])
        return counts

    async def _store(
        self, queue: str, tenant: UUID, messages: Sequence[AbstractIncomingMessage], rows: Sequence[Any]
    ) -> Counter[str]:
        try:
            done = await receive_messages(self._functions, tenant, queue, rows, actor=self._actor)
        except Locked:  # the tenant's rows are in use: the broker sends the messages again
            for message in messages:
                await message.nack(requeue=True)
            return Counter()
        except ControlPlaneError as exc:
            if not concerns_one_tenant(exc):
                raise
            return await self._reject(queue, messages, str(exc))
        except Exception as exc:  # a bug that depends on one tenant's messages must not stop the others
            return await self._reject(queue, messages, log_bug(exc, tenant=str(tenant)))
        for message in messages:
            await message.ack()
        return Counter(received=done.received, repeated=done.repeated, failed=done.failed)

    async def _reject(self, queue: str, messages: Sequence[AbstractIncomingMessage], reason: str) -> Counter[str]:
        """Move messages to the queue of the operator."""
        for message in messages:
            copy = aio_pika.Message(
                message.body, headers={"queue": queue, "reason": one_line(reason)[:500]},
                message_id=message.message_id, timestamp=message.timestamp, delivery_mode=DeliveryMode.PERSISTENT,
            )  # fmt: skip
            await self._channel.default_exchange.publish(copy, routing_key=REJECTED)
            await message.ack()
        return Counter(rejected=len(messages))
