"""A prepared database, what each caller can access, and the cases in which this is more than allowed."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import product

import psycopg

from services.database.connect import connect
from tests.db.roles import every_role_allowed
from tests.db.tenancy.access import CALLERS, VERBS, Caller, Reach, granted, reach
from tests.db.tenancy.tables import Table, find_tables, prepare

UNDER_POLICIES = tuple(caller for caller in CALLERS if caller.role != "service_role")


@dataclass(frozen=True)
class Stage:
    """Tables with one row of each of two tenants, and a connection that can act as every role."""

    connection: psycopg.Connection
    tables: Sequence[Table]
    found: dict[tuple[Table, Caller], dict[str, Reach | None]]
    """What each caller can access, by verb."""


@contextmanager
def staged(url: str) -> Iterator[Stage]:
    """Prepare this database, and find out what each caller can access."""
    with connect(url) as connection:
        connection.prepare_threshold = None  # plans are not kept after the rights have changed
        tables = find_tables(connection)
        prepare(connection, tables)
        with every_role_allowed(connection):
            found = {
                (table, caller): {verb: reach(connection, caller, table, verb) for verb in VERBS}
                for table, caller in product(tables, CALLERS)
            }
            yield Stage(connection, tables, found)


def breaches(
    stage: Stage, tables: Sequence[Table], callers: Sequence[Caller], verbs: Sequence[str] = VERBS
) -> Iterator[str]:
    """The accesses to rows of other tenants that callers gain if they are granted every right on these tables."""
    with granted(stage.connection, tables, {caller.role for caller in callers}):
        for table, caller, verb in product(tables, callers, verbs):
            may, can = stage.found[table, caller][verb], reach(stage.connection, caller, table, verb)
            if can is not None and can.tenants - (may.tenants if may else frozenset()) - {caller.own}:
                yield f"{table}: {verb} as {caller}"
