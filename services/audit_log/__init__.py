"""The audit log: append-only rows, in one hash chain per tenant."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from services.envelope import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """The content of an audit row."""

    tenant_id: UUID
    actor: Actor
    category: str
    """What happened, as `noun.event`: for example `envelope.requeued`."""
    payload: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRow:
    """One row of a tenant's chain."""

    entry: AuditEntry
    seq: int
    """The row's number in the tenant's chain, from 1 without gaps."""
    created_at: datetime
    previous_hash: str
    """Hex; empty for the first row."""
    hash: str
    """Hex SHA-256 of previous_hash and the row's digest, as `app_private.append_audit` computes it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RawAuditRow:
    """An unchecked audit row, as stored: any column may be empty or invalid."""

    tenant_id: UUID
    seq: int | None
    actor_type: str | None
    actor_id: str | None
    category: str | None
    payload: str | None
    """The text of the `jsonb`, with every digit: the hash covers this text."""
    created_at: str | None
    """ISO 8601 with an offset."""
    previous_hash: str | None
    hash: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The end of a tenant's chain, as stored beside the rows."""

    tenant_id: UUID
    seq: int | None
    """None, like the hash, if there are rows but no record of the last one."""
    hash: str | None
    newest: int | None
    """The highest seq among the rows, read at the same time. It equals `seq` unless somebody has changed the log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """An earlier head of a tenant's chain, kept outside the database."""

    tenant_id: UUID
    seq: int
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """Rows of all tenants that became visible between two snapshots, sorted by tenant and seq."""

    until: str
    """The snapshot up to which the rows were read."""
    rows: list[RawAuditRow] | None
    """A page of the rows; None if the snapshot `since` is too old, or from another database."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFilter:
    """The conditions that an audit row has to meet; None is no condition."""

    category: str | None = None
    """One category, or the beginning of several, which ends with a dot: `envelope.`."""
    actor: str | None = None
    """An id, or a type and an id: `agent:bot`."""
    since: datetime | None = None
    """Created at this time or later."""
    until: datetime | None = None
    """Created before this time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundAuditRows:
    """The rows that a search found, the newest first."""

    rows: list[AuditRow]
    searched_to: int | None
    """The seq at which the search stopped before it had found enough. None if it found enough, or if nothing is
    left."""


class AuditLogger(Protocol):
    """Reads the audit log, and appends rows that record no change of state. A change of state appends its own row."""

    async def append(self, entries: Sequence[AuditEntry]) -> None:
        """Append rows to the tenants' chains, in this order, all or none."""

    async def tail(self, tenant: UUID, *, limit: int, before: int | None = None) -> list[AuditRow]:
        """A tenant's newest rows, newest first; with `before`, only rows with a lower seq."""

    async def search(
        self, tenant: UUID, wanted: AuditFilter, *, limit: int, before: int | None = None
    ) -> FoundAuditRows:
        """A tenant's newest rows that meet conditions. One call reads only a few thousand rows: see `searched_to`."""

    async def of_envelope(self, tenant: UUID, envelope: UUID, *, limit: int) -> list[AuditRow]:
        """The newest rows about one envelope, the oldest of these first.

        If the envelope was deleted, the rows about its proposal and its success are missing.
        """

    async def read(
        self, tenant: UUID, *, after: int | None = None, since: datetime | None = None, limit: int
    ) -> list[RawAuditRow]:
        """A page of a tenant's unchecked rows, oldest first. An empty page is the end.

        The page begins with the tenant's first row; with `after`, with the next row after this seq; with `since`, with
        the first row created at this time or later. Rows with the same seq are on one page, even beyond the limit. A
        page with fewer rows than the limit is not always the last page.
        """

    async def heads(self, tenant: UUID | None = None, *, after: UUID | None = None, limit: int = 500) -> list[Head]:
        """The head of this tenant, or of all tenants with rows or a head, sorted by tenant id. With `after`, only
        tenants with a higher id."""

    async def moved_heads(self, known: Mapping[UUID, int]) -> dict[UUID, int]:
        """`known` has a seq for each tenant. Returns the last seq of each chain that is longer now. Only for
        operators."""

    async def changes(
        self, since: str | None, until: str | None, after: tuple[UUID, int] | None, *, limit: int, most_behind: int
    ) -> Changes:
        """The rows that became visible after snapshot `since`, up to snapshot `until` or now. Only for operators.

        Without `since` the result has no rows, only the current snapshot. Two calls with the same `since` and `until`
        return the same rows. `most_behind` is how many transactions old `since` may be.
        """
