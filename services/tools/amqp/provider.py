"""Calls that leave as messages: one persistent message per call, delivered only once the broker has confirmed it.

A message may arrive twice where the confirmation was lost: `message_id` is the envelope's id, by which consumers know
it again. Importing this module brings in the AMQP client; `services.tools.registry` waits with that until a call needs
it.
"""

import asyncio
import logging
from collections.abc import Mapping
from datetime import timedelta
from types import TracebackType
from typing import Any, Self

from aiormq import spec
from aiormq.exceptions import ChannelAccessRefused, ChannelNotFoundEntity, DeliveryError, PublishError

from services.catalog import ListedTool
from services.clock import Clock, utc_now
from services.errors import NotFound
from services.tools import Failed, Outcome, Success, ToolCall, Unknown
from services.tools.amqp.broker import AWAY, COOL_DOWN, Broker, BrokerSettings, DeclaredTool
from services.tools.event import event_of
from services.untrusted import json_body, one_line, valid_traceparent

Message = tuple[bytes, spec.Basic.Properties]
PERSISTENT = 2
"""AMQP's delivery mode."""
HEALTHY_WITHIN = timedelta(seconds=10)


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
        self._brokers = {name: Broker(name, settings, cool_down) for name, settings in brokers.items()}
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
                body, properties = message
                await reached.basic_publish(
                    body, exchange=exchange, routing_key=key, properties=properties, mandatory=True, wait=False
                )
                broker.note_confirmation(exchange, key)
        except TimeoutError:
            if not left:
                return Failed(error=f"AMQP broker {broker.name!r} was not ready {within}", retryable=True)
            return Unknown(error=f"AMQP broker {broker.name!r} gave no confirmation {within}")
        except (DeliveryError, *AWAY) as exc:
            return _outcome(broker.name, exchange, key, exc)
        return Success(result={"delivered": True})

    async def list_tools(self, source: str) -> list[ListedTool]:
        """What the settings say may be sent to this broker. Raises NotFound for one that they do not name."""
        if source not in self._brokers:
            raise NotFound("source", source, f"ACP_AMQP_BROKERS has no broker named {source!r}")
        return [listed(tool, source) for tool in self._brokers[source].settings.tools]

    def _asked(self, call: ToolCall) -> "tuple[Broker, str, str, Message] | Failed":
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


def _message(call: ToolCall, clock: Clock) -> Message | None:
    now = clock()
    body = json_body(event_of(call, now))
    if body is None:
        return None
    headers: dict[str, Any] = {"tenant_id": str(call.tenant_id), "tool_slug": call.tool.tool_slug}
    if traceparent := valid_traceparent(call.traceparent):
        headers["traceparent"] = traceparent
    return body, spec.Basic.Properties(
        content_type="application/json", headers=headers, delivery_mode=PERSISTENT,
        message_id=str(call.envelope_id), timestamp=now, message_type=call.tool.tool_slug,
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
