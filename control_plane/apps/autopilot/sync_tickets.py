"""Read the tickets of a connection page by page, and store each page together with the cursor after it.

A cursor is valid only for the settings with which it was made. After a change of the settings, everything is read
again.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import timedelta

from control_plane.apps.autopilot.classify_tickets import classify_tickets
from control_plane.apps.autopilot.connections import Connection
from control_plane.apps.autopilot.runs import Failure, LeasedRun, Run, RunError, RunFailed
from control_plane.apps.autopilot.sources import Cursor, Found, TicketSource
from control_plane.apps.autopilot.sources.logins import Resolve
from control_plane.apps.autopilot.sources.registry import open_source
from control_plane.apps.autopilot.store import failures, runs, tickets
from control_plane.apps.autopilot.store.tickets import MAX_BATCH
from services.backends.functions import Functions
from services.clock import utc_now
from services.envelope import Actor
from services.errors import Locked, StateConflict
from services.tools.outgoing import AllowedHosts

MAX_ESTIMATE = 2**31 - 1
"""The largest number of tickets that is stored as an estimate."""
COMPARE_EVERY = timedelta(days=1)
"""How often all ticket numbers of a ticket system are compared with the stored ones. Half a million numbers are 500
requests."""
MAX_TRIES = 3
"""How often a batch is sent, if another program writes the same tickets or holds a lock for seconds."""


async def sync_tickets(
    functions: Functions, leased: LeasedRun, *, resolve: Resolve, allowed_hosts: AllowedHosts, lease_for: timedelta,
    actor: Actor,
) -> None:  # fmt: skip
    """Store everything that is new in the ticket system.

    Raises SourceError, RunFailed, and StateConflict if the lease was lost or the run was cancelled. RunFailed is also
    raised if everything was stored, but there are too few tickets for a first model.
    """
    run, connection = leased.run, leased.connection
    if connection is None:
        raise RunFailed(RunError.SETTINGS_INVALID, {"problem": "its connection was deleted"})
    async with open_source(
        connection.connection_type, connection.latest_options, tenant_id=run.organization_id,
        connection_id=connection.id, resolve=resolve, allowed_hosts=allowed_hosts,
    ) as source:  # fmt: skip
        sync = _Sync(functions, run, connection, source, actor)
        await sync.store_estimate(lease_for)
        await sync.redrive()
        await sync.store_pages()
        if sync.has_to_compare():
            await sync.mark_vanished()
    missing = await tickets.missing_tickets(functions, run.organization_id)
    if missing is not None:
        raise RunFailed(RunError.TICKETS_BELOW_THRESHOLD, missing)


def digest_of_settings(connection: Connection) -> str:
    """Identifies the settings of a connection. A cursor that was made with another digest is not valid. Pure."""
    settings = json.dumps([connection.connection_type, dict(connection.latest_options)], sort_keys=True)
    return hashlib.sha256(settings.encode()).hexdigest()[:16]


@dataclass(slots=True)
class _Sync:
    """One sync of a connection."""

    functions: Functions
    run: Run
    """As the last call returned it."""
    connection: Connection
    source: TicketSource
    actor: Actor
    reads_everything: bool = False
    """Whether this sync read everything, although an earlier one had reached the end."""

    @property
    def cursor(self) -> Cursor | None:
        """Where reading continues. None: at the first ticket."""
        stored = self.run.cursor or {}
        return stored.get("position") if stored.get("settings") == digest_of_settings(self.connection) else None

    async def store_estimate(self, lease_for: timedelta) -> None:
        """Store about how many tickets the run will read, once per run."""
        if self.run.records_estimated is None:
            estimate = await self.source.estimate(None if self.cursor is None else self.connection.last_sync_at)
            if estimate is not None and not 0 <= estimate <= MAX_ESTIMATE:
                estimate = None  # no ticket system has so many
            self.run = await runs.renew_run(self.functions, self.run, lease_for=lease_for, records_estimated=estimate)

    async def redrive(self) -> None:
        """Read failed tickets again, as people asked."""
        tenant, source = self.run.organization_id, str(self.connection.id)
        while wanted := await failures.list_redrives(self.functions, [source], tenant=tenant):
            found = await self.source.find({each.external_id for each in wanted if each.external_id is not None})
            await self._store(found)
            for failure in wanted:
                code, detail = _result_of(failure, found)
                await failures.end_redrive(self.functions, failure, code=code, detail=detail, actor=self.actor)

    async def store_pages(self) -> None:
        """Store all pages after the cursor."""
        settings = digest_of_settings(self.connection)
        self.reads_everything = self.cursor is None
        async for page in self.source.pages(self.cursor):
            await self._store(
                Found(tickets=page.tickets, problems=page.problems),
                cursor={"settings": settings, "position": dict(page.cursor)},
            )

    def has_to_compare(self) -> bool:
        """Whether to look for tickets that vanished: once a day, and after everything was read again."""
        if self.connection.last_sync_at is None:
            return False
        now = self.functions.as_of() or utc_now()
        compared_at = self.connection.ids_listed_at
        return self.reads_everything or compared_at is None or compared_at <= now - COMPARE_EVERY

    async def mark_vanished(self) -> None:
        """Mark the stored tickets that the ticket system no longer has, and those that it has again."""
        source_ids = {each async for part in self.source.list_ids() for each in part}
        after, is_last = "", False
        while not is_last:
            stored = await tickets.list_stored_ids(
                self.functions, self.run.organization_id, self.connection.id, after=after
            )
            is_last = not stored
            after = stored[-1].key if stored else after
            vanished = [each.id for each in stored if not each.is_vanished and each.external_id not in source_ids]
            present = [each.id for each in stored if each.is_vanished and each.external_id in source_ids]
            if vanished or present or is_last:
                await tickets.mark_vanished(
                    self.functions, self.run, vanished=vanished, present=present, is_last=is_last, actor=self.actor
                )

    async def _store(self, found: Found, cursor: Cursor | None = None) -> None:
        """Store tickets and problems in batches, and put the tickets into clusters. The last batch has the cursor."""
        count = max(len(found.tickets), len(found.problems), 1)
        for start in range(0, count, MAX_BATCH):
            part = slice(start, start + MAX_BATCH)
            is_last = start + MAX_BATCH >= count
            batch = Found(tickets=found.tickets[part], problems=found.problems[part])
            self.run = await self._store_batch(batch, cursor if is_last else None)
            await classify_tickets(self.functions, self.run.organization_id)

    async def _store_batch(self, batch: Found, cursor: Cursor | None) -> Run:
        for attempt in range(1, MAX_TRIES + 1):
            try:
                stored = await tickets.store_tickets(
                    self.functions, self.run, batch.tickets, batch.problems, cursor=cursor, actor=self.actor
                )
            except (Locked, StateConflict) as exc:
                if attempt == MAX_TRIES or (isinstance(exc, StateConflict) and exc.what != "tickets"):
                    raise
            else:
                return stored.run
        raise AssertionError("unreachable")


def _result_of(failure: Failure, found: Found) -> tuple[str | None, str]:
    """Code and detail of a failure after its ticket was read again; code None if the ticket had this problem no longer.
    If the record has another problem now, that problem is a separate failure. Pure."""
    for problem in found.problems:
        if (problem.external_id, problem.code) == (failure.external_id, failure.code):
            return problem.code, problem.detail
    seen = {each.external_id for each in found.tickets} | {each.external_id for each in found.problems}
    if failure.external_id in seen:
        return None, ""
    return "ticket_vanished", "the ticket system has no such ticket, or hides it from the login"
