"""The provider `amqp`: a call is a message to a broker. Its settings, and its rules for catalog entries."""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr

from services.distribution import Extra
from services.errors import InvalidInput
from services.tools.spec import ProviderContext, ProviderSpec

if TYPE_CHECKING:
    from services.tools.amqp.provider import AmqpProvider


class AmqpTool(BaseModel):
    """One tool of a broker: a kind of message that may be published to it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    description: str = ""
    schema_: dict[str, Any] = Field(default_factory=dict, alias="schema")
    annotations: dict[str, Any] = Field(default_factory=dict)
    exchange: str = ""
    routing_key: str
    body: Literal["event", "arguments"] = "event"
    """The body of the message: the call with its arguments, or the arguments alone."""


def _check_url(url: SecretStr) -> SecretStr:
    if not re.match(r"amqps?://\S+$", url.get_secret_value()):
        raise ValueError("must be an amqp:// or amqps:// URL")
    return url


class AmqpBroker(BaseModel):
    """One message broker: its URL with the login, and its tools, which a broker cannot list itself."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: Annotated[SecretStr, AfterValidator(_check_url)]
    tools: tuple[AmqpTool, ...] = ()


class AmqpSettings(BaseModel):
    """The settings of AMQP."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    amqp_brokers: dict[str, AmqpBroker] = Field(default_factory=dict)
    """Brokers by name. A tool refers to one with `config.broker`."""


def check_config(config: Mapping[str, Any]) -> None:
    """Raise InvalidInput for a `config` with which no message could be sent."""
    broker, exchange, key = (config.get(field) for field in ("broker", "exchange", "routing_key"))
    if not isinstance(broker, str):
        raise InvalidInput("config.broker", "must name a broker of ACP_AMQP_BROKERS")
    if not isinstance(exchange, str) or not isinstance(key, str) or not (exchange or key):
        raise InvalidInput(
            "config.exchange, config.routing_key", "must be texts; the default exchange needs a routing key"
        )
    if config.get("body") not in {None, "event", "arguments"}:
        raise InvalidInput("config.body", "must be event or arguments")


def _build(settings: AmqpSettings, _: ProviderContext) -> "AmqpProvider":
    from services.tools.amqp.provider import AmqpProvider  # noqa: PLC0415  # needs an extra

    return AmqpProvider(settings.amqp_brokers)


AMQP = ProviderSpec(
    name="amqp",
    settings=AmqpSettings,
    build=_build,
    check_config=check_config,
    source_help="a broker of ACP_AMQP_BROKERS",
    can_scan=False,  # the answer says only that the message was delivered
    extra=Extra("amqp", "AMQP", ("aio_pika", "aiormq", "pamqp")),
)
