"""Calls that leave as messages: one persistent message per call, delivered only once the broker has confirmed it.

A message may arrive twice where the confirmation was lost: `message_id` is the envelope's id, by which consumers know
it again. Importing this module brings in the AMQP client; `services.tools.providers` waits with that until a call needs
it.
"""

import asyncio
import logging
import math
from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import timedelta
from types import TracebackType
from typing import Any, Protocol, Self
from uuid import uuid4

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractConnection, AbstractExchange
from aio_pika.connection import make_url
from aio_pika.exceptions import DeliveryError, PublishError
from aiormq.exceptions import (
    AMQPError,
    AuthenticationError,
    ChannelAccessRefused,
    ChannelInvalidStateError,
    ChannelNotFoundEntity,
    ConnectionNotAllowed,
    ProbableAuthenticationError,
)
from pydantic import SecretStr

from services.clock import Clock, utc_now
from services.errors import NotFound
from services.tools import Failed, ListedTool, Outcome, Success, ToolCall, Unknown
from services.tools.answers import json_body, one_line, valid_traceparent
from services.tools.event import event_of

COOL_DOWN = timedelta(seconds=5)
"""A broker that did not let us in is not asked again before."""
HEALTHY_WITHIN = timedelta(seconds=10)
BLOCKED_FOR = timedelta(seconds=5)
"""Between two looks at a broker that takes no messages now."""
PROVEN_FOR = 1.0
"""Seconds after a confirmation in which a connection is believed to take messages."""
PROVES_WITHIN = 3.0
"""Seconds in which a connection must show that it does, or it is opened anew."""
LOOK_EVERY = 0.02

_AWAY = (AMQPError, ChannelInvalidStateError, ConnectionError, OSError, RuntimeError)
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


def listed(tool: DeclaredTool, broker: str) -> ListedTool:
    return ListedTool(
        name=tool.name, description=tool.description, schema=tool.schema_, annotations=tool.annotations,
        config={"broker": broker, "exchange": tool.exchange, "routing_key": tool.routing_key},
    )  # fmt: skip


class AmqpProvider:
    """Tools behind a message broker: `config.broker` names it, `config.exchange` and `config.routing_key` say where to.

    Use it as an async context manager; its connections end with it.
    """

    def __init__(
        self, brokers: Mapping[str, BrokerSettings], *, cool_down: timedelta = COOL_DOWN, clock: Clock = utc_now
    ) -> None:
        self._brokers = {name: _Broker(name, settings, cool_down) for name, settings in brokers.items()}
        self._clock = clock
        for library in ("aio_pika", "aiormq"):  # they tell of every lost connection with its traceback, and so do we
            logging.getLogger(library).setLevel(logging.CRITICAL)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        for broker in self._brokers.values():
            await broker.close()

    async def execute(self, call: ToolCall) -> Outcome:
        """Publish the call once, within `call.timeout`, the connection included."""
        asked = self._asked(call)
        if isinstance(asked, Failed):
            return asked
        broker, exchange, key, message = asked
        within, left = f"within {call.timeout.total_seconds():g} s", False
        try:
            async with asyncio.timeout(call.timeout.total_seconds()), broker.turn(exchange, key):
                reached = await broker.reach(exchange, key)
                if isinstance(reached, Failed):
                    return reached
                left = True
                await reached.publish(message, key, mandatory=True)
                broker.note_confirmation(exchange, key)
        except TimeoutError:
            if not left:
                return Failed(error=f"AMQP broker {broker.name!r} was not ready {within}", retryable=True)
            return Unknown(error=f"AMQP broker {broker.name!r} gave no confirmation {within}")
        except (DeliveryError, *_AWAY) as exc:
            return _outcome(broker.name, exchange, key, exc)
        return Success(result={"delivered": True})

    async def list_tools(self, source: str) -> list[ListedTool]:
        """What the settings say may be sent to this broker. Raises NotFound for one that they do not name."""
        if source not in self._brokers:
            raise NotFound(f"source: ACP_AMQP_BROKERS has no broker named {source!r}")
        return [listed(tool, source) for tool in self._brokers[source].settings.tools]

    def _asked(self, call: ToolCall) -> "tuple[_Broker, str, str, aio_pika.Message] | Failed":
        name, exchange, key = (call.tool.config.get(at) for at in ("broker", "exchange", "routing_key"))
        if not isinstance(name, str) or name not in self._brokers:
            return _final(f"config.broker: ACP_AMQP_BROKERS has no broker named {name!r}")
        if not isinstance(exchange, str) or not isinstance(key, str) or not (exchange or key):
            return _final("config.exchange, config.routing_key: texts; the default exchange needs a routing key")
        message = _message(call, self._clock)
        return _final("arguments: they cannot be written as JSON") if message is None else (
            self._brokers[name], exchange, key, message
        )  # fmt: skip

    async def health(self, source: str) -> str | None:
        """None when the broker lets us in, else what is wrong, in a line."""
        if source not in self._brokers:
            return f"ACP_AMQP_BROKERS has no broker named {source!r}"
        try:
            async with asyncio.timeout(HEALTHY_WITHIN.total_seconds()):
                reached = await self._brokers[source].reach("", "")
        except TimeoutError:
            return f"AMQP broker {source!r} gave no answer within {HEALTHY_WITHIN.total_seconds():g} s"
        return reached.error if isinstance(reached, Failed) else None


@dataclass(slots=True)
class _Broker:
    """One connection for all calls, and a channel for each exchange and routing key: the broker closes a whole channel
    over one message that it does not let us send, and so over no other tool's."""

    name: str
    settings: BrokerSettings
    cool_down: timedelta
    _connection: AbstractConnection | None = None
    _channels: dict[tuple[str, str], tuple[AbstractChannel, AbstractExchange]] = field(default_factory=dict)
    _taken: set[tuple[str, str]] = field(default_factory=set)
    """Kinds of which the broker has taken one over this connection."""
    _turns: dict[tuple[str, str], asyncio.Lock] = field(default_factory=dict)
    _opening: asyncio.Lock = field(default_factory=asyncio.Lock)
    _problem: str = ""
    _rest_until: float = 0.0
    _confirmed_at: float = -math.inf

    async def reach(self, exchange: str, key: str) -> AbstractExchange | Failed:
        """The exchange on a channel that takes messages now, or why there is none: nothing has left then."""
        if (open_now := self._open_now(exchange, key)) is not None:
            return open_now
        async with self._opening:
            try:
                connection = await self._proven()
                if isinstance(connection, Failed):
                    return connection
                if (open_now := self._open_now(exchange, key)) is not None:
                    return open_now
                channel = connection.channel(publisher_confirms=True, on_return_raises=True)
                await channel.initialize()
                reached = await channel.get_exchange(exchange, ensure=False) if exchange else channel.default_exchange
                self._channels[exchange, key] = channel, reached
            except _AWAY as exc:
                await self.close()
                return Failed(error=self._put_off(exc), retryable=True, retry_after=self.cool_down)
            return reached

    def turn(self, exchange: str, key: str) -> AbstractAsyncContextManager[Any]:
        """Until a message of this kind was taken, one goes at a time: the client answers the end of a channel with an
        error that ends the whole connection, where it still has messages for it."""
        if (exchange, key) in self._taken:
            return nullcontext()
        return self._turns.setdefault((exchange, key), asyncio.Lock())

    def note_confirmation(self, exchange: str, key: str) -> None:
        """The broker has just taken a message."""
        self._confirmed_at = asyncio.get_running_loop().time()
        self._taken.add((exchange, key))

    async def close(self) -> None:
        """Whatever is open."""
        self._channels.clear()
        self._taken.clear()
        connection, self._connection = self._connection, None
        if connection is not None:
            await _closed(connection)

    def _open_now(self, exchange: str, key: str) -> AbstractExchange | None:
        found = self._channels.get((exchange, key))
        is_proven = asyncio.get_running_loop().time() < self._confirmed_at + PROVEN_FOR
        if found is None or not is_proven or self._connection is None or not _is_open(self._connection):
            return None
        return None if found[0].is_closed else found[1]

    async def _proven(self) -> AbstractConnection | Failed:
        """A connection over which messages pass.

        A broker with an alarm tells so only whoever publishes, and keeps what they sent until it is over; a connection
        that was cut while it was idle looks open until it is used. So after a pause a message goes first that no queue
        can take: that it comes back is proof, and where it does not nothing else has left.
        """
        connection = await self._connected()
        try:
            takes = isinstance(connection, Failed) or await self._takes_messages(connection)
        except _AWAY:
            await self.close()
            connection = await self._connected()
            takes = isinstance(connection, Failed) or await self._takes_messages(connection)
        if takes:
            return connection
        error = f"AMQP broker {self.name!r} takes no messages now (it has raised an alarm): see its log"
        return Failed(error=error, retryable=True, held=True, retry_after=BLOCKED_FOR)

    async def _takes_messages(self, connection: AbstractConnection) -> bool:
        """False where the broker says that it takes nothing now. Raises what the client raises when it is away."""
        if await _is_blocked(connection):
            return False
        if asyncio.get_running_loop().time() < self._confirmed_at + PROVEN_FOR:
            return True
        probe = asyncio.create_task(_probe(connection))
        try:
            async with asyncio.timeout(PROVES_WITHIN):
                while not probe.done():
                    await asyncio.wait([probe], timeout=LOOK_EVERY)
                    if not probe.done() and await _is_blocked(connection):
                        return False
            await probe
        finally:
            probe.cancel()
            await asyncio.gather(probe, return_exceptions=True)
        self._confirmed_at = asyncio.get_running_loop().time()
        return True

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

    def _put_off(self, exc: BaseException) -> str:
        """The client's own words may hold the login."""
        self._rest_until = asyncio.get_running_loop().time() + self.cool_down.total_seconds()
        remedy = "check its login in ACP_AMQP_BROKERS" if isinstance(exc, _REFUSED) else "is it running?"
        self._problem = f"AMQP broker {self.name!r} is not reachable ({type(exc).__name__}): {remedy}"
        return self._problem


def _is_open(connection: AbstractConnection) -> bool:
    """A connection that was lost does not always say itself that it is closed."""
    return not connection.is_closed and connection.transport is not None and connection.transport.connection.is_opened


async def _is_blocked(connection: AbstractConnection) -> bool:
    """Whether the broker has said that it takes nothing; the client only lets us wait for the end of that."""
    try:
        async with asyncio.timeout(0):
            if connection.transport is not None:
                await connection.transport.connection.ready()
    except TimeoutError:
        return True
    return False


async def _probe(connection: AbstractConnection) -> None:
    channel = connection.channel(publisher_confirms=True, on_return_raises=True)
    try:
        await channel.initialize()
        await channel.default_exchange.publish(aio_pika.Message(b""), f"{uuid4()}", mandatory=True)
    except (DeliveryError, ChannelAccessRefused):
        pass  # it answers
    finally:
        await channel.close()


async def _closed(connection: AbstractConnection) -> None:
    try:
        async with asyncio.timeout(2):
            await connection.close()
    except (TimeoutError, *_AWAY):
        pass


def _message(call: ToolCall, clock: Clock) -> aio_pika.Message | None:
    now = clock()
    body = json_body(event_of(call, now))
    if body is None:
        return None
    headers: dict[str, Any] = {"tenant_id": str(call.tenant_id), "tool_slug": call.tool.tool_slug}
    if traceparent := valid_traceparent(call.traceparent):
        headers["traceparent"] = traceparent
    return aio_pika.Message(
        body, headers=headers, content_type="application/json", delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
        message_id=str(call.envelope_id), timestamp=now, type=call.tool.tool_slug,
    )  # fmt: skip


def _outcome(broker: str, exchange: str, key: str, exc: BaseException) -> Outcome:
    """What it means that the broker did not confirm. Pure."""
    match exc:
        case PublishError():
            return _final(f"AMQP broker {broker!r}: no queue is bound to exchange {exchange!r} for {key!r}")
        case DeliveryError():
            return Failed(error=f"AMQP broker {broker!r} refused the message for now (nack)", retryable=True)
        case ChannelNotFoundEntity():
            return _final(f"config.exchange: AMQP broker {broker!r} has no exchange {exchange!r}")
        case ChannelAccessRefused():
            return _final(f"AMQP broker {broker!r} does not let this login write to exchange {exchange!r}")
    return Unknown(error=f"AMQP broker {broker!r} went away before it confirmed ({type(exc).__name__})")


def _final(error: str) -> Failed:
    return Failed(error=one_line(error), retryable=False)
