"""One message broker: a connection that all calls share and that is known to accept messages."""

import asyncio
import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import cast
from uuid import uuid4

import aio_pika
from aio_pika.abc import AbstractConnection
from aio_pika.connection import make_url
from aiormq.channel import Channel
from aiormq.exceptions import (
    AMQPError,
    AuthenticationError,
    ChannelAccessRefused,
    ChannelInvalidStateError,
    ConnectionNotAllowed,
    DeliveryError,
    ProbableAuthenticationError,
)

from services.tools import Failed
from services.tools.amqp import AmqpBroker

RECONNECT_AFTER = timedelta(seconds=5)
"""The wait after a failed connection before the next attempt to connect."""
BLOCKED_RETRY_AFTER = timedelta(seconds=5)
"""The wait before a call is tried again at a broker that accepts no messages now."""
CONFIRMED_FOR = 1.0
"""Seconds after a confirmation for which the connection counts as working."""
PROBE_TIMEOUT = 3.0
"""Seconds in which the broker must answer a probe; otherwise the connection is replaced."""
BLOCKED_CHECK_EVERY = 0.02
"""Seconds between two checks, during a probe, whether the broker has blocked the connection."""

CONNECTION_ERRORS = (AMQPError, ChannelInvalidStateError, ConnectionError, OSError, RuntimeError)
"""The exceptions of the client when the broker is unreachable or closes the connection. RuntimeError means that a
channel is already closed."""
_LOGIN_ERRORS = (AuthenticationError, ProbableAuthenticationError, ConnectionNotAllowed)


@dataclass(slots=True)
class Broker:
    """One connection for all calls, with one channel for each kind of message (exchange and routing key).

    The broker closes the channel of a message that it rejects; messages of other kinds are then not affected.
    """

    name: str
    settings: AmqpBroker
    reconnect_after: timedelta
    _connection: AbstractConnection | None = None
    _channels: dict[tuple[str, str], Channel] = field(default_factory=dict)
    _unused_channel: Channel | None = None
    """An open channel that no message of a tool has used. Probes use it, and the next kind of message gets it: opening
    a channel takes two round trips."""
    _confirmed_kinds: set[tuple[str, str]] = field(default_factory=set)
    """Exchange and routing key of each kind of message that the broker has confirmed on this connection."""
    _locks: dict[tuple[str, str], asyncio.Lock] = field(default_factory=dict)
    _opening: asyncio.Lock = field(default_factory=asyncio.Lock)
    _problem: str = ""
    _reconnect_at: float = 0.0
    _confirmed_at: float = -math.inf

    async def open_channel(self, exchange: str, key: str) -> Channel | Failed:
        """A channel that accepts messages now, or a failure that says why there is none; no message was sent then."""
        if (ready := self._find_ready_channel(exchange, key)) is not None:
            return ready
        async with self._opening:
            try:
                connection = await self._ensure_working_connection()
                if isinstance(connection, Failed):
                    return connection
                if (ready := self._find_ready_channel(exchange, key)) is not None:
                    return ready
                channel = self._channels[exchange, key] = await self._take_unused_channel(connection)
            except CONNECTION_ERRORS as exc:
                return await self._disconnect(exc)
            return channel

    async def find_problem(self) -> Failed | None:
        """Why no connection accepts messages now; None if one does."""
        async with self._opening:
            try:
                connection = await self._ensure_working_connection()
            except CONNECTION_ERRORS as exc:
                return await self._disconnect(exc)
            return connection if isinstance(connection, Failed) else None

    @asynccontextmanager
    async def serialize_until_confirmed(self, exchange: str, key: str) -> AsyncIterator[None]:
        """Publish messages with this exchange and routing key one at a time until the broker has confirmed one.

        The broker closes a channel if it rejects a message. If more messages waited for that channel, the client
        library would fail and end the whole connection.
        """
        lock = self._locks.setdefault((exchange, key), asyncio.Lock())
        if (exchange, key) not in self._confirmed_kinds:
            await lock.acquire()
            if (exchange, key) not in self._confirmed_kinds:
                try:
                    yield
                finally:
                    lock.release()
                return
            lock.release()
        yield

    def record_confirmation(self, exchange: str, key: str) -> None:
        """Record that the broker has just confirmed a message with this exchange and routing key."""
        self._confirmed_at = asyncio.get_running_loop().time()
        self._confirmed_kinds.add((exchange, key))

    async def close(self) -> None:
        """Close the connection and its channels."""
        self._channels.clear()
        self._unused_channel = None
        self._confirmed_kinds.clear()
        connection, self._connection = self._connection, None
        if connection is not None:
            await _close_quietly(connection)

    def _find_ready_channel(self, exchange: str, key: str) -> Channel | None:
        channel = self._channels.get((exchange, key))
        if channel is None or channel.is_closed or self._connection is None or not _is_open(self._connection):
            return None
        return None if _is_blocked(self._connection) or not self._is_confirmed() else channel

    def _is_confirmed(self) -> bool:
        return asyncio.get_running_loop().time() < self._confirmed_at + CONFIRMED_FOR

    async def _ensure_working_connection(self) -> AbstractConnection | Failed:
        """A connection that accepts messages, tested by a probe if the last confirmation is older than CONFIRMED_FOR.

        A broker with an alarm tells only clients that publish, and holds back their messages until the alarm is over. A
        connection that was cut while idle looks open until it is used. So the probe is a message that no queue takes. A
        working broker returns the probe. If the probe fails, no message of a tool has been sent.
        """
        connection = await self._connect()
        try:
            accepts = isinstance(connection, Failed) or await self._accepts_messages(connection)
        except CONNECTION_ERRORS:
            await self.close()
            connection = await self._connect()
            accepts = isinstance(connection, Failed) or await self._accepts_messages(connection)
        if accepts:
            return connection
        error = f"AMQP broker {self.name!r} accepts no messages now (memory or disk alarm): see the log of the broker"
        return Failed(error=error, retryable=True, held=True, retry_after=BLOCKED_RETRY_AFTER)

    async def _accepts_messages(self, connection: AbstractConnection) -> bool:
        """False when the broker has blocked the connection. Raises one of CONNECTION_ERRORS when it is unreachable."""
        if _is_blocked(connection):
            return False
        if self._is_confirmed():
            return True
        probe = asyncio.create_task(self._probe(connection))
        try:
            async with asyncio.timeout(PROBE_TIMEOUT):
                while not probe.done():
                    await asyncio.wait([probe], timeout=BLOCKED_CHECK_EVERY)
                    if not probe.done() and _is_blocked(connection):
                        return False
            await probe
        finally:
            probe.cancel()
            await asyncio.gather(probe, return_exceptions=True)
        self._confirmed_at = asyncio.get_running_loop().time()
        return True

    async def _probe(self, connection: AbstractConnection) -> None:
        """Publish a message that no queue takes, and send a second request after it. Returns once both are answered.

        A broker with an alarm reads one message and nothing after it, so only the answer to the second request shows
        that the broker works. A cancelled probe leaves its channel open, because a broker with an alarm would not
        answer a close request either.
        """
        channel = await self._take_unused_channel(connection)
        returned, followed = await asyncio.gather(
            channel.basic_publish(b"", routing_key=str(uuid4()), mandatory=True, wait=False),
            channel.confirm_delivery(),  # confirmation is on already; the request is sent only to get an answer
            return_exceptions=True,
        )
        if isinstance(returned, ChannelAccessRefused):  # the broker works, and has closed this channel
            return
        for problem in (returned, followed):
            if isinstance(problem, BaseException) and not isinstance(problem, DeliveryError):
                raise problem
        self._unused_channel = channel

    async def _take_unused_channel(self, connection: AbstractConnection) -> Channel:
        channel, self._unused_channel = self._unused_channel, None
        return await _open_confirming_channel(connection) if channel is None or channel.is_closed else channel

    async def _connect(self) -> AbstractConnection | Failed:
        if self._connection is not None and _is_open(self._connection):
            return self._connection
        await self.close()
        wait = self._reconnect_at - asyncio.get_running_loop().time()
        if wait > 0:
            return Failed(error=self._problem, retryable=True, retry_after=timedelta(seconds=wait))
        connection = aio_pika.Connection(make_url(self.settings.url.get_secret_value()))
        try:
            await connection.connect()
        except BaseException:  # also a cancellation: otherwise the client would close the connection later
            await _close_quietly(connection)
            raise
        self._connection = connection
        self._confirmed_at = -math.inf
        return connection

    async def _disconnect(self, exc: BaseException) -> Failed:
        await self.close()
        return Failed(error=self._postpone_reconnect(exc), retryable=True, retry_after=self.reconnect_after)

    def _postpone_reconnect(self, exc: BaseException) -> str:
        """Set when to connect again; returns the problem, without the client's message, which may contain the login."""
        self._reconnect_at = asyncio.get_running_loop().time() + self.reconnect_after.total_seconds()
        remedy = "check its login in ACP_AMQP_BROKERS" if isinstance(exc, _LOGIN_ERRORS) else "is it running?"
        self._problem = f"AMQP broker {self.name!r} is not reachable ({type(exc).__name__}): {remedy}"
        return self._problem


def _is_open(connection: AbstractConnection) -> bool:
    """Whether the connection and its transport are open: a lost connection does not always report itself as closed."""
    return not connection.is_closed and connection.transport is not None and connection.transport.connection.is_opened


def _is_blocked(connection: AbstractConnection) -> bool:
    """Whether the broker has blocked the connection (`connection.blocked`).

    The client offers no such flag, only `ready()`, which waits until the connection is unblocked: it is blocked if that
    coroutine does not end at its first step.
    """
    assert connection.transport is not None  # noqa: S101  # the connection is open
    waiting = connection.transport.connection.ready()
    try:
        waiting.send(None)
    except StopIteration:
        return False
    finally:
        waiting.close()
    return True


async def _open_confirming_channel(connection: AbstractConnection) -> Channel:
    """A new aiormq channel with confirmations. A channel of aio-pika itself would write only one message at a time."""
    channel = connection.channel(publisher_confirms=True, on_return_raises=True)
    await channel.initialize()
    return cast("Channel", await channel.get_underlay_channel())


async def _close_quietly(connection: AbstractConnection) -> None:
    try:
        async with asyncio.timeout(2):
            await connection.close()
    except (TimeoutError, *CONNECTION_ERRORS):
        pass
