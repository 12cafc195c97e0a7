"""Approvals in memory."""

from dataclasses import replace
from uuid import UUID

from services.approvals import Approval
from services.backends.memory.check_texts import check_texts
from services.backends.memory.envelopes import change_envelope
from services.backends.memory.state import KeptApproval, State
from services.envelope import DEADLINE_PASSED, Actor, Envelope, Status
from services.errors import InvalidInput, NotFound, StateConflict

DECISIONS = {"approved": Status.PENDING, "rejected": Status.REJECTED}
AT_ONCE = 1000


@check_texts
class MemoryApprovals:
    """See `services.approvals.Approvals`."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def list_open(self, tenant: UUID | None = None, *, envelope: UUID | None = None) -> list[Approval]:
        return [
            Approval(
                id=asked.id,
                envelope=self._state.outbox[asked.tenant_id, asked.envelope_id],
                digest=asked.digest,
                reason=asked.reason,
                requested_at=asked.requested_at,
                expires_at=asked.expires_at,
            )
            for asked in sorted(self._open(), key=lambda asked: (asked.requested_at, asked.id))
            if tenant in {None, asked.tenant_id} and envelope in {None, asked.envelope_id}
        ][:AT_ONCE]

    async def decide(
        self, tenant: UUID, envelope: UUID, *, decision: str, digest: str, actor: Actor, reason: str | None = None
    ) -> Envelope:
        if decision not in DECISIONS:
            raise InvalidInput("decision", f"{decision!r} is neither approved nor rejected")
        with self._state.change() as now:
            asked = self._last_asked(tenant, envelope)
            if asked.decision is not None:
                raise StateConflict("envelope", f"{envelope} was already {asked.decision} by {asked.decided_by}")
            if asked.digest != digest:
                raise StateConflict("digest", "the call has changed since you looked; list the approvals again")
            if asked.expires_at <= now:
                raise StateConflict("envelope", f"the approval of {envelope} expired at {asked.expires_at}")
            self._state.approvals[asked.id] = replace(asked, decision=decision, decided_by=actor.id)
            return change_envelope(
                self._state,
                self._state.outbox[tenant, envelope],
                DECISIONS[decision],
                event=decision,
                actor=actor,
                reason=reason,
                now=now,
                digest=digest if decision == "approved" else None,
            )

    async def expire(self, *, actor: Actor) -> int:
        with self._state.change() as now:
            late = [asked for asked in self._open() if asked.expires_at <= now]
            late = sorted(late, key=lambda asked: (asked.tenant_id, asked.envelope_id))[:AT_ONCE]
            for asked in late:
                self._state.approvals[asked.id] = replace(asked, decision="expired", decided_by=actor.id)
                envelope = self._state.outbox[asked.tenant_id, asked.envelope_id]
                why = DEADLINE_PASSED if envelope.is_late(now) else "nobody decided in time"
                change_envelope(
                    self._state, envelope, Status.EXPIRED, event="expired", actor=actor, reason=why, now=now
                )
            return len(late)

    def _open(self) -> list[KeptApproval]:
        return [asked for asked in self._state.approvals.values() if asked.decision is None]

    def _last_asked(self, tenant: UUID, envelope: UUID) -> KeptApproval:
        asked = [
            each for each in self._state.approvals.values() if (each.tenant_id, each.envelope_id) == (tenant, envelope)
        ]
        if not asked:
            raise NotFound("envelope", envelope, f"{envelope} has no approval to decide")
        return asked[-1]
