"""Approvals: people decide what guardrails will not let through alone."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from services.envelope import Actor, Envelope


class ApprovalDecision(StrEnum):
    """What became of an approval; a person says one of the first two."""

    APPROVED = "approved"
    REJECTED = "rejected"
    EXPIRED = "expired"
    """Nobody decided in time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """An envelope that waits for a person, and what they would be deciding about."""

    id: UUID
    envelope: Envelope
    digest: str
    """Of exactly the call that will run; a decision names it."""
    reason: str
    """Why it was not let through alone."""
    requested_at: datetime
    expires_at: datetime


class Approvals(Protocol):
    """What waits for a person."""

    async def list_open(self, tenant: UUID | None = None, *, envelope: UUID | None = None) -> list[Approval]:
        """The oldest first, at most 1,000; or the one this envelope waits for."""

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
        """`approved` or `rejected`, about the call with this digest, once.

        Raises NotFound, StateConflict (decided already, expired, or the call has changed), InvalidInput.
        """

    async def expire(self, *, actor: Actor) -> int:
        """Close those nobody decided in time; silence is a no. Returns how many."""
