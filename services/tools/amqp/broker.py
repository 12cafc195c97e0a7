"""One message broker: a connection that takes messages now, shared by all calls, or why there is none."""

import asyncio
import math
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Protocol, cast
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
from pydantic import SecretStr

from services.tools import Failed

COOL_DOWN = timedelta(seconds=5)
"""A broker that did not let us in is not asked again before."""
BLOCKED_FOR = timedelta(seconds=5)
"""Between two looks at a broker that takes no messages now."""
PROVEN_FOR = 1.0
"""Seconds after a confirmation in which a connection is believed to take messages."""
PROVES_WITHIN = 3.0
"""Seconds in which a connection must show that it does, or it is opened anew."""
LOOK_EVERY = 0.02

AWAY = (AMQPError, ChannelInvalidStateError, ConnectionError, OSError, RuntimeError)
"""What the client raises when the other side is gone or closes; RuntimeError is its word for a closed channel."""
_REFUSED = (AuthenticationError, ProbableAuthenticationError, ConnectionNotAllowed)


class DeclaredTool(Protocol):
    """A message that a broker's settings name as a tool: a broker has no listing of its own."""

    @property
    def name(self) -> str: ...
    @property
    def description(self) -> str: ...
    @property
    def schema_(self) -> Mapping[str, Any]: ...
    @property
    def annotations(self) -> Mapping[str, Any]: ...
    @property
    def exchange(self) -> str: ...
    @property
    def routing_key(self) -> str: ...


class BrokerSettings(Protocol):
    """Where a broker is, with its login, and what may be sent to it."""

    @property
    def url(self) -> SecretStr: ...
    @property
    def tools(self) -> Sequence[DeclaredTool]: ...


@dataclass(slots=True)
class Broker:
    """One connection for all calls, and a channel for each exchange and routing key: the broker closes a whole channel
    over one message that it does not let us send, and so over no other tool's."""

    name: str
    settings: BrokerSettings
    cool_down: timedelta
    _connection: AbstractConnection | None = None
    _channels: dict[tuple[str, str], Channel] = field(default_factory=dict)
    _spare: Channel | None = None
    """One over which no tool's message has gone: proofs go over it, and the next kind of message takes it. To a broker
    far away, opening one costs two journeys there and back."""
    _taken: set[tuple[str, str]] = field(default_factory=set)
    """Kinds of which the broker has taken one over this connection."""
    _turns: dict[tuple[str, str], asyncio.Lock] = field(default_factory=dict)
    _opening: asyncio.Lock = field(default_factory=asyncio.Lock)
    _problem: str = ""
    _rest_until: float = 0.0
    _confirmed_at: float = -math.inf

    async def reach(self, exchange: str, key: str) -> Channel | Failed:
        """A channel that takes messages now, or why there is none: nothing has left then."""
        if (open_now := self._open_now(exchange, key)) is not None:
            return open_now
        async with self._opening:
            try:
                connection = await self._proven()
                if isinstance(connection, Failed):
                    return connection
                if (open_now := self._open_now(exchange, key)) is not None:
                    return open_now
                channel = self._channels[exchange, key] = await self._unused(connection)
            except AWAY as exc:
                return await self._given_up(exc)
            return channel

    async def why_not(self) -> Failed | None:
        """Why there is no connection that takes messages now; None where there is."""
        async with self._opening:
            try:
                connection = await self._proven()
            except AWAY as exc:
                return await self._given_up(exc)
            return connection if isinstance(connection, Failed) else None

    @asynccontextmanager
    async def turn(self, exchange: str, key: str) -> AsyncIterator[None]:
        """Until a message of this kind was taken, one goes at a time: the client answers the end of a channel with an
        error that ends the whole connection, where it still has messages for it. Those that waited then go together."""
        lock = self._turns.setdefault((exchange, key), asyncio.Lock())
        if (exchange, key) not in self._taken:
            await lock.acquire()
            if (exchange, key) not in self._taken:
                try:
                    yield
                finally:
                    lock.release()
                return
            lock.release()
        yield

    def note_confirmation(self, exchange: str, key: str) -> None:
        """The broker has just taken a message."""
        self._confirmed_at = asyncio.get_running_loop().time()
        self._taken.add((exchange, key))

    async def close(self) -> None:
        """Whatever is open."""
        self._channels.clear()
        self._spare = None
        self._taken.clear()
        connection, self._connection = self._connection, None
        if connection is not None:
            await _closed(connection)

    def _open_now(self, exchange: str, key: str) -> Channel | None:
        channel = self._channels.get((exchange, key))
        if channel is None or channel.is_closed or self._connection is None or not _is_open(self._connection):
            return None
        return None if _is_blocked(self._connection) or not self._is_proven() else channel

    def _is_proven(self) -> bool:
        return asyncio.get_running_loop().time() < self._confirmed_at + PROVEN_FOR

    async def _proven(self) -> AbstractConnection | Failed:
        """A connection over which messages pass.

        A broker with an alarm tells so only whoever publishes, and keeps what they sent until it is over; a connection
        that was cut while it was idle looks open until it is used. So after a pause a message goes first that no queue
        can take: that it comes back is proof, and where it does not nothing else has left.
        """
        connection = await self._connected()
        try:
            takes = isinstance(connection, Failed) or await self._takes_messages(connection)
        except AWAY:
            await self.close()
            connection = await self._connected()
            takes = isinstance(connection, Failed) or await self._takes_messages(connection)
        if takes:
            return connection
        error = f"AMQP broker {self.name!r} takes no messages now (it has raised an alarm): see its log"
        return Failed(error=error, retryable=True, held=True, retry_after=BLOCKED_FOR)

    async def _takes_messages(self, connection: AbstractConnection) -> bool:
        """False where the broker says that it takes nothing now. Raises what the client raises when it is away."""
        if _is_blocked(connection):
            return False
        if self._is_proven():
            return True
        probe = asyncio.create_task(self._probe(connection))
        try:
            async with asyncio.timeout(PROVES_WITHIN):
                while not probe.done():
                    await asyncio.wait([probe], timeout=LOOK_EVERY)
                    if not probe.done() and _is_blocked(connection):
                        return False
            await probe
        finally:
            probe.cancel()
            await asyncio.gather(probe, return_exceptions=True)
        self._confirmed_at = asyncio.get_running_loop().time()
        return True

    async def _probe(self, connection: AbstractConnection) -> None:
        """A broker with an alarm takes one message, and reads no further: the answer to what follows it is the proof.

        Called off, it leaves its channel open, since such a broker would never answer that it is closed.
        """
        channel = await self._unused(connection)
        returned, followed = await asyncio.gather(
            channel.basic_publish(b"", routing_key=str(uuid4()), mandatory=True, wait=False),
            channel.confirm_delivery(),  # which it does already
            return_exceptions=True,
        )
        if isinstance(returned, ChannelAccessRefused):  # it answers, and has closed this channel
            return
        for problem in (returned, followed):
            if isinstance(problem, BaseException) and not isinstance(problem, DeliveryError):
                raise problem
        self._spare = channel

    async def _unused(self, connection: AbstractConnection) -> Channel:
        channel, self._spare = self._spare, None
        return await _opened(connection) if channel is None or channel.is_closed else channel

    async def _connected(self) -> AbstractConnection | Failed:
        if self._connection is not None and _is_open(self._connection):
            return self._connection
        await self.close()
        wait = self._rest_until - asyncio.get_running_loop().time()
        if wait > 0:
            return Failed(error=self._problem, retryable=True, retry_after=timedelta(seconds=wait))
        connection = aio_pika.Connection(make_url(self.settings.url.get_secret_value()))
        try:
            await connection.connect()
        except BaseException:  # called off, too: one that nobody closes closes itself at some odd moment later
            await _closed(connection)
            raise
        self._connection = connection
        self._confirmed_at = -math.inf
        return connection

    async def _given_up(self, exc: BaseException) -> Failed:
        await self.close()
        return Failed(error=self._put_off(exc), retryable=True, retry_after=self.cool_down)

    def _put_off(self, exc: BaseException) -> str:
        """The client's own words may hold the login."""
        self._rest_until = asyncio.get_running_loop().time() + self.cool_down.total_seconds()
        remedy = "check its login in ACP_AMQP_BROKERS" if isinstance(exc, _REFUSED) else "is it running?"
        self._problem = f"AMQP broker {self.name!r} is not reachable ({type(exc).__name__}): {remedy}"
        return self._problem


def _is_open(connection: AbstractConnection) -> bool:
    """A connection that was lost does not always say itself that it is closed."""
    return not connection.is_closed and connection.transport is not None and connection.transport.connection.is_opened


def _is_blocked(connection: AbstractConnection) -> bool:
    """Whether the broker has said that it takes nothing. The client only lets us wait for the end of that: where there
    is something to wait for, it is so."""
    assert connection.transport is not None  # noqa: S101  # it is open
    waiting = connection.transport.connection.ready()
    try:
        waiting.send(None)
    except StopIteration:
        return False
    finally:
        waiting.close()
    return True


async def _opened(connection: AbstractConnection) -> Channel:
    """The channel of aiormq's, below aio-pika's: that would wait for each message to be written before the next."""
    channel = connection.channel(publisher_confirms=True, on_return_raises=True)
    await channel.initialize()
    return cast("Channel", await channel.get_underlay_channel())


async def _closed(connection: AbstractConnection) -> None:
    try:
        async with asyncio.timeout(2):
            await connection.close()
    except (TimeoutError, *AWAY):
        pass
