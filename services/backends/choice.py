"""The database that the settings choose, as values. The backends take these values and never read settings."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class EmbeddedDatabase:
    """The PostgreSQL server that this product installs and runs, with its data in `data_dir`."""

    data_dir: Path


@dataclass(frozen=True)
class PostgresDatabase:
    """A direct connection to a PostgreSQL server."""

    url: str = field(repr=False)
    read_only_url: str | None = field(default=None, repr=False)
    """The URL of a read replica, whose data may be slightly older; see `-- call: replica` in db/functions."""


@dataclass(frozen=True)
class SupabaseProject:
    """The Data API of a Supabase project, without a connection to its database."""

    url: str
    apikey: str = field(repr=False)
    """Required by the gateway. Without `bearer` it also decides the role of the calls."""
    bearer: Callable[[], str] | None = field(default=None, repr=False)
    """Returns the JWT for the next call. The JWT names a role with fewer rights than the role of the key."""


Choice = EmbeddedDatabase | PostgresDatabase | SupabaseProject
