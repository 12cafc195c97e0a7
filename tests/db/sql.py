"""Statements and queries on a database, each over a connection of its own."""

from services.database.connect import connect
from services.database.embedded import Cluster
from tests.conftest import at


def as_superuser(cluster: Cluster, url: str) -> str:
    """The URL of the same database for the superuser."""
    return at(cluster.admin_url, url.rpartition("/")[2])


def execute(url: str, *statements: str) -> None:
    """Execute each text, which may hold several statements."""
    with connect(url) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def fetch(url: str, query: str) -> list[tuple[object, ...]]:
    """All rows of the query."""
    with connect(url) as connection:
        return connection.execute(query.encode()).fetchall()
