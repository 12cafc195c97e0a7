"""Which database the settings choose, as values: the backends are opened by these and know no settings."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class EmbeddedDatabase:
    """The one that this product brings, in a folder of the project."""

    data_dir: Path


@dataclass(frozen=True)
class PostgresDatabase:
    """A direct connection to a PostgreSQL."""

    url: str = field(repr=False)
    read_only_url: str | None = field(default=None, repr=False)
    """A replica for reports, a moment behind perhaps."""


@dataclass(frozen=True)
class SupabaseProject:
    """A project's REST API; no connection to its database."""

    url: str
    apikey: str = field(repr=False)
    """Opens the gateway, and says who calls unless `bearer` does."""
    bearer: Callable[[], str] | None = field(default=None, repr=False)
    """Gives the JWT for the next call, which names a role with fewer rights than the key's."""


Choice = EmbeddedDatabase | PostgresDatabase | SupabaseProject
