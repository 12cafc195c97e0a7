"""The settings of mailboxes. Their passwords stay in the environment, never in a row or a log."""

from pathlib import Path
from typing import Annotated, Self, TypeVar
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from services.errors import SettingsError
from services.tools.email import OAuthLogin, SmtpTls, is_address, is_this_machine
from services.validation import plain_problem

DEFAULT_PORTS = {SmtpTls.STARTTLS: 143, SmtpTls.IMPLICIT: 993, SmtpTls.NONE: 143}


def _check_address(text: str) -> str:
    if not is_address(text):
        raise ValueError("must be an address such as desk@acme.example")
    return text.lower()


class Mailbox(BaseModel):
    """One mailbox, which receives the mail of one channel."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    tenant_id: UUID
    """The tenant that the mail belongs to. No other tenant can name this mailbox."""
    address: Annotated[str, AfterValidator(_check_address)]
    """The address of the mailbox, which is the external id of the channel.

    Customers write to this address, and replies come from it.
    """
    host: str = Field(min_length=1, max_length=253, pattern=r"^[!-~]+$")
    port: int | None = Field(default=None, ge=1, le=65535)
    """None for the usual port: 993, or 143 with STARTTLS and without TLS."""
    tls: SmtpTls = SmtpTls.IMPLICIT
    ca_file: Path | None = None
    """Authorities that sign the server's certificate, as PEM, in addition to the public ones."""
    user: str = Field(min_length=1)
    password: SecretStr | None = None
    oauth: OAuthLogin | None = None
    """Where to get an access token, in place of the password."""
    folder: str = Field(default="INBOX", min_length=1, max_length=255)
    sent_folder: str | None = Field(default=None, min_length=1, max_length=255)
    """The folder of sent mail: replies that people sent from their own mail program, and copies of our replies."""
    first_days: int = Field(default=30, ge=0, le=36_500)
    """Mail older than this is not imported when a mailbox is read for the first time."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.tls is SmtpTls.NONE and not is_this_machine(self.host):
            raise ValueError("tls may be none only for localhost")
        if (self.password is None) is (self.oauth is None):
            raise ValueError("needs either a password or oauth")
        return self

    @property
    def server(self) -> tuple[str, int]:
        """Host and port."""
        return self.host, self.port or DEFAULT_PORTS[self.tls]

    @property
    def folders(self) -> tuple[str, ...]:
        """The folders that are read."""
        return (self.folder,) if self.sent_folder in {None, self.folder} else (self.folder, self.sent_folder or "")


class MailSettings(BaseSettings):
    """The settings of incoming mail."""

    model_config = SettingsConfigDict(
        env_prefix="ACP_DRAFTS_", env_file=".env", frozen=True, extra="ignore", env_ignore_empty=True
    )

    mailboxes: dict[str, Mailbox] = Field(default_factory=dict)
    """Mailboxes by name, as JSON."""
    webhook_key: SecretStr | None = Field(default=None, validation_alias="ACP_WEBHOOK_KEY")
    """The key of the installation. Our own addresses for replies are signed with it."""


S = TypeVar("S", bound=BaseSettings)


def read_mail_settings() -> MailSettings:
    """The settings from the environment. Raises SettingsError with a message of one line."""
    return read_from_environment(MailSettings)


def read_from_environment(settings: type[S]) -> S:
    """Read settings of channels from variables that begin with ACP_DRAFTS_.

    Raises SettingsError with a message of one line.
    """
    try:
        return settings()
    except ValidationError as exc:
        problems = (
            f"ACP_DRAFTS_{'.'.join(str(part) for part in error['loc']).upper()}: {plain_problem(error)}"
            for error in exc.errors()
        )
        raise SettingsError("; ".join(problems)) from exc
    except ValueError as exc:  # a variable that is no JSON
        raise SettingsError(f"ACP_DRAFTS_{next(iter(settings.model_fields)).upper()}: is not valid JSON") from exc
