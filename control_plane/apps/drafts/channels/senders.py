"""Other systems that send the messages of customers to us, each in its own format and with its own signature."""

import hashlib
import hmac
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from control_plane.apps.drafts.channels import chatwoot, shopify, slack, zendesk
from control_plane.apps.drafts.channels.mailboxes import read_from_environment
from control_plane.apps.drafts.channels.payloads import Delivered
from services.decide_in_slack import check_slack_signature
from services.errors import NotAuthenticated
from services.receive_event import WINDOW


class SenderKind(StrEnum):
    """The kind of a system: determines the format of its payloads and how they are signed."""

    SLACK = "slack"
    SHOPIFY = "shopify"
    CHATWOOT = "chatwoot"
    ZENDESK = "zendesk"


class Sender(BaseModel):
    """One system that sends messages to us."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    tenant_id: UUID
    channel: str = Field(min_length=1, max_length=255)
    """The external id of the channel that receives its messages."""
    kind: SenderKind
    secret: SecretStr = Field(min_length=8)
    """The signing secret that the other system shows."""


class SenderSettings(BaseSettings):
    """The settings of the systems that send messages to us."""

    model_config = SettingsConfigDict(
        env_prefix="ACP_DRAFTS_", env_file=".env", frozen=True, extra="ignore", env_ignore_empty=True
    )

    senders: dict[str, Sender] = Field(default_factory=dict)
    """Systems by name, as JSON."""


def read_senders() -> Mapping[str, Sender]:
    """The systems in the environment. Raises SettingsError with a message of one line."""
    return read_from_environment(SenderSettings).senders


Reader = Callable[..., Delivered | None]
READERS: Mapping[SenderKind, Reader] = {
    SenderKind.SLACK: slack.read, SenderKind.SHOPIFY: shopify.read, SenderKind.CHATWOOT: chatwoot.read,
    SenderKind.ZENDESK: zendesk.read,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Signature:
    """The signature method of a system: the headers with signature and time, and how the signature is made."""

    header: str
    time_header: str | None
    sign: Callable[[bytes, str, bytes], str]
    """Makes the signature from the secret, the time header, and the body."""


def _base64(secret: bytes, signed: bytes) -> str:
    return b64encode(hmac.digest(secret, signed, hashlib.sha256)).decode()


_SIGNATURES: Mapping[SenderKind, _Signature] = {
    SenderKind.SHOPIFY: _Signature("x-shopify-hmac-sha256", None, lambda secret, _, body: _base64(secret, body)),
    SenderKind.CHATWOOT: _Signature(
        "x-chatwoot-signature", "x-chatwoot-timestamp",
        lambda secret, time, body: "sha256=" + hmac.digest(secret, f"{time}.".encode() + body, hashlib.sha256).hex(),
    ),
    SenderKind.ZENDESK: _Signature(
        "x-zendesk-webhook-signature", "x-zendesk-webhook-signature-timestamp",
        lambda secret, time, body: _base64(secret, time.encode() + body),
    ),
}  # fmt: skip


def check_signature(sender: Sender, body: bytes, headers: Mapping[str, str], *, now: datetime) -> None:
    """Raise NotAuthenticated unless this system signed the body, and within five minutes if it signs the time."""
    secret = sender.secret.get_secret_value()
    if sender.kind is SenderKind.SLACK:
        check_slack_signature(
            secret, body, timestamp=headers.get("x-slack-request-timestamp"),
            signature=headers.get("x-slack-signature"), now=now,
        )  # fmt: skip
        return
    form = _SIGNATURES[sender.kind]
    time = "" if form.time_header is None else headers.get(form.time_header, "")
    if form.time_header is not None and not _is_recent(time, now):
        raise NotAuthenticated("signature: the request has no time, or is older than five minutes")
    expected = form.sign(secret.encode(), time, body)
    if not hmac.compare_digest(expected.encode(), headers.get(form.header, "").encode(errors="replace")):
        raise NotAuthenticated("signature: does not match the body and headers")


def read_payload(sender: Sender, payload: Mapping[str, Any], *, now: datetime) -> Delivered | None:
    """The message in a payload; None if it has none. Raises InvalidInput."""
    return READERS[sender.kind](payload, channel=sender.channel, now=now)


def _is_recent(text: str, now: datetime) -> bool:
    try:
        moment = datetime.fromtimestamp(int(text), UTC) if text.isdigit() else datetime.fromisoformat(text)
    except (ValueError, OverflowError, OSError):
        return False
    return moment.tzinfo is not None and abs(now - moment) <= WINDOW
