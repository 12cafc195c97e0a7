"""The provider `http`: a call is a signed webhook. Its settings, and its rules for catalog entries."""

import base64
import binascii
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AfterValidator, Field, SecretStr

from services.errors import InvalidInput
from services.tools.http.raw import check_raw_config
from services.tools.http.slack import SlackApp
from services.tools.notice_settings import NoticeSettings
from services.tools.spec import ProviderContext, ProviderSpec

if TYPE_CHECKING:
    from services.tools.http.provider import HttpProvider


MIN_KEY_LENGTH = 32


def _check_signing_secret(secret: SecretStr) -> SecretStr:
    prefix, _, key = secret.get_secret_value().rpartition("_")
    try:
        is_usable = prefix == "whsec" and bool(base64.b64decode(key, validate=True))
    except binascii.Error:
        is_usable = False
    if not is_usable:
        raise ValueError("must be whsec_ followed by base64")
    return secret


def _check_key(key: SecretStr) -> SecretStr:
    if len(key.get_secret_value()) < MIN_KEY_LENGTH:
        raise ValueError(f"must have at least {MIN_KEY_LENGTH} characters, for example from `openssl rand -hex 32`")
    return key


def _check_headers(headers: dict[str, SecretStr]) -> dict[str, SecretStr]:
    for name, value in headers.items():
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", name) or name.lower() in _OUR_HEADERS:
            raise ValueError(f"{name!r} is not the name of a header, or the worker sets this header itself")
        if not re.fullmatch(r"[ -~]{1,4096}", value.get_secret_value()):
            raise ValueError(f"the value of {name!r} must be printable ASCII, on one line")
    return {name.lower(): value for name, value in headers.items()}


_OUR_HEADERS = frozenset({
    "accept-encoding", "connection", "content-length", "content-type", "host", "idempotency-key", "traceparent",
    "transfer-encoding", "user-agent", "webhook-id", "webhook-signature", "webhook-timestamp",
})  # fmt: skip


def _check_host(entry: str) -> str:
    if not entry or re.search(r"[\s*@]|://", entry):
        raise ValueError("must be a host, host:port, an IP address or a network such as 10.0.0.0/8")
    return entry


class HttpSettings(NoticeSettings):
    """The settings of webhooks."""

    webhook_secrets: dict[str, Annotated[SecretStr, AfterValidator(_check_signing_secret)]] = Field(
        default_factory=dict
    )
    """Signing secrets (`whsec_…`) by name. A tool refers to one with `config.secret`."""
    http_headers: dict[str, Annotated[dict[str, SecretStr], AfterValidator(_check_headers)]] = Field(
        default_factory=dict
    )
    """Headers with secret values, by name: `{"desk": {"authorization": "Bearer …"}}`. A tool with a raw body refers to
    them with `config.headers`."""
    webhook_key: Annotated[SecretStr, AfterValidator(_check_key)] | None = None
    """At least 32 random characters. The signing secrets of all subscriptions to events are computed from it."""
    slack_apps: dict[str, SlackApp] = Field(default_factory=dict)
    """Slack apps by name: `tenant_id`, `bot_token`, `signing_secret`."""
    allowed_hosts: tuple[Annotated[str, AfterValidator(_check_host)], ...] = ()
    """Hosts, `host:port`, addresses and networks that calls may reach although they are not public; a JSON list."""


def _check_config(config: Mapping[str, Any]) -> None:
    if not re.match(r"https?://\S+$", str(config.get("url"))):
        raise InvalidInput("config.url", "must be an http or https URL")
    check_raw_config(config)


def _build(settings: HttpSettings, context: ProviderContext) -> "HttpProvider":
    from services.tools.http.events import EventSender  # noqa: PLC0415
    from services.tools.http.provider import HttpProvider  # noqa: PLC0415  # most commands call no tool
    from services.tools.outgoing import AllowedHosts  # noqa: PLC0415

    key = settings.webhook_key

    return HttpProvider(
        settings.webhook_secrets,
        headers=settings.http_headers,
        concurrency=context.concurrency,
        allowed_hosts=AllowedHosts(settings.allowed_hosts),
        events=EventSender(
            webhook_key=None if key is None else key.get_secret_value(),
            slack_apps=settings.slack_apps,
            approval_url=settings.approval_url,
        ),
    )


HTTP = ProviderSpec(
    name="http",
    settings=HttpSettings,
    build=_build,
    check_config=_check_config,
    source_help="the URL of a manifest",
)
