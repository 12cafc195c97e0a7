"""Approvals: people decide on the calls that need approval."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from services.envelope import Actor, Envelope


class ApprovalDecision(StrEnum):
    """How an approval ended. A person decides one of the first two."""

    APPROVED = "approved"
    REJECTED = "rejected"
    EXPIRED = "expired"
    """Nobody decided in time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """An envelope with a pending approval."""

    id: UUID
    envelope: Envelope
    digest: str
    """The digest of the call. A decision names it, and holds only for this call."""
    reason: str
    """Why the call needs approval."""
    requested_at: datetime
    expires_at: datetime


class Approvals(Protocol):
    """The pending approvals of all tenants."""

    async def list_open(self, tenant: UUID | None = None, *, envelope: UUID | None = None) -> list[Approval]:
        """The pending approvals, oldest first, at most 1,000; or the one of this envelope."""

    async def decide(
        self,
        tenant: UUID,
        envelope: UUID,
        *,
        decision: ApprovalDecision,
        digest: str,
        actor: Actor,
        reason: str | None = None,
    ) -> Envelope:
        """Approve or reject the call with this digest.

        Raises NotFound, StateConflict (already decided, expired, or the call has changed), InvalidInput.
        """

    async def expire(self, *, actor: Actor) -> int:
        """End the approvals that nobody decided in time, and their envelopes. Returns how many."""
