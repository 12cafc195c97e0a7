"""Approvals: people decide about the calls that need approval."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

from services.envelope import Actor, Envelope, Risk
from services.outbox import PageEnd


class ApprovalDecision(StrEnum):
    """How an approval ended. A person chooses one of the first two decisions."""

    APPROVED = "approved"
    REJECTED = "rejected"
    EXPIRED = "expired"
    """Nobody decided in time."""


class RejectionCode(StrEnum):
    """Why a call was rejected. The agent receives it with the reason."""

    WRONG_TARGET = "wrong_target"
    """The wrong recipient, record or account."""
    WRONG_CONTENT = "wrong_content"
    """The arguments are wrong; propose a corrected call."""
    WRONG_TIME = "wrong_time"
    """The time is wrong; propose the call again later."""
    NOT_NEEDED = "not_needed"
    """The work has been done already, or nobody wants it."""
    TOO_RISKY = "too_risky"
    NOT_PERMITTED = "not_permitted"
    """A rule of the tenant or a law forbids it."""
    ANSWERED = "answered"
    """The reason tells the agent what it wanted to know, so the call is not needed."""
    OTHER = "other"
    TOOL_REJECTED = "tool_rejected"
    """The tool was rejected, and with it every call that waited for it."""
    CANCELLED = "cancelled"
    """The envelope was cancelled while it waited."""


GIVEN_BY_PEOPLE = frozenset(RejectionCode) - {RejectionCode.TOOL_REJECTED, RejectionCode.CANCELLED}
"""The codes that a person may give with a decision. The other two are set when the tool is rejected or the envelope is
cancelled."""


ESCALATION_ROLES = frozenset({"owner", "reviewer"})
"""The roles within a tenant that an approval may be escalated to."""


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
    first_approved_by: str | None = None
    """The id of the person who has approved the call, if a second person has to approve it too."""
    reminded_at: datetime | None = None
    """When people were last reminded of the approval."""
    escalated_at: datetime | None = None
    """When the approval was last escalated."""
    escalated_to: str | None = None
    """The role to which the approval was last escalated."""
    escalation_level: int = 0
    """How many times the approval has been escalated."""
    hidden_characters: tuple[str, ...] = ()
    """The paths of texts with invisible characters. Where people see the envelope, these characters are escaped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalRecord:
    """A row of `approvals`: one request for an approval, and its decision. For pending ones see also `Approval`."""

    id: UUID
    tenant_id: UUID
    envelope_id: UUID
    digest: str
    """The digest of the call for which the approval was requested."""
    reason: str
    requested_at: datetime
    expires_at: datetime
    decision: ApprovalDecision | None = None
    """None while it is pending."""
    decided_by: str | None = None
    decided_at: datetime | None = None
    decision_reason: str | None = None
    rejection_code: RejectionCode | None = None
    decided_arguments: Mapping[str, Any] | None = None
    """The arguments as a reviewer edited them; None if nobody did."""
    decided_digest: str | None = None
    """The digest of the edited call."""
    first_approved_by: str | None = None
    """The id of the person who gave the first of two approvals; None before that, or if one approval is enough."""
    first_approved_at: datetime | None = None
    reminder_steps: int = 0
    """How many steps of the reminders have been taken."""
    reminded_at: datetime | None = None
    escalated_at: datetime | None = None
    escalated_to: str | None = None
    escalation_level: int = 0
    tool_slug: str | None = None
    """The tool of the envelope; like the next two fields None if the row is older than these fields."""
    risk: Risk | None = None
    proposed_by: str | None = None
    shown_whole: bool | None = None
    """Whether the whole call had been shown to the person who decided; None if the door does not know."""

    @property
    def current_digest(self) -> str:
        """The digest that a decision has to name."""
        return self.decided_digest or self.digest


class ApprovalOrder(StrEnum):
    """In which order pending approvals are listed."""

    OLDEST = "oldest"
    """Sorted by the time of the request."""
    EXPIRING = "expiring"
    """Sorted by the time of expiry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalFilter:
    """The conditions of a list of approvals. A field that is None is no condition."""

    tool_slug: str | None = None
    risk: Risk | None = None
    agent: str | None = None
    """The agent who proposed the call."""


ALL_APPROVALS = ApprovalFilter()
"""The filter without a condition."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewer:
    """How one person decided: how many decisions of each kind."""

    reviewer: str
    decisions: int
    approved: int
    edited: int
    """How many of the approvals changed the arguments."""
    rejected: int
    approved_shown: int
    """How many approvals came after all of the call had been shown."""
    approved_unread: int
    """How many approvals came before all of the call had been shown. For the others this is not known."""
    median_seconds: float | None
    """Median seconds from the request to the decision."""

    @property
    def unread_share(self) -> float | None:
        """The share of approvals given before the whole call had been shown, among the approvals for which this is
        known."""
        known = self.approved_shown + self.approved_unread
        return self.approved_unread / known if known else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewer:
    """A person who looks at a pending approval, or did until a moment ago."""

    envelope_id: UUID
    viewer: str
    """The `principal` of the person."""
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class Reminders:
    """How many reminders and escalations a call of `remind` recorded."""

    reminded: int = 0
    escalated: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class EditedCall:
    """A call as a reviewer has edited it."""

    arguments: Mapping[str, Any]
    digest: str
    """The digest of the call with these arguments."""


class Approvals(Protocol):
    """The pending approvals of all tenants."""

    async def list_open(
        self,
        tenant: UUID | None = None,
        *,
        envelope: UUID | None = None,
        limit: int = 1000,
        order: ApprovalOrder = ApprovalOrder.OLDEST,
        after: PageEnd | None = None,
        matching: ApprovalFilter = ALL_APPROVALS,
    ) -> list[Approval]:
        """The pending approvals in this order; with `envelope`, only the approval of this envelope.

        `after` has the sort time and the id of the last approval on the previous page.
        """

    async def list_decided(
        self,
        tenant: UUID | None,
        *,
        limit: int,
        before: PageEnd | None = None,
        matching: ApprovalFilter = ALL_APPROVALS,
        decided_by: str | None = None,
        decision: ApprovalDecision | None = None,
    ) -> list[ApprovalRecord]:
        """The decided approvals, the newest decision first.

        `before` is the `decided_at` and the id of the last approval of the previous page.
        """

    async def reviewers(self, tenant: UUID | None, *, decided_after: datetime) -> list[Reviewer]:
        """How each person decided since this time, in the newest 10,000 decisions. Most decisions first."""

    async def look(self, tenant: UUID, envelope: UUID, *, actor: Actor) -> list[Viewer]:
        """Note that this person looks at the approval now. Returns who else looks at it.

        A person counts as looking for 30 seconds after the last call. Raises NotAllowed for an agent.
        """

    async def viewers(self, tenant: UUID | None = None) -> list[Viewer]:
        """The people who look at pending approvals, sorted by envelope and person: at most 1,000 of one tenant, or 100
        of each tenant."""

    async def decide(
        self,
        tenant: UUID,
        envelope: UUID,
        *,
        decision: ApprovalDecision,
        digest: str,
        actor: Actor,
        reason: str | None = None,
        code: RejectionCode | None = None,
        edited: EditedCall | None = None,
        shown_whole: bool | None = None,
    ) -> Envelope:
        """Approve or reject the call with this digest, by default with the code `other`. An approval may edit the call.

        The envelope still awaits approval if a second person has to approve it. Raises NotFound; NotAllowed
        (approved by an agent, by the proposer, by the issuer of a token of the proposing agent, or twice by one
        person); DecisionConflict (already decided, expired, or the call has changed); InvalidInput.
        """

    async def history(self, tenant: UUID, envelope: UUID) -> list[ApprovalRecord]:
        """All approvals of this envelope, the oldest first, at most 100."""

    async def expire(self, *, actor: Actor) -> int:
        """Expire the approvals that nobody decided in time, with their envelopes. Returns how many."""

    async def remind(self, *, actor: Actor) -> Reminders:
        """Record the next reminder or escalation of each approval that has waited long enough for it, at most 1,000 per
        call. No step is recorded twice."""
