"""Which database, and whose tokens: what DATABASE_URL and SUPABASE_* say, and whether they fit together."""

import re
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, model_validator
from pydantic_settings import BaseSettings

from control_plane import supabase_keys
from services.backends.choice import Choice, EmbeddedDatabase, PostgresDatabase, SupabaseProject
from services.errors import SettingsError


def _postgres(url: SecretStr) -> SecretStr:
    if not re.match(r"postgres(ql)?(\+\w+)?://", url.get_secret_value()):
        raise ValueError("must be a PostgreSQL URL such as postgresql://user:password@host:5432/database")
    try:
        parts = urlsplit(url.get_secret_value())
        beyond, inside, _ = parts.path + parts.fragment, parts.netloc, parts.port
    except ValueError:  # its words would quote the password
        raise ValueError("holds what must be percent-encoded, or [ ] around the password") from None
    if "@" in beyond or inside.count("@") > 1:
        raise ValueError("holds a character that must be percent-encoded, such as %40 for @, %23 for # and %2F for /")
    return url


PostgresUrl = Annotated[SecretStr, AfterValidator(_postgres)]
SecretKey = Annotated[SecretStr, AfterValidator(supabase_keys.secret_key)]
PublishableKey = Annotated[SecretStr, AfterValidator(supabase_keys.publishable_key)]
JwtSecret = Annotated[SecretStr, AfterValidator(supabase_keys.jwt_secret)]


class DatabaseSettings(BaseSettings):
    """A part of the settings; see `control_plane.settings.Settings`."""

    database_url: PostgresUrl | None = Field(default=None, validation_alias="DATABASE_URL")
    """A PostgreSQL to use instead of the embedded one; Supabase's session pooler or a direct connection."""
    database_url_ro: PostgresUrl | None = Field(default=None, validation_alias="DATABASE_URL_RO")
    """A replica of it, for what people ask; a moment behind perhaps."""
    supabase_url: Annotated[str, AfterValidator(supabase_keys.project_url)] | None = Field(
        default=None, validation_alias="SUPABASE_URL"
    )
    """A Supabase project: with a key its REST API is used instead of a connection; it also issues the users' JWTs."""
    supabase_secret_key: SecretKey | None = Field(default=None, validation_alias="SUPABASE_SECRET_KEY")
    """`sb_secret_…`, or the legacy service_role key."""
    supabase_service_role_key: SecretKey | None = Field(default=None, validation_alias="SUPABASE_SERVICE_ROLE_KEY")
    """The legacy name of the same."""
    supabase_publishable_key: PublishableKey | None = Field(default=None, validation_alias="SUPABASE_PUBLISHABLE_KEY")
    """`sb_publishable_…`, or the legacy anon key; lets in who brings a JWT of their own."""
    supabase_anon_key: PublishableKey | None = Field(default=None, validation_alias="SUPABASE_ANON_KEY")
    """The legacy name of the same."""
    supabase_jwt_secret: JwtSecret | None = Field(default=None, validation_alias="SUPABASE_JWT_SECRET")
    """The project's legacy secret, which signs HS256."""
    supabase_role: Literal["service_role", "outbox_worker"] = "service_role"
    """Who this process is to the project: all-powerful by the secret key, or the worker by JWTs it signs itself."""
    jwt_mode: Literal["jwks", "hs256"] = "jwks"
    """How users' JWTs are verified: by the project's published keys or by the legacy secret; no token chooses."""
    tenant_from_app_metadata: bool = False
    """Also believe `app_metadata.tenant_id` where a JWT has no `tenant_id` of its own."""
    data_dir: Path = Path(".local")
    """Where the embedded PostgreSQL keeps its data between runs."""

    def chosen_database(self) -> Choice:
        """Where the services find their data: the project, else the PostgreSQL, else the embedded one."""
        secret = self.supabase_secret_key or self.supabase_service_role_key
        if self.supabase_url and (secret or self.supabase_role == "outbox_worker"):
            return self._project(self.supabase_url, _plain(secret) or "")
        if self.database_url:
            return PostgresDatabase(self.database_url.get_secret_value(), _plain(self.database_url_ro))
        return EmbeddedDatabase(self.data_dir)

    def given_database(self) -> str | None:
        """The URL in DATABASE_URL, for what needs SQL itself; None means the embedded PostgreSQL.

        Raises SettingsError when there is a project but no way to its database.
        """
        if self.supabase_url and not self.database_url:
            raise SettingsError(
                "DATABASE_URL: needed beside SUPABASE_URL, since this speaks SQL: set the session pooler's address"
            )
        return _plain(self.database_url)

    def api_keys(self) -> list[SecretStr]:
        """Every API key there is."""
        given = (
            self.supabase_secret_key, self.supabase_service_role_key,
            self.supabase_publishable_key, self.supabase_anon_key,
        )  # fmt: skip
        return [key for key in given if key]

    def _project(self, url: str, secret: str) -> SupabaseProject:
        from services.database.rest.tokens import token_source  # noqa: PLC0415  # brings cryptography, which few commands need

        publishable = _plain(self.supabase_publishable_key or self.supabase_anon_key) or ""
        if self.supabase_role == "outbox_worker":
            signed_by = _plain(self.supabase_jwt_secret) or ""
            return SupabaseProject(
                url, publishable, token_source(signed_by, role=self.supabase_role, iss=f"{url}/auth/v1")
            )
        if supabase_keys.role(secret) == "outbox_worker":
            return SupabaseProject(url, publishable, lambda: secret)
        return SupabaseProject(url, secret)

    @model_validator(mode="after")
    def _names_agree(self) -> Self:
        for name, key, old_name, old in (
            ("SUPABASE_SECRET_KEY", self.supabase_secret_key,
             "SUPABASE_SERVICE_ROLE_KEY", self.supabase_service_role_key),
            ("SUPABASE_PUBLISHABLE_KEY", self.supabase_publishable_key, "SUPABASE_ANON_KEY", self.supabase_anon_key),
        ):  # fmt: skip
            if key and old and key != old:
                raise ValueError(f"{name}: differs from {old_name}: keep one of them")
        return self

    @model_validator(mode="after")
    def _supabase_is_whole(self) -> Self:
        secret = self.supabase_secret_key or self.supabase_service_role_key
        publishable = self.supabase_publishable_key or self.supabase_anon_key
        needs_publishable = secret is not None and supabase_keys.role(secret.get_secret_value()) == "outbox_worker"
        if self.database_url_ro and not self.database_url:
            raise ValueError("DATABASE_URL_RO: set DATABASE_URL too; this one serves reading only")
        if (secret or publishable) and not self.supabase_url:
            raise ValueError("SUPABASE_URL: missing, though there is a key: set the project's address")
        if self.supabase_role == "outbox_worker":
            if not (self.supabase_url and publishable and self.supabase_jwt_secret):
                raise ValueError(
                    "ACP_SUPABASE_ROLE: outbox_worker needs SUPABASE_URL, SUPABASE_PUBLISHABLE_KEY and"
                    " SUPABASE_JWT_SECRET: set all three"
                )
        elif self.supabase_url and not (secret or self.database_url):
            raise ValueError(
                "SUPABASE_SECRET_KEY: missing, though SUPABASE_URL is set: copy the secret key (sb_secret_…) from the"
                " project's API keys"
            )
        if needs_publishable and not publishable:
            raise ValueError("SUPABASE_PUBLISHABLE_KEY: missing: a JWT of outbox_worker opens no gateway by itself")
        if self.jwt_mode == "hs256" and not self.supabase_jwt_secret:
            raise ValueError("SUPABASE_JWT_SECRET: missing: ACP_JWT_MODE=hs256 verifies by it")
        return self


def _plain(secret: SecretStr | None) -> str | None:
    return None if secret is None else secret.get_secret_value()
