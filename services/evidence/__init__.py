"""Evidence and signals: the stored answers to scans. Untrusted text: shown to people, never obeyed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from services.envelope import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A tool's answer to a scan."""

    tool_slug: str
    connected_account_id: UUID | None
    content: Any
    """The answer, redacted and made safe to store (`services.untrusted.storable`)."""
    sha256: str
    """Hex SHA-256 of the content as canonical JSON."""
    value: Mapping[str, Any]
    """A summary of the answer, for the signal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A stored reading: one row of `evidence`. Equal answers share one row."""

    id: UUID
    tenant_id: UUID
    tool_slug: str
    connected_account_id: UUID | None
    sha256: str
    content: Any
    observed_at: datetime
    """When a scan first read it."""
    seen_at: datetime
    """When a scan last read it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """One row of `signals`: the summary of a tool's latest reading."""

    tenant_id: UUID
    tool_slug: str
    connected_account_id: UUID | None
    value: Mapping[str, Any]
    evidence_id: UUID
    observed_at: datetime
    changed_at: datetime
    """When the content of the reading last changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedReadings:
    """How many rows changed when readings were saved."""

    evidence: int
    """How many answers were new."""
    signals: int
    """How many signals changed."""


class EvidenceKey(NamedTuple):
    """The key of a row of `evidence`."""

    tenant_id: UUID
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredEvidence:
    """The part of an evidence row that the guardrail checks."""

    sha256: str
    seen_at: datetime


class EvidenceStore(Protocol):
    """The evidence and signals of all tenants."""

    async def save(self, tenant: UUID, readings: Sequence[Reading], *, actor: Actor) -> SavedReadings:
        """Store the readings of a scan. Equal answers share one row. Raises NotFound for an unknown tenant."""

    async def find(self, keys: Iterable[EvidenceKey]) -> dict[EvidenceKey, StoredEvidence]:
        """The evidence with these keys. Unknown keys are missing from the result."""

    async def list_evidence(self, tenant: UUID, *, limit: int = 50) -> list[Evidence]:
        """A tenant's evidence, the most recently seen first."""

    async def list_signals(self, tenant: UUID) -> list[Signal]:
        """A tenant's signals, sorted by tool and account."""

    async def forget(self, *, keep: timedelta, limit: int) -> int:
        """Delete up to `limit` rows that no scan has seen for `keep` and no signal uses. Returns how many."""
