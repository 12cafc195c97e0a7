"""The audit log: a reason on record for all. Append-only, one hash chain per tenant."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from services.envelope import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """Something to be put on record."""

    tenant_id: UUID
    actor: Actor
    category: str
    """`noun.event`, such as `envelope.requeued`."""
    payload: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRow:
    """One link of a tenant's chain."""

    entry: AuditEntry
    seq: int
    """Counts a tenant's rows from 1, without gaps."""
    created_at: datetime
    previous_hash: str
    """Hex; empty for the first."""
    hash: str
    """Hex: SHA-256 over previous_hash and the row's digest, as `app_private.append_audit` makes it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RawAuditRow:
    """A row word for word, for checking it: nothing is taken for granted, not even that its columns are filled."""

    tenant_id: UUID
    seq: int | None
    actor_type: str | None
    actor_id: str | None
    category: str | None
    payload: str | None
    """As PostgreSQL writes `jsonb`, every digit kept: that text is what the hash covers."""
    created_at: str | None
    """ISO 8601 with an offset."""
    previous_hash: str | None
    hash: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """Where the log says that a tenant's chain ends."""

    tenant_id: UUID
    seq: int | None
    """None, with the hash, where there are rows and no head."""
    hash: str | None
    newest: int | None
    """The highest seq among the rows at the same moment; the same, unless somebody has touched the log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """Where a tenant's chain ended when somebody noted it elsewhere."""

    tenant_id: UUID
    seq: int
    hash: str


class AuditLogger(Protocol):
    """Puts on record what belongs to no change of state; those write their own rows."""

    async def append(self, entries: Sequence[AuditEntry]) -> None:
        """Append to the tenants' chains, in this order, all or none."""

    async def tail(self, tenant: UUID, *, limit: int, before: int | None = None) -> list[AuditRow]:
        """A tenant's newest rows, the newest first; `before` continues a page below that seq."""

    async def read(
        self, tenant: UUID, *, after: int | None = None, since: datetime | None = None, limit: int
    ) -> list[RawAuditRow]:
        """A tenant's rows word for word, the oldest first, and none when there are no more.

        From the first, after a seq, or from the first row made at or after a moment. Rows that share a seq come on one
        page, which may exceed the limit; a page may also be shorter and not the last.
        """

    async def heads(self, tenant: UUID | None = None, *, after: UUID | None = None, limit: int = 500) -> list[Head]:
        """Where chains end: one tenant's, or by tenant, above `after`, everybody's that has rows or a head."""
