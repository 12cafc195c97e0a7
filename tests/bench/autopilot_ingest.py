"""How much faster are batches of tickets than a plain upsert per ticket? And storing the same tickets again?

A tenth of the tickets is stored row by row, because each waits for a commit. So tickets per second are compared.
"""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

import psycopg

from control_plane.apps.autopilot.connections import ConnectionType
from control_plane.apps.autopilot.store import connections, functions_of, runs
from control_plane.apps.autopilot.store.tickets import MAX_BATCH, store_tickets
from control_plane.apps.autopilot.values import Ticket
from services.backends import Backends
from services.backends.open import postgres_backends
from services.database.connect import connect
from services.tenants import Tenant
from tests.bench.runner import Figure, Lab
from tests.builders import operator, system
from tests.control_plane.apps.autopilot.made_up_tickets import MadeUp, made_up_tickets

TICKETS = 100_000
FASTER, AGAIN = 5.0, 2.0
OLGA, WORKER = operator("olga"), system("ticket_worker")
WRITTEN = """
select coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0)::int from pg_stat_user_tables
where schemaname = 'autopilot' and relname in ('tickets', 'analytics_cluster_daily', 'message_processing_failures')
"""
ONE = """
insert into autopilot.tickets (
  organization_id, data_source_connection_id, external_id, subject, description, external_status, priority, requester,
  assignee, resolution, source_created_at, source_updated_at, resolved_at, source_metadata
)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
on conflict (organization_id, external_id) do update
set subject = excluded.subject, description = excluded.description, external_status = excluded.external_status,
  source_updated_at = excluded.source_updated_at, source_metadata = excluded.source_metadata
"""


@dataclass(frozen=True)
class Source:
    """A connection of a new tenant."""

    tenant: UUID
    connection: UUID


async def measure(lab: Lab) -> list[Figure]:
    """Tickets per second: a tenth row by row, all in batches, and in batches again."""
    tickets = [_ticket(number) for number in made_up_tickets(lab.sized(TICKETS))]
    with lab.database() as url:
        async with postgres_backends(url, pool_size=2) as backends:
            ours, theirs = await _connect(backends), await _connect(backends)
        alone = tickets[: max(1, len(tickets) // 10)]
        one_by_one = len(alone) / _store_one_by_one(url, theirs, alone)
        first = len(tickets) / await _store(url, ours, tickets)
        before = _written(url)
        again = len(tickets) / await _store(url, ours, tickets)
        rows = _written(url) - before
    lab.say(f"  {rows} rows written again")
    return [
        Figure.of("autopilot_ingest", "tickets/s", [first], "row by row", [one_by_one], at_least=FASTER),
        Figure.of("autopilot_ingest/again", "tickets/s", [again], "the first time", [first], at_least=AGAIN),
        Figure.of("autopilot_ingest/rows", "rows, +1", [rows + 1], "none, +1", [1], at_most=1),
    ]


async def _connect(backends: Backends) -> Source:
    tenant = uuid4()
    await backends.tenants.save(Tenant(id=tenant, name="Acme"), actor=OLGA)
    added = await connections.add_connection(
        functions_of(backends), tenant, "Helpdesk", ConnectionType.SERVICENOW, actor=OLGA
    )
    return Source(tenant, added.id)


async def _store(url: str, source: Source, tickets: Sequence[Ticket]) -> float:
    """Seconds of a run that stores all tickets. The connections are closed, so that the database counts the rows."""
    async with postgres_backends(url, pool_size=2) as backends:
        functions = functions_of(backends)
        await runs.start_sync(functions, source.tenant, source.connection, actor=OLGA)
        leased = await runs.claim_run(functions, lease_for=timedelta(hours=1), actor=WORKER)
        if leased is None:
            raise RuntimeError("the run was not leased")
        run, started = leased.run, time.perf_counter()
        for start in range(0, len(tickets), MAX_BATCH):
            run = (await store_tickets(functions, run, tickets[start : start + MAX_BATCH], actor=WORKER)).run
        seconds = time.perf_counter() - started
        await runs.complete_run(functions, run, actor=WORKER)
        if (run.records_processed, run.records_failed) != (len(tickets), 0):
            raise RuntimeError(f"{run.records_processed} of {len(tickets)} were stored")
        return seconds


def _store_one_by_one(url: str, source: Source, tickets: Sequence[Ticket]) -> float:
    """Seconds of a program that upserts and commits each ticket."""
    with psycopg.connect(url, autocommit=True) as connection:
        started = time.perf_counter()
        for each in tickets:
            connection.execute(
                ONE,
                (
                    source.tenant, source.connection, each.external_id, each.subject, each.description,
                    each.external_status, each.priority, each.requester, each.assignee, each.resolution,
                    each.source_created_at, each.source_updated_at, each.resolved_at,
                    json.dumps(dict(each.source_metadata)),
                ),
                prepare=True,
            )  # fmt: skip
        return time.perf_counter() - started


def _ticket(made_up: MadeUp) -> Ticket:
    """A ticket with a record as large as one of ServiceNow: about 1 KB."""
    return Ticket(
        external_id=f"INC{made_up.number:07}", subject=made_up.subject, description=made_up.description,
        external_status="Resolved" if made_up.resolved_at else "New", priority=str(made_up.priority),
        requester=made_up.requester, assignee=made_up.assignee, resolution=made_up.resolution,
        source_created_at=made_up.created_at, source_updated_at=made_up.updated_at, resolved_at=made_up.resolved_at,
        source_metadata={"number": made_up.number, "category": made_up.category, "more": made_up.description * 8},
    )  # fmt: skip


def _written(url: str) -> int:
    with connect(url) as connection:
        found = connection.execute(WRITTEN).fetchone()
    return 0 if found is None else int(found[0])
