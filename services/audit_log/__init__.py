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
    """Hex: SHA-256 over previous_hash and the row's digest, which `app_private.audit_digest` makes."""


class AuditLogger(Protocol):
    """Puts on record what belongs to no change of state; those write their own rows."""

    async def append(self, entries: Sequence[AuditEntry]) -> None:
        """Append to the tenants' chains, in this order, all or none."""

    async def tail(self, tenant: UUID, *, limit: int, before: int | None = None) -> list[AuditRow]:
        """A tenant's newest rows, the newest first; `before` continues a page below that seq."""
