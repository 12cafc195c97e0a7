"""All settings, read once from the environment and `.env`, immutable and typed."""

import os
import re
from collections.abc import Mapping
from datetime import timedelta
from difflib import get_close_matches
from typing import TYPE_CHECKING, Annotated, Self

from pydantic import (
    AfterValidator,
    AnyHttpUrl,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    create_model,
    model_validator,
)
from pydantic_settings import SettingsConfigDict

from control_plane import supabase_keys
from control_plane.database_settings import DatabaseSettings
from control_plane.secret_values import secret_values
from services.catalog.rules import ToolRule
from services.errors import SettingsError
from services.request_limits import RequestLimits
from services.tools.email import NOTICE_SERVER
from services.tools.registry import PROVIDERS
from services.validation import plain_problem

if TYPE_CHECKING:
    from services.tools.dispatch import Tools
    from services.tools.email import SmtpServer
    from services.tools.http.slack import SlackApp


MAX_PER_MINUTE = 2**31 - 1
"""The largest limit of requests, as in the database."""
LOCAL_URL = "http://127.0.0.1:54321"
"""The address of the local stack, which its tokens name as issuer."""


def _parse_seconds(value: object) -> object:
    """Read `5` and `0.5` as seconds. Pydantic reads every other value, as ISO 8601 (`PT5S`)."""
    if isinstance(value, str):
        try:
            return float(value)
        except ValueError:
            return value
    return value


Duration = Annotated[timedelta, BeforeValidator(_parse_seconds), Field(ge=timedelta(0), le=timedelta(days=365))]
PositiveDuration = Annotated[timedelta, BeforeValidator(_parse_seconds), Field(gt=timedelta(0), le=timedelta(days=365))]


def _check_trace_url(url: str) -> str:
    if not re.fullmatch(r"https?://\S+", url) or "{trace_id}" not in url:
        raise ValueError("must be an http or https URL that contains {trace_id}")
    return url


class RetryPolicy(BaseModel):
    """The retry rule of one risk tier."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    max_attempts: int = Field(ge=1, le=100)
    base: PositiveDuration = timedelta(seconds=2)
    """The wait after the first failed attempt is random, from 0 to `base`. Each further attempt doubles the range."""
    cap: PositiveDuration = timedelta(minutes=10)
    """Upper limit of the range."""


class RetryTiers(BaseModel):
    """A retry rule for each risk tier."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    low: RetryPolicy = RetryPolicy(max_attempts=5)
    medium: RetryPolicy = RetryPolicy(max_attempts=3)
    high: RetryPolicy = RetryPolicy(max_attempts=2)


if TYPE_CHECKING:
    ProviderSettings = BaseModel
else:
    ProviderSettings = create_model("ProviderSettings", __base__=tuple(spec.settings for spec in PROVIDERS.values()))


class Settings(DatabaseSettings, ProviderSettings):
    """All settings, those of the tool providers included.

    A variable without the prefix `ACP_` has the name that other programs use for it.
    """

    model_config = SettingsConfigDict(
        env_prefix="ACP_",
        env_file=".env",
        frozen=True,
        defer_build=False,
        extra="ignore",
        env_nested_delimiter="__",
        env_ignore_empty=True,
        nested_model_default_partial_update=True,
        populate_by_name=True,
    )

    concurrency: int = Field(default=64, ge=1, le=10_000)
    """Calls that one worker runs at the same time. It may claim up to as many envelopes again, to start them next."""
    poll_every: PositiveDuration = timedelta(seconds=5)
    """How often an idle worker looks for due envelopes if nothing wakes it."""
    lease_for: PositiveDuration = timedelta(seconds=60)
    """How long a lease lasts. A worker renews its leases three times in this span."""
    tool_timeout: PositiveDuration = timedelta(seconds=30)
    """Time limit of one call; must be shorter than the lease."""
    drain_for: PositiveDuration = timedelta(seconds=20)
    """How long running attempts may continue after SIGTERM before they are cancelled."""
    policy_max_age: Duration = timedelta(seconds=1)
    """A judged envelope may wait for a slot this long and one second more. Also the maximum age of cached guardrails
    and tools if the claims of the database have no stamps."""
    approval_ttl: PositiveDuration = timedelta(days=3)
    """How long an envelope waits for an approval before it expires."""
    keep_settled: PositiveDuration = timedelta(days=90)
    """How long a settled envelope stays in the outbox. Its audit rows are never deleted."""
    retry: RetryTiers = RetryTiers()
    """Retry rules as JSON, or one value as in `ACP_RETRY__LOW__MAX_ATTEMPTS=7`. Omitted values keep their default."""
    dlq_slo: int = Field(default=0, ge=0)
    """Accepted number of dead letters: `status` exits with 2 if there are more."""
    health_port: int = Field(default=9464, ge=0, le=65535)
    """Port on which the worker serves /healthz and /metrics; 0 picks a free port."""
    catalog_rules: dict[str, ToolRule] = Field(default_factory=dict)
    """Rules that a sync applies to tools, by slug pattern such as `GMAIL__*`. The first matching pattern applies."""
    trusted_sources: tuple[str, ...] = ()
    """Sources, named as in `catalog sync --source`, from which new tools are accepted automatically; a JSON list."""
    api_token: SecretStr | None = None
    """The API token of the agent for which `mcp` serves stdio."""
    api_requests_per_minute: int = Field(default=30_000, ge=0, le=MAX_PER_MINUTE)
    """Requests of the API, also over MCP, that one tenant may make, unless its row says otherwise; 0 for no limit."""
    api_token_requests_per_minute: int = Field(default=12_000, ge=0, le=MAX_PER_MINUTE)
    """Requests per minute for each API token and each user of a tenant."""
    api_failed_tokens_per_minute: int = Field(default=600, ge=0)
    """Wrong tokens and signatures that one address may send to one API process; 0 for no limit."""
    mcp_catalog_tools: bool = False
    """Whether agents see each catalog tool as an MCP tool."""
    trace_url: Annotated[str, AfterValidator(_check_trace_url)] | None = None
    """The address of a trace in your tracing system, with `{trace_id}`; the console links to it."""
    otlp_endpoint: AnyHttpUrl | None = Field(default=None, validation_alias="OTEL_EXPORTER_OTLP_ENDPOINT")
    """URL of the OTLP collector; None means that no spans are recorded."""

    @model_validator(mode="after")
    def _check_durations(self) -> Self:
        if self.tool_timeout >= self.lease_for:
            raise ValueError("ACP_TOOL_TIMEOUT: must be shorter than ACP_LEASE_FOR")
        return self

    @property
    def known_allowed_hosts(self) -> tuple[str, ...]:
        """Hosts that calls may reach although they are not public."""
        hosts: tuple[str, ...] = getattr(self, "allowed_hosts")  # noqa: B009  # a setting of a provider, unknown to mypy
        return hosts

    @property
    def webhook_key_text(self) -> str | None:
        """The key from which the secrets of webhooks are computed; None if it is not set."""
        key: SecretStr | None = getattr(self, "webhook_key")  # noqa: B009  # a setting of a provider, unknown to mypy
        return None if key is None else key.get_secret_value()

    @property
    def known_slack_apps(self) -> "Mapping[str, SlackApp]":
        """The Slack apps by name."""
        apps: Mapping[str, SlackApp] = getattr(self, "slack_apps")  # noqa: B009  # as above
        return apps

    @property
    def notice_server(self) -> "SmtpServer | None":
        """The SMTP server that sends notices; None if it is not set."""
        servers: Mapping[str, SmtpServer] = getattr(self, "smtp_servers")  # noqa: B009  # as above
        return servers.get(NOTICE_SERVER)

    def request_limits(self) -> RequestLimits:
        """The request limits of tenants without limits of their own."""
        return RequestLimits(tenant=self.api_requests_per_minute, caller=self.api_token_requests_per_minute)

    def tools(self, *, concurrency: int = 8) -> "Tools":
        """The providers of all tools, for `concurrency` calls at the same time. Use it as an async context manager."""
        from services.tools.dispatch import Tools  # noqa: PLC0415  # most commands call no tool

        return Tools(self, known_secrets=secret_values(self, os.environ), concurrency=concurrency)


def read_settings(**overrides: object) -> Settings:
    """Read the settings. `overrides` take precedence over the environment.

    Raises SettingsError with one line that reports every problem, each with the name of its variable.
    """
    _refuse_misspelt(os.environ)
    try:
        return Settings(**overrides)  # type: ignore[arg-type]  # pydantic validates the values
    except ValidationError as exc:
        problems = "; ".join(_with_variable(e["loc"], plain_problem(e)) for e in exc.errors())
        raise SettingsError(problems) from exc
    except ValueError as exc:  # the value of a nested setting is not JSON
        field = re.search(r'field "(\w+)"', str(exc))
        raise SettingsError(f"ACP_{field[1].upper() if field else '…'}: is not valid JSON") from exc


def _refuse_misspelt(environment: Mapping[str, str]) -> None:
    """Raise SettingsError for a variable whose name resembles one of our settings.

    Other names with our prefixes are allowed, because they may belong to other programs.
    """
    fields = Settings.model_fields.items()
    known = {str(field.validation_alias or f"ACP_{name.upper()}") for name, field in fields}
    for name in environment:
        upper = name.upper()
        if upper.partition("__")[0] in known | supabase_keys.RESERVED_BY_SUPABASE:
            continue
        if upper.startswith("ACP_"):
            similar = get_close_matches(upper, known, n=1, cutoff=0.8)
        elif upper.startswith("SUPABASE_"):
            our_name = supabase_keys.NAMES_ELSEWHERE.get(upper)
            similar = [our_name] if our_name else get_close_matches(upper, known, n=1, cutoff=0.9)
        else:
            continue
        if similar:
            raise SettingsError(f"{name}: there is no such setting; did you mean {similar[0]}?")


def _with_variable(loc: tuple[int | str, ...], problem: str) -> str:
    """The problem after the name of its variable. A problem of several settings has no `loc`; its text names them."""
    return f"{_variable(loc)}: {problem}" if loc else problem


def _variable(loc: tuple[int | str, ...]) -> str:
    first = str(loc[0])
    name = first if first.isupper() else f"ACP_{first.upper()}"
    return "__".join([name, *(str(part).upper() for part in loc[1:])])
