"""Follow the audit log as it grows, or wait for one envelope.

One `AuditFeed` per process serves all followers. It asks many times a second which chains have grown. The new rows of
a chain are read once for all followers of its tenant, with the rights of one of them, and kept in memory for a short
time (KEEP_FOR). A slow follower reads older rows from the database, from its own position, so it neither blocks others
nor costs memory.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Generic, TypeVar
from uuid import UUID

import structlog

from services.audit_log import AuditLogger, RawAuditRow
from services.audit_log.position import Position
from services.backends import Backends
from services.envelope import OPEN_STATUSES, Envelope
from services.errors import ControlPlaneError

POLL_EVERY = timedelta(milliseconds=15)
"""The time between two polls. After a slow poll the pause is at least as long as that poll."""
RETRY_AFTER = 1.0
"""Seconds until the next poll after an error."""
MAX_ROWS_BEHIND = 10_000
"""How many rows a follower may be behind. A follower that is further behind gets a `Reset`."""
MAX_TRANSACTIONS_BEHIND = 100_000
"""How many transactions of the database a follower of all tenants may be behind."""
POLL_ALL_EVERY = 0.05
"""Seconds between two reads of a follower of all tenants; operators are few."""
PAGE_SIZE = 500
KEEP_FOR = 2.0
"""Seconds for which rows are kept for all followers of a tenant."""
MAX_CONCURRENT_READS = 4
"""Chains read at the same time."""

At = TypeVar("At", int, Position)
log = structlog.get_logger("audit_feed")


@dataclass(frozen=True, slots=True)
class Reset(Generic[At]):
    """The follower was too far behind, or named a row that does not exist. It continues from `at`."""

    at: At


class AuditFeed:
    """Reads new rows of audit chains for all followers in this process. Create one per event loop."""

    def __init__(self, operator_log: AuditLogger, *, poll_every: timedelta = POLL_EVERY) -> None:
        """`operator_log` is used only to find the ends of the chains. Rows are read with the log of a follower."""
        self.is_closed = False
        self._operator_log = operator_log
        self._poll_every = poll_every.total_seconds()
        self._chains: dict[tuple[UUID, bool], _FollowedChain] = {}
        self._reads = asyncio.Semaphore(MAX_CONCURRENT_READS)
        self._task: asyncio.Task[None] | None = None

    @property
    def followers(self) -> int:
        """How many followers there are now."""
        return sum(len(chain.readers) for chain in self._chains.values())

    async def end_of(self, tenant: UUID) -> int:
        """The seq of a tenant's last row now; 0 without rows."""
        return (await self._operator_log.moved_heads({tenant: 0})).get(tenant, 0)

    async def start_of(self, tenant: UUID, after: int | None) -> int | Reset[int]:
        """Where a follower begins: after the row `after` or, if the follower has seen no row, at the end of the
        chain."""
        end = await self.end_of(tenant)
        if after is None:
            return end
        return after if 0 <= end - after <= MAX_ROWS_BEHIND else Reset(end)

    @contextmanager
    def follow(self, reader: AuditLogger, tenant: UUID, *, after: int) -> Iterator["Follower"]:
        """Follow a tenant's chain after a seq. `reader` reads the rows, so it decides what the follower may see.

        Rows that were read for one follower of a tenant are given to the others too. Operators, who may see more, share
        rows only with operators.
        """
        key = (tenant, reader is self._operator_log)
        chain = self._chains.setdefault(key, _FollowedChain(tenant))
        chain.readers.append(reader)
        self.keep_running()
        try:
            yield Follower(self, chain, reader, after)
        finally:
            chain.readers.remove(reader)
            if not chain.readers:
                self._chains.pop(key, None)
            if not self._chains:
                self._stop()

    async def start_of_all(self, position: Position | None) -> Position | Reset[Position]:
        """Same as `start_of`, for the rows of all tenants."""
        since, until, after = (
            (None, None, None) if position is None else (position.since, position.until, position.after)
        )
        changes = await self._operator_log.changes(since, until, after, limit=0, most_behind=MAX_TRANSACTIONS_BEHIND)
        if position is None:
            return Position(changes.until)
        return Reset(Position(changes.until)) if changes.rows is None else position

    def follow_all(self, position: Position) -> "FollowerOfAll":
        """Follow the chains of all tenants from a position. Only operators may."""
        return FollowerOfAll(self, self._operator_log, position)

    def close(self) -> None:
        """End every follower."""
        self.is_closed = True
        self._stop()
        for chain in self._chains.values():
            chain.wake()

    def keep_running(self) -> None:
        """Start to poll, or start again after an unexpected error."""
        if self.is_closed or (self._task is not None and not self._task.done()):
            return
        if self._task is not None and not self._task.cancelled() and (error := self._task.exception()) is not None:
            log.error("audit_feed.failed", exc_info=error)
        self._task = asyncio.create_task(self._poll_until_stopped())

    def _stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            self._task = None

    async def _poll_until_stopped(self) -> None:
        loop = asyncio.get_running_loop()
        async with asyncio.TaskGroup() as reads:
            while True:
                started = loop.time()
                try:
                    await self._poll(reads)
                    took = loop.time() - started
                    pause = max(self._poll_every - took, took)
                except ControlPlaneError as exc:
                    log.warning("audit_feed.not_ready", reason=str(exc))
                    pause = RETRY_AFTER
                await asyncio.sleep(pause)

    async def _poll(self, reads: asyncio.TaskGroup) -> None:
        """Ask which chains have grown, and start to read those. One slow read does not delay the next poll."""
        chains = list(self._chains.values())
        known: dict[UUID, int] = {}
        for chain in chains:
            known[chain.tenant] = min(chain.end or 0, known.get(chain.tenant, chain.end or 0))
        ends = await self._operator_log.moved_heads(known)
        for chain in chains:
            end = ends.get(chain.tenant, chain.end or 0)
            if chain.end is None:
                chain.begin(end)
            elif end > chain.end and not chain.is_reading:
                chain.is_reading = True
                reads.create_task(self._read(chain))
            else:
                chain.forget_old_rows()

    async def _read(self, chain: "_FollowedChain") -> None:
        try:
            async with self._reads:
                await chain.read()
        except ControlPlaneError as exc:
            log.warning("audit_feed.not_ready", tenant_id=str(chain.tenant), reason=str(exc))
        finally:
            chain.is_reading = False


class _FollowedChain:
    """A chain that has followers. Keeps its last seq and, for a short time, its newest rows for all of them."""

    def __init__(self, tenant: UUID) -> None:
        self.tenant = tenant
        self.readers: list[AuditLogger] = []
        self.is_reading = False
        self.end: int | None = None
        """The last row that followers may take; None before the first poll."""
        self.changed = asyncio.Event()
        """Set, and replaced by a new one, when `end` changes."""
        self._rows: list[RawAuditRow] = []
        """The rows up to `end`, without gaps."""
        self._read_at = 0.0

    def begin(self, end: int) -> None:
        self.end = end
        self.wake()

    async def read(self) -> None:
        """Read the next page with the reader of one follower, and so with its token. The followers take turns, because
        a token may have expired."""
        if not self.readers or self.end is None:
            return
        reader = self.readers.pop(0)
        self.readers.append(reader)
        rows = await reader.read(self.tenant, after=self.end, limit=PAGE_SIZE)
        if rows and rows[-1].seq is not None:
            self._rows = [*self._rows, *rows][-PAGE_SIZE:]
            self._read_at = asyncio.get_running_loop().time()
            self.end = rows[-1].seq
            self.wake()

    def rows_after(self, seq: int) -> list[RawAuditRow] | None:
        """The rows after `seq`; None if some of them are no longer in memory."""
        if not self._rows or (self._rows[0].seq or 0) > seq + 1:
            return None
        return [row for row in self._rows if (row.seq or 0) > seq]

    def forget_old_rows(self) -> None:
        if self._rows and asyncio.get_running_loop().time() - self._read_at > KEEP_FOR:
            self._rows = []

    def wake(self) -> None:
        self.changed.set()
        self.changed = asyncio.Event()


class Follower:
    """One follower of one chain. `at` is the last row that it has taken."""

    def __init__(self, feed: AuditFeed, chain: _FollowedChain, reader: AuditLogger, after: int) -> None:
        self.at = after
        self._feed = feed
        self._chain = chain
        self._reader = reader

    def id_of(self, row: RawAuditRow) -> int:
        """The event id of this row: a follower that names it continues after the row."""
        return row.seq or 0

    async def read(self, *, within: timedelta) -> list[RawAuditRow] | Reset[int]:
        """The next rows, as soon as there are any; an empty list if there are none within this time.

        Raises NotReady, after which the next call goes on from the same row.
        """
        await self._wait(within.total_seconds())
        end = self._chain.end
        if end is None or end <= self.at or self._feed.is_closed:
            return []
        if end - self.at > MAX_ROWS_BEHIND:
            self.at = end
            return Reset(end)
        rows = self._chain.rows_after(self.at)
        if rows is None:
            rows = await self._reader.read(self._chain.tenant, after=self.at, limit=PAGE_SIZE)
        if rows and rows[-1].seq is not None:
            self.at = rows[-1].seq
        return rows

    async def _wait(self, seconds: float) -> None:
        """Wait until there are rows to take, the feed is closed, or this time is over."""
        self._feed.keep_running()
        try:
            async with asyncio.timeout(seconds):
                while not self._feed.is_closed and (self._chain.end is None or self._chain.end <= self.at):
                    await self._chain.changed.wait()
        except TimeoutError:
            return


class FollowerOfAll:
    """One follower of the chains of all tenants. `at` is how far it has read."""

    def __init__(self, feed: AuditFeed, log: AuditLogger, position: Position) -> None:
        self.at = position
        self._feed = feed
        self._log = log
        self._bounds = (position.since, position.until)
        """The snapshots between which the last page lies."""

    def id_of(self, row: RawAuditRow) -> Position:
        """The event id of this row of the last page. A follower that names it continues after the row."""
        return Position(*self._bounds, (row.tenant_id, row.seq or 0))

    async def read(self, *, within: timedelta) -> list[RawAuditRow] | Reset[Position]:
        """See `Follower.read`."""
        loop = asyncio.get_running_loop()
        until = loop.time() + within.total_seconds()
        while not self._feed.is_closed:
            at = self.at
            changes = await self._log.changes(
                at.since, at.until, at.after, limit=PAGE_SIZE, most_behind=MAX_TRANSACTIONS_BEHIND
            )
            if changes.rows is None:
                self.at = Position(changes.until)
                return Reset(self.at)
            self._bounds = (at.since, changes.until)
            is_last = len(changes.rows) < PAGE_SIZE
            self.at = Position(changes.until) if is_last else self.id_of(changes.rows[-1])
            if changes.rows or loop.time() >= until:
                return changes.rows
            await asyncio.sleep(POLL_ALL_EVERY)
        return []


async def wait_for_envelope(
    backends: Backends, feed: AuditFeed, tenant: UUID, envelope_id: UUID, *, within: timedelta
) -> Envelope:
    """Wait until the envelope has ended, for at most `within`, and return it. Raises NotFound."""
    loop = asyncio.get_running_loop()
    until = loop.time() + within.total_seconds()
    with feed.follow(backends.audit_log, tenant, after=await feed.end_of(tenant)) as follower:
        envelope = await backends.outbox.get(tenant, envelope_id)
        while envelope.status in OPEN_STATUSES and (left := until - loop.time()) > 0 and not feed.is_closed:
            page = await follower.read(within=timedelta(seconds=left))
            if isinstance(page, Reset) or any(str(envelope_id) in (row.payload or "") for row in page):
                envelope = await backends.outbox.get(tenant, envelope_id)
    return envelope
