"""Evidence and signals: what scans read through a tenant's accounts. Text from outside: shown, never obeyed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from services.envelope import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a tool answered to a scan."""

    tool_slug: str
    connected_account_id: UUID | None
    content: Any
    """As `services.untrusted.storable` leaves it, redacted."""
    sha256: str
    """Of the content as canonical JSON."""
    value: Mapping[str, Any]
    """The answer in short, which becomes the signal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One row of `evidence`."""

    id: UUID
    tenant_id: UUID
    tool_slug: str
    connected_account_id: UUID | None
    sha256: str
    content: Any
    observed_at: datetime
    """When a scan read it first."""
    seen_at: datetime
    """When a scan read it last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """One row of `signals`: what a tool said last."""

    tenant_id: UUID
    tool_slug: str
    connected_account_id: UUID | None
    value: Mapping[str, Any]
    evidence_id: UUID
    observed_at: datetime
    changed_at: datetime
    """Since when it has said so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedReadings:
    """What a scan's readings brought."""

    evidence: int
    """Answers not seen before."""
    signals: int
    """Tools that say something else than last time."""


class EvidenceKey(NamedTuple):
    """Names one row of `evidence`."""

    tenant_id: UUID
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredEvidence:
    """What the evidence guardrail looks at."""

    sha256: str
    seen_at: datetime


class EvidenceStore(Protocol):
    """What scans have read."""

    async def save(self, tenant: UUID, readings: Sequence[Reading], *, actor: Actor) -> SavedReadings:
        """Write what a scan read; the same answer again is the same evidence. Raises NotFound for an unknown tenant."""

    async def find(self, keys: Iterable[EvidenceKey]) -> dict[EvidenceKey, StoredEvidence]:
        """What these keys name; one that names none is missing from the answer."""

    async def list_evidence(self, tenant: UUID, *, limit: int = 50) -> list[Evidence]:
        """What was seen last first."""

    async def list_signals(self, tenant: UUID) -> list[Signal]:
        """By tool and account."""

    async def forget(self, *, keep: timedelta, limit: int) -> int:
        """Delete what no scan has seen for so long and no signal refers to; at most so much. Returns how much."""
