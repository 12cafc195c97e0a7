"""Calls sent as AMQP messages: one persistent message per call, successful once the broker has confirmed it.

A message may arrive twice if the confirmation was lost; consumers recognise it by `message_id`, the envelope's id.
Importing this module loads the AMQP client, so `services.tools.dispatch` imports it at the first call that needs it.
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
from services.errors import InvalidInput, NotFound
from services.tools import Failed, Outcome, Success, ToolCall, Unknown
from services.tools.amqp import AmqpBroker, AmqpTool, check_config
from services.tools.amqp.broker import CONNECTION_ERRORS, RECONNECT_AFTER, Broker
from services.tools.event import event_body
from services.untrusted import json_body, one_line, valid_traceparent

Message = tuple[bytes, spec.Basic.Properties]
PERSISTENT = 2
"""The AMQP delivery mode of messages that survive a restart of the broker."""
HEALTH_TIMEOUT = timedelta(seconds=10)


def listed_tool(tool: AmqpTool, broker: str) -> ListedTool:
    config = {"broker": broker, "exchange": tool.exchange, "routing_key": tool.routing_key}
    if tool.body != "event":  # the tools of earlier versions have no such field
        config["body"] = tool.body
    return ListedTool(
        name=tool.name, description=tool.description, schema=tool.schema_, annotations=tool.annotations, config=config
    )


class AmqpProvider:
    """Tools behind a message broker: `config.broker` names it; `config.exchange` and `config.routing_key` route calls.
    With `config.body` set to `arguments`, the body of a message is the arguments alone.

    An async context manager: its exit closes the connections.
    """

    def __init__(
        self,
        brokers: Mapping[str, AmqpBroker],
        *,
        reconnect_after: timedelta = RECONNECT_AFTER,
        clock: Clock = utc_now,
    ) -> None:
        self._brokers = {name: Broker(name, settings, reconnect_after) for name, settings in brokers.items()}
        self._clock = clock
        for library in ("aio_pika", "aiormq"):  # they log a traceback per lost connection; outcomes report it already
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
        request = self._build_request(call)
        if isinstance(request, Failed):
            return request
        broker, exchange, key, message = request
        within, maybe_sent = f"within {call.timeout.total_seconds():g} s", False
        try:
            async with asyncio.timeout(call.timeout.total_seconds()), broker.serialize_until_confirmed(exchange, key):
                channel = await broker.open_channel(exchange, key)
                if isinstance(channel, Failed):
                    return channel
                maybe_sent = True
                body, properties = message
                await channel.basic_publish(
                    body, exchange=exchange, routing_key=key, properties=properties, mandatory=True, wait=False
                )
                broker.record_confirmation(exchange, key)
        except TimeoutError:
            if not maybe_sent:
                return Failed(error=f"AMQP broker {broker.name!r} was not ready {within}", retryable=True)
            return Unknown(error=f"AMQP broker {broker.name!r} gave no confirmation {within}")
        except (DeliveryError, *CONNECTION_ERRORS) as exc:
            return _outcome(broker.name, exchange, key, exc)
        return Success(result={"delivered": True})

    async def list_tools(self, source: str) -> list[ListedTool]:
        """The messages that the settings declare for this broker. Raises NotFound for a broker without settings."""
        if source not in self._brokers:
            raise NotFound("source", source, f"ACP_AMQP_BROKERS has no broker named {source!r}")
        return [listed_tool(tool, source) for tool in self._brokers[source].settings.tools]

    def _build_request(self, call: ToolCall) -> "tuple[Broker, str, str, Message] | Failed":
        config = call.tool.config
        name = config.get("broker")
        if not isinstance(name, str) or name not in self._brokers:
            return _permanent_failure(f"config.broker: ACP_AMQP_BROKERS has no broker named {name!r}")
        try:
            check_config(config)
        except InvalidInput as exc:
            return _permanent_failure(str(exc))
        message = _message(call, self._clock)
        if message is None:
            return _permanent_failure("arguments: cannot be written as JSON")
        return self._brokers[name], config["exchange"], config["routing_key"], message

    async def health(self, source: str) -> str | None:
        """None when the broker accepts messages, else one line with the problem."""
        if source not in self._brokers:
            return f"ACP_AMQP_BROKERS has no broker named {source!r}"
        try:
            async with asyncio.timeout(HEALTH_TIMEOUT.total_seconds()):
                problem = await self._brokers[source].find_problem()
        except TimeoutError:
            return f"AMQP broker {source!r} gave no answer within {HEALTH_TIMEOUT.total_seconds():g} s"
        return None if problem is None else problem.error


def _message(call: ToolCall, clock: Clock) -> Message | None:
    now = clock()
    body = json_body(call.arguments) if call.tool.config.get("body") == "arguments" else event_body(call, now)
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
    """The outcome of a message that the broker did not confirm. Pure."""
    match exc:
        case PublishError():
            return _permanent_failure(f"AMQP broker {broker!r}: no queue is bound to exchange {exchange!r} for {key!r}")
        case DeliveryError() if exchange:
            # One of several queues refused the message; the others have it.
            return Unknown(error=f"AMQP broker {broker!r} refused the message for a queue (nack); others may have it")
        case DeliveryError():
            return Failed(error=f"AMQP broker {broker!r} refused the message for now (nack)", retryable=True)
        case ChannelNotFoundEntity():
            return _permanent_failure(f"config.exchange: AMQP broker {broker!r} has no exchange {exchange!r}")
        case ChannelAccessRefused():
            return _permanent_failure(f"AMQP broker {broker!r} denies this login write access to exchange {exchange!r}")
    return Unknown(error=f"AMQP broker {broker!r} disconnected before it confirmed the message ({type(exc).__name__})")


def _permanent_failure(error: str) -> Failed:
    return Failed(error=one_line(error), retryable=False)
