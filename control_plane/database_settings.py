"""The settings of the database and of the Supabase project: DATABASE_URL, SUPABASE_* and how they combine."""

import re
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, model_validator
from pydantic_settings import BaseSettings

from control_plane import supabase_keys
from services.backends.choice import Choice, EmbeddedDatabase, PostgresDatabase, SupabaseProject
from services.errors import SettingsError


def _check_postgres_url(url: SecretStr) -> SecretStr:
    if not re.match(r"postgres(ql)?(\+\w+)?://", url.get_secret_value()):
        raise ValueError("must be a PostgreSQL URL such as postgresql://user:password@host:5432/database")
    try:
        parts = urlsplit(url.get_secret_value())
        after_host, login_and_host, _ = parts.path + parts.fragment, parts.netloc, parts.port
    except ValueError:  # the message of the error may contain the password
        raise ValueError(
            "contains a character that must be percent-encoded, or square brackets around the password"
        ) from None
    if "@" in after_host or login_and_host.count("@") > 1:
        raise ValueError(
            "contains a character that must be percent-encoded, such as %40 for @, %23 for # and %2F for /"
        )
    return url


PostgresUrl = Annotated[SecretStr, AfterValidator(_check_postgres_url)]
SecretKey = Annotated[SecretStr, AfterValidator(supabase_keys.check_secret_key)]
PublishableKey = Annotated[SecretStr, AfterValidator(supabase_keys.check_publishable_key)]
JwtSecret = Annotated[SecretStr, AfterValidator(supabase_keys.check_jwt_secret)]


class DatabaseSettings(BaseSettings):
    """The part of `control_plane.settings.Settings` that chooses the database."""

    database_url: PostgresUrl | None = Field(default=None, validation_alias="DATABASE_URL")
    """URL of a PostgreSQL to use instead of the embedded one, directly or through Supabase's session pooler."""
    database_url_ro: PostgresUrl | None = Field(default=None, validation_alias="DATABASE_URL_RO")
    """URL of a read replica, for commands that only read. Its data may be slightly older."""
    supabase_url: Annotated[str, AfterValidator(supabase_keys.check_project_url)] | None = Field(
        default=None, validation_alias="SUPABASE_URL"
    )
    """URL of a Supabase project, which issues the users' JWTs. With a key, its REST API replaces DATABASE_URL."""
    supabase_secret_key: SecretKey | None = Field(default=None, validation_alias="SUPABASE_SECRET_KEY")
    """The project's secret key (`sb_secret_…`), or its legacy service_role key."""
    supabase_service_role_key: SecretKey | None = Field(default=None, validation_alias="SUPABASE_SERVICE_ROLE_KEY")
    """The legacy name of SUPABASE_SECRET_KEY."""
    supabase_publishable_key: PublishableKey | None = Field(default=None, validation_alias="SUPABASE_PUBLISHABLE_KEY")
    """The project's publishable key (`sb_publishable_…`), or its legacy anon key. A request also needs a JWT."""
    supabase_anon_key: PublishableKey | None = Field(default=None, validation_alias="SUPABASE_ANON_KEY")
    """The legacy name of SUPABASE_PUBLISHABLE_KEY."""
    supabase_jwt_secret: JwtSecret | None = Field(default=None, validation_alias="SUPABASE_JWT_SECRET")
    """The project's legacy JWT secret, which signs with HS256."""
    supabase_role: Literal["service_role", "outbox_worker"] = "service_role"
    """Role of this process: service_role with the secret key, or outbox_worker with JWTs that it signs itself."""
    jwt_mode: Literal["jwks", "hs256"] = "jwks"
    """How users' JWTs are verified: with the project's published keys, or with the legacy secret."""
    tenant_from_app_metadata: bool = False
    """Read the tenant from `app_metadata.tenant_id` if a JWT has no claim `tenant_id`."""
    data_dir: Path = Path(".local")
    """Directory in which the embedded PostgreSQL stores its data."""

    def chosen_database(self) -> Choice:
        """The Supabase project if it has a key, else the database of DATABASE_URL, else the embedded PostgreSQL."""
        secret = self.supabase_secret_key or self.supabase_service_role_key
        if self.supabase_url and (secret or self.supabase_role == "outbox_worker"):
            return self._project(self.supabase_url, _secret_text(secret) or "")
        if self.database_url:
            return PostgresDatabase(self.database_url.get_secret_value(), _secret_text(self.database_url_ro))
        return EmbeddedDatabase(self.data_dir)

    def sql_database_url(self) -> str | None:
        """The URL in DATABASE_URL, for commands that run SQL; None means the embedded PostgreSQL.

        Raises SettingsError if SUPABASE_URL is set without DATABASE_URL, because the REST API runs no SQL.
        """
        if self.supabase_url and not self.database_url:
            raise SettingsError(
                "DATABASE_URL: missing: this command runs SQL, for which SUPABASE_URL is not enough; set the URL of the"
                " session pooler"
            )
        return _secret_text(self.database_url)

    @property
    def publishable_key_text(self) -> str | None:
        """The project's publishable key, or its anon key."""
        return _secret_text(self.supabase_publishable_key or self.supabase_anon_key)

    def api_keys(self) -> list[SecretStr]:
        """All API keys that are set."""
        keys = (
            self.supabase_secret_key, self.supabase_service_role_key,
            self.supabase_publishable_key, self.supabase_anon_key,
        )  # fmt: skip
        return [key for key in keys if key]

    def _project(self, url: str, secret: str) -> SupabaseProject:
        from services.database.rest.tokens import token_source  # noqa: PLC0415  # imports cryptography, which few commands need

        publishable = self.publishable_key_text or ""
        if self.supabase_role == "outbox_worker":
            jwt_secret = _secret_text(self.supabase_jwt_secret) or ""
            return SupabaseProject(
                url, publishable, token_source(jwt_secret, role=self.supabase_role, iss=f"{url}/auth/v1")
            )
        if supabase_keys.unverified_role(secret) == "outbox_worker":
            return SupabaseProject(url, publishable, lambda: secret)
        return SupabaseProject(url, secret)

    @model_validator(mode="after")
    def _check_legacy_names(self) -> Self:
        for name, key, old_name, old in (
            ("SUPABASE_SECRET_KEY", self.supabase_secret_key,
             "SUPABASE_SERVICE_ROLE_KEY", self.supabase_service_role_key),
            ("SUPABASE_PUBLISHABLE_KEY", self.supabase_publishable_key, "SUPABASE_ANON_KEY", self.supabase_anon_key),
        ):  # fmt: skip
            if key and old and key != old:
                raise ValueError(f"{name}: differs from {old_name}, its legacy name: set only one of them")
        return self

    @model_validator(mode="after")
    def _check_completeness(self) -> Self:
        secret = self.supabase_secret_key or self.supabase_service_role_key
        publishable = self.supabase_publishable_key or self.supabase_anon_key
        needs_publishable = (
            secret is not None and supabase_keys.unverified_role(secret.get_secret_value()) == "outbox_worker"
        )
        if self.database_url_ro and not self.database_url:
            raise ValueError(
                "DATABASE_URL_RO: requires DATABASE_URL, because a read replica cannot be written to: set both"
            )
        if (secret or publishable) and not self.supabase_url:
            raise ValueError("SUPABASE_URL: missing, although a Supabase key is set: set the URL of the project")
        if self.supabase_role == "outbox_worker":
            if not (self.supabase_url and publishable and self.supabase_jwt_secret):
                raise ValueError(
                    "ACP_SUPABASE_ROLE: outbox_worker needs SUPABASE_URL, SUPABASE_PUBLISHABLE_KEY and"
                    " SUPABASE_JWT_SECRET: set all three"
                )
        elif self.supabase_url and not (secret or self.database_url):
            raise ValueError(
                "SUPABASE_SECRET_KEY: missing, although SUPABASE_URL is set: copy the secret key (sb_secret_…) from the"
                " project's API keys"
            )
        if needs_publishable and not publishable:
            raise ValueError("SUPABASE_PUBLISHABLE_KEY: missing: a JWT for outbox_worker works only together with it")
        if self.jwt_mode == "hs256" and not self.supabase_jwt_secret:
            raise ValueError("SUPABASE_JWT_SECRET: missing: ACP_JWT_MODE=hs256 verifies JWTs with it")
        return self


def _secret_text(secret: SecretStr | None) -> str | None:
    return None if secret is None else secret.get_secret_value()
