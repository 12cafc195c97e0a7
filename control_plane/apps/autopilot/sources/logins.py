"""The logins of ticket systems. They stay in the environment: no row, log or error has them."""

from base64 import b64encode
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from services.errors import SettingsError
from services.validation import plain_problem


class Login(BaseModel):
    """The login of one connection: user and password, a token, an OAuth client, or a folder for files.

    Settings of connections come from tenants. So the operator says here to which host the login may be sent, and which
    folder may be read.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    tenant_id: UUID
    """The tenant of the connection. No other tenant can use this login."""
    connection_id: UUID
    connection_type: str = Field(min_length=1, max_length=64)
    host: str | None = Field(default=None, min_length=1, max_length=259, pattern=r"^[^\s/@]+$")
    """The only host, or `host:port`, to which this login is sent."""
    user: str | None = Field(default=None, min_length=1)
    password: SecretStr | None = None
    """The password of the user, or an API token of Atlassian."""
    token: SecretStr | None = None
    """A bearer token that does not expire during a run."""
    token_url: str | None = Field(default=None, pattern=r"^https?://[^\s@]+$")
    """Where an OAuth client gets its tokens."""
    client_id: str | None = Field(default=None, min_length=1)
    client_secret: SecretStr | None = None
    refresh_token: SecretStr | None = None
    """With it the client uses the grant `refresh_token`, else `client_credentials`."""
    scope: str | None = None
    folder: Path | None = None
    """The folder in which the files of a connection of type `csv` are."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        ways = [
            self.user is not None and self.password is not None,
            self.token is not None,
            self.token_url is not None and self.client_id is not None and self.client_secret is not None,
            self.folder is not None,
        ]
        if ways.count(True) != 1:
            raise ValueError(
                "must have exactly one of: user and password; token; token_url, client_id and client_secret; folder"
            )
        if self.folder is None and self.host is None:
            raise ValueError("host is required")
        return self

    @property
    def basic(self) -> str | None:
        """User and password as HTTP sends them: in base64."""
        if self.user is None or self.password is None:
            return None
        return b64encode(f"{self.user}:{self.password.get_secret_value()}".encode()).decode()

    @property
    def secrets(self) -> list[str]:
        """Every secret in this login, to remove from messages."""
        found = (self.password, self.token, self.client_secret, self.refresh_token)
        return [each.get_secret_value() for each in found if each is not None] + ([self.basic] if self.basic else [])


Resolve = Callable[[UUID, UUID, str], Login | None]
"""Finds the login of a tenant's connection by tenant, connection and connection type."""


class LoginSettings(BaseSettings):
    """The settings of the logins."""

    model_config = SettingsConfigDict(
        env_prefix="ACP_AUTOPILOT_", env_file=".env", frozen=True, extra="ignore", env_ignore_empty=True
    )

    logins: dict[str, Login] = Field(default_factory=dict)
    """Logins by a name of your choice, as JSON."""


def read_logins() -> Mapping[str, Login]:
    """The logins in the environment. Raises SettingsError with a message of one line."""
    try:
        return LoginSettings().logins
    except ValidationError as exc:
        problems = (
            f"ACP_AUTOPILOT_{'.'.join(str(part) for part in error['loc']).upper()}: {plain_problem(error)}"
            for error in exc.errors()
        )
        raise SettingsError("; ".join(problems)) from None  # the cause has the secrets
    except ValueError:
        raise SettingsError("ACP_AUTOPILOT_LOGINS: is not valid JSON") from None


def resolver(logins: Mapping[str, Login]) -> Resolve:
    """A function that finds a connection's login among these."""
    by_connection = {(each.tenant_id, each.connection_id, each.connection_type): each for each in logins.values()}
    return lambda tenant, connection, kind: by_connection.get((tenant, connection, kind))
