"""The provider `email`: a call is a message to an SMTP server. Its settings, and its rules for catalog entries."""

import re
from collections.abc import Mapping
from email.utils import parseaddr
from enum import StrEnum
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, model_validator

from services.distribution import Extra
from services.errors import InvalidInput
from services.tools.notice_settings import NoticeSettings
from services.tools.spec import ProviderContext, ProviderSpec

if TYPE_CHECKING:
    from services.tools.email.provider import EmailProvider

ADDRESS = r"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})*$(?!\n)"
"""An e-mail address without quotes, comments and non-ASCII letters: the same addresses that browsers accept in
forms."""
LONGEST_ADDRESS = 254
NOTICE_SERVER = "notices"
"""The name in ACP_SMTP_SERVERS of the server that sends notices to people."""


class SmtpTls(StrEnum):
    """How a connection to the server is encrypted."""

    STARTTLS = "starttls"
    """The connection starts in plain text and is encrypted (STARTTLS) before anything else is sent."""
    IMPLICIT = "implicit"
    """The connection is encrypted from its first byte."""
    NONE = "none"
    """The connection is not encrypted. Allowed only to this machine."""


DEFAULT_PORTS = {SmtpTls.STARTTLS: 587, SmtpTls.IMPLICIT: 465, SmtpTls.NONE: 25}


def is_address(text: str) -> bool:
    """Whether the text is an e-mail address to which a message can be sent."""
    return len(text) <= LONGEST_ADDRESS and re.fullmatch(ADDRESS, text) is not None


def _check_from(text: str) -> str:
    if not text.isprintable() or not is_address(parseaddr(text)[1]):
        raise ValueError("must be an address such as acp@acme.example or Acme <acp@acme.example>")
    return text


def _check_copy(text: str) -> str:
    if not is_address(text):
        raise ValueError("must be an address such as sent@acme.example")
    return text


def _check_token_url(url: str) -> str:
    parts = urlsplit(url)
    is_private = parts.scheme == "https" or (parts.scheme == "http" and is_this_machine(parts.hostname or ""))
    if not is_private or not parts.hostname or not re.fullmatch(r"[!-~]+", url):
        raise ValueError("must be an https URL, or an http URL of this machine")
    return url


def _check_domain(domain: str) -> str:
    if not is_address(f"x@{domain}"):
        raise ValueError("must be a domain such as acme.example")
    return domain.lower()


class OAuthLogin(BaseModel):
    """How to get access tokens (OAuth 2.0), for servers that accept no passwords."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    token_url: Annotated[str, AfterValidator(_check_token_url)]
    client_id: str = Field(min_length=1)
    client_secret: SecretStr | None = None
    refresh_token: SecretStr | None = None
    """None for a token of the application itself (client credentials)."""
    scope: str | None = Field(default=None, min_length=1)

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.client_secret is None and self.refresh_token is None:
            raise ValueError("needs a client_secret, a refresh_token, or both")
        return self

    @property
    def host(self) -> str:
        """The host of the token endpoint."""
        return urlsplit(self.token_url).hostname or ""


class SmtpServer(BaseModel):
    """One SMTP server: its address and login, the sender of its messages, and the allowed recipients."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    host: str = Field(min_length=1, max_length=253, pattern=r"^[!-~]+$")
    port: int | None = Field(default=None, ge=1, le=65535)
    """None for the usual port: 587, 465 with implicit TLS, 25 without TLS."""
    tls: SmtpTls = SmtpTls.STARTTLS
    ca_file: Path | None = None
    """Authorities that sign the server's certificate, as PEM, in addition to the public ones."""
    user: str | None = Field(default=None, min_length=1)
    password: SecretStr | None = None
    oauth: OAuthLogin | None = None
    """Where to get an access token, in place of the password."""
    from_: Annotated[str, AfterValidator(_check_from)] = Field(alias="from")
    """The sender of all its messages."""
    recipient_domains: tuple[Annotated[str, AfterValidator(_check_domain)], ...] = ()
    """The only domains to which this server sends; empty for all domains."""
    copy_to: Annotated[str, AfterValidator(_check_copy)] | None = None
    """An address of ours that gets a blind copy of each message of a tool. A message found there proves that the server
    accepted it."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.tls is SmtpTls.NONE and not is_this_machine(self.host):
            raise ValueError("tls may be none only for localhost")
        if self.password is not None and self.oauth is not None:
            raise ValueError("password and oauth exclude each other")
        if (self.user is None) is not (self.password is None and self.oauth is None):
            raise ValueError("user and one of password and oauth must be set together")
        return self

    @property
    def address(self) -> tuple[str, int]:
        """Host and port of the server."""
        return self.host, self.port or DEFAULT_PORTS[self.tls]

    @property
    def sender(self) -> tuple[str, str]:
        """Name (may be empty) and address of the sender."""
        return parseaddr(self.from_)

    @property
    def domain(self) -> str:
        """The domain of the sender's address."""
        return self.sender[1].rpartition("@")[2]

    def accepts(self, recipient: str) -> bool:
        """Whether this server may send to this address."""
        return not self.recipient_domains or recipient.rpartition("@")[2].lower() in self.recipient_domains


def is_this_machine(host: str) -> bool:
    """Whether the host is a loopback address, which needs no encryption."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class EmailSettings(NoticeSettings):
    """The settings of e-mail."""

    smtp_servers: dict[str, SmtpServer] = Field(default_factory=dict)
    """SMTP servers by name. A tool refers to one with `config.server`; NOTICE_SERVER also sends notices."""


def _check_config(config: Mapping[str, Any]) -> None:
    if not isinstance(config.get("server"), str):
        raise InvalidInput("config.server", "must name a server of ACP_SMTP_SERVERS")


def _build(settings: EmailSettings, _: ProviderContext) -> "EmailProvider":
    from services.tools.email.provider import EmailProvider  # noqa: PLC0415  # needs an extra

    return EmailProvider(settings.smtp_servers, approval_url=settings.approval_url)


EMAIL = ProviderSpec(
    name="email",
    settings=EmailSettings,
    build=_build,
    check_config=_check_config,
    source_help="a server of ACP_SMTP_SERVERS",
    sends_idempotency_key=False,  # servers do not compare the ids of messages
    can_scan=False,  # the answer says only that the message was accepted
    extra=Extra("email", "e-mail", ("aiosmtplib",)),
)
