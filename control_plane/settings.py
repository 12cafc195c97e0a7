"""Every setting, read once from the environment (and `.env`), frozen and typed."""

import base64
import binascii
import os
import re
from collections.abc import Mapping
from datetime import timedelta
from difflib import get_close_matches
from typing import TYPE_CHECKING, Annotated, Any, Self

from pydantic import (
    AfterValidator,
    AnyHttpUrl,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic_settings import SettingsConfigDict

from control_plane import supabase_keys
from control_plane.database_settings import DatabaseSettings
from control_plane.secret_values import secret_values
from services.catalog.rules import ToolRule
from services.errors import SettingsError

if TYPE_CHECKING:
    from services.tools.registry import Tools


def _seconds(value: object) -> object:
    """`5` and `0.5` are seconds; anything else is left to pydantic, which reads ISO 8601 (`PT5S`)."""
    if isinstance(value, str):
        try:
            return float(value)
        except ValueError:
            return value
    return value


def _signing(secret: SecretStr) -> SecretStr:
    prefix, _, key = secret.get_secret_value().rpartition("_")
    try:
        usable = prefix == "whsec" and base64.b64decode(key, validate=True)
    except binascii.Error:
        usable = b""
    if not usable:
        raise ValueError("must be whsec_ followed by base64")
    return secret


def _one_word(secret: SecretStr) -> SecretStr:
    """It travels in a header."""
    key = secret.get_secret_value()
    if not (key.isascii() and key.isprintable() and " " not in key):
        raise ValueError("must be one word of printable ASCII")
    return secret


def _host(entry: str) -> str:
    if not entry or re.search(r"[\s*@]|://", entry):
        raise ValueError("must be a host, host:port, an address or a network such as 10.0.0.0/8")
    return entry


Span = Annotated[timedelta, BeforeValidator(_seconds), Field(ge=timedelta(0), le=timedelta(days=365))]
Positive = Annotated[timedelta, BeforeValidator(_seconds), Field(gt=timedelta(0), le=timedelta(days=365))]


class RetryPolicy(BaseModel):
    """How one risk tier is retried."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    max_attempts: int = Field(ge=1, le=100)
    base: Positive = timedelta(seconds=2)
    """The wait after the first failed attempt is drawn from 0 to this, then doubles its range each time."""
    cap: Positive = timedelta(minutes=10)


class RetryTiers(BaseModel):
    """A rule for every risk tier."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    low: RetryPolicy = RetryPolicy(max_attempts=5)
    medium: RetryPolicy = RetryPolicy(max_attempts=3)
    high: RetryPolicy = RetryPolicy(max_attempts=2)


class McpServer(BaseModel):
    """One MCP server this installation trusts: a command it starts, or a URL it calls."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    command: str | None = None
    args: tuple[str, ...] = ()
    env: dict[str, SecretStr] = Field(default_factory=dict)
    url: str | None = None
    headers: dict[str, SecretStr] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.command is None) is (self.url is None):
            raise ValueError("name either a command or a url")
        if self.url is not None and not re.match(r"https?://\S+$", self.url):
            raise ValueError("url: must be an http:// or https:// address")
        return self


class AmqpTool(BaseModel):
    """One kind of message that may be sent to a broker."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    description: str = ""
    schema_: dict[str, Any] = Field(default_factory=dict, alias="schema")
    annotations: dict[str, Any] = Field(default_factory=dict)
    exchange: str = ""
    routing_key: str


def _amqp_url(url: SecretStr) -> SecretStr:
    if not re.match(r"amqps?://\S+$", url.get_secret_value()):
        raise ValueError("must be amqp:// or amqps:// and an address")
    return url


class AmqpBroker(BaseModel):
    """One message broker, with its login, and what may be sent to it: a broker has no listing of its own."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: Annotated[SecretStr, AfterValidator(_amqp_url)]
    tools: tuple[AmqpTool, ...] = ()


class Settings(DatabaseSettings):
    """The environment's wishes. Names without `ACP_` are the ones other tools read too."""

    model_config = SettingsConfigDict(
        env_prefix="ACP_",
        env_file=".env",
        frozen=True,
        extra="ignore",
        env_nested_delimiter="__",
        env_ignore_empty=True,
        nested_model_default_partial_update=True,
        populate_by_name=True,
    )

    concurrency: int = Field(default=64, ge=1, le=10_000)
    """Calls one worker makes at once; for quick tools it holds as many envelopes again, ready to go."""
    poll_every: Positive = timedelta(seconds=5)
    """How often an idle worker looks when nothing wakes it."""
    lease_for: Positive = timedelta(seconds=60)
    """A worker renews its leases three times in this span."""
    tool_timeout: Positive = timedelta(seconds=30)
    """The most one call may take; shorter than the lease."""
    drain_for: Positive = timedelta(seconds=20)
    """After SIGTERM: how long attempts may finish before they are cancelled."""
    policy_max_age: Span = timedelta(seconds=1)
    """How old the guardrails a worker judges by may be."""
    approval_ttl: Positive = timedelta(days=3)
    """How long an envelope waits for a person before it expires."""
    keep_settled: Positive = timedelta(days=90)
    """How long a settled envelope stays in the outbox; its audit rows stay for ever."""
    retry: RetryTiers = RetryTiers()
    """Per risk tier, as JSON or `ACP_RETRY__LOW__MAX_ATTEMPTS=7`; tiers left out keep their default."""
    dlq_slo: int = Field(default=0, ge=0)
    """`status` exits with 2 when it counts more dead letters than this."""
    health_port: int = Field(default=9464, ge=0, le=65535)
    """Where the worker serves /healthz and /metrics; 0 picks a free port."""
    mcp_servers: dict[str, McpServer] = Field(default_factory=dict)
    """Name to command; a tool's `config.server` names one of these."""
    allowed_hosts: tuple[Annotated[str, AfterValidator(_host)], ...] = ()
    """Hosts, `host:port`, addresses and networks that calls may go to though they are not public, as a JSON list."""
    catalog_rules: dict[str, ToolRule] = Field(default_factory=dict)
    """Slug pattern such as `GMAIL__*` to what a sync writes of such tools; the first that matches counts."""
    trusted_sources: tuple[str, ...] = ()
    """Sources whose new tools may be called at once, as `catalog sync --source` names them, as a JSON list."""
    amqp_brokers: dict[str, AmqpBroker] = Field(default_factory=dict)
    """Name to broker; a tool's `config.broker` names one of these."""
    webhook_secrets: dict[str, Annotated[SecretStr, AfterValidator(_signing)]] = Field(default_factory=dict)
    """Name to `whsec_…`; a tool's `config.secret` names one of these."""
    composio_api_key: Annotated[SecretStr, AfterValidator(_one_word)] | None = None
    """A project's key; needed by tools whose provider is composio."""
    composio_base_url: AnyHttpUrl | None = None
    """Where Composio's API is, if not where its SDK says."""
    otlp_endpoint: AnyHttpUrl | None = Field(default=None, validation_alias="OTEL_EXPORTER_OTLP_ENDPOINT")
    """Where spans go; none means they are not recorded."""

    @model_validator(mode="after")
    def _spans_fit(self) -> Self:
        if self.tool_timeout >= self.lease_for:
            raise ValueError("ACP_TOOL_TIMEOUT: must be shorter than ACP_LEASE_FOR")
        return self

    def tools(self, *, concurrency: int = 8) -> "Tools":
        """The way out to every provider, for so many calls at once; to be used as an async context manager."""
        from services.tools.registry import Tools  # noqa: PLC0415  # most commands call nothing

        return Tools(
            http_secrets=self.webhook_secrets,
            mcp_servers=self.mcp_servers,
            composio_api_key=self.composio_api_key,
            composio_base_url=str(self.composio_base_url) if self.composio_base_url else None,
            amqp_brokers=self.amqp_brokers,
            allowed_hosts=self.allowed_hosts,
            known_secrets=secret_values(self, os.environ),
            concurrency=concurrency,
        )


def read_settings(**overrides: object) -> Settings:
    """The settings, with every problem reported at once.

    Raises SettingsError with one line per problem, naming the variable.
    """
    _refuse_misspelt(os.environ)
    try:
        return Settings(**overrides)  # type: ignore[arg-type]  # values are validated on the way in
    except ValidationError as exc:
        problems = "; ".join(_problem(e["loc"], e["msg"].removeprefix("Value error, ")) for e in exc.errors())
        raise SettingsError(problems) from exc
    except ValueError as exc:  # a nested setting that is not JSON
        field = re.search(r'field "(\w+)"', str(exc))
        raise SettingsError(f"ACP_{field[1].upper() if field else '…'}: is not JSON") from exc


def _refuse_misspelt(environment: Mapping[str, str]) -> None:
    """Others may use our prefixes too, so only what is near a name of ours counts."""
    fields = Settings.model_fields.items()
    known = {str(field.validation_alias or f"ACP_{name.upper()}") for name, field in fields}
    for name in environment:
        upper = name.upper()
        if upper.partition("__")[0] in known | supabase_keys.OF_OTHERS:
            continue
        if upper.startswith("ACP_"):
            near = get_close_matches(upper, known, n=1, cutoff=0.8)
        elif upper.startswith("SUPABASE_"):
            meant = supabase_keys.CALLED_OTHERWISE.get(upper)
            near = [meant] if meant else get_close_matches(upper, known, n=1, cutoff=0.9)
        else:
            continue
        if near:
            raise SettingsError(f"{name}: there is no such setting; did you mean {near[0]}?")


def _problem(loc: tuple[int | str, ...], problem: str) -> str:
    """One about several settings names them itself."""
    return f"{_variable(loc)}: {problem}" if loc else problem


def _variable(loc: tuple[int | str, ...]) -> str:
    first = str(loc[0])
    name = first if first.isupper() else f"ACP_{first.upper()}"
    return "__".join([name, *(str(part).upper() for part in loc[1:])])
