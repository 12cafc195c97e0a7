"""Settle attempts: write outcomes and audit rows, and free lanes."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from uuid import UUID, uuid4

from services.approvals import ApprovalRecord
from services.audit_log import AuditEntry
from services.backends.memory.audit import append_audit, envelope_entry
from services.backends.memory.check_texts import check_texts
from services.backends.memory.envelopes import replace_by_dead_letter
from services.backends.memory.lanes import is_in_flight, lane_ready_at, wake_successors
from services.backends.memory.state import LaneKey, State
from services.envelope import Actor, ActorType, Envelope, EnvelopeKey, Status
from services.errors import InvalidInput
from services.jsonb import as_stored, jsonb_text, moment_text
from services.outbox import Disposition, Settlement, UnsettledEnvelopes

COUNTED = frozenset(
    {Disposition.SUCCESS, Disposition.CONFLICT, Disposition.UNKNOWN, Disposition.RETRY, Disposition.FAILED}
)
"""The dispositions that add one to `attempts`."""
PENDING_AGAIN = frozenset({Disposition.RETRY, Disposition.HOLD})
TO_DLQ = frozenset({Disposition.FAILED, Disposition.DENIED})


def settle(state: State, worker_id: str, settlements: Sequence[Settlement]) -> UnsettledEnvelopes:
    """See `services.outbox.Outbox.settle`."""
    check_texts(worker_id=worker_id)
    with state.change() as now:
        accepted: dict[EnvelopeKey, Settlement] = {}
        for settlement in settlements:
            if is_in_flight(state, worker_id, settlement.lease, settlement.envelope_id):
                accepted.setdefault(settlement.key, settlement)  # of duplicates the first one counts
        settled: list[Envelope] = []
        entries: list[AuditEntry] = []
        for settlement in accepted.values():
            if settlement.to is Disposition.RELEASE:
                continue
            envelope = _write_envelope(state, settlement, now)
            settled.append(envelope)
            if settlement.to is not Disposition.HOLD or not settlement.repeat:
                entries.append(_audit_entry(envelope, settlement, worker_id))
            if settlement.to is Disposition.AWAITING_APPROVAL:
                _request_approval(state, settlement, envelope, now)
        _free_lanes(state, accepted.values(), now)
        wake_successors(state, settled, now)
        append_audit(state, entries, now)
        state.settled_under.update({key: settlement.lease for key, settlement in accepted.items()})
        refused = frozenset(
            settlement.key
            for settlement in settlements
            if settlement.key not in accepted and state.settled_under.get(settlement.key) != settlement.lease
        )
        return UnsettledEnvelopes(refused=refused)


def _write_envelope(state: State, settlement: Settlement, now: datetime) -> Envelope:
    before = state.outbox[settlement.key]
    envelope = replace(
        before,
        status=Status.PENDING if settlement.to in PENDING_AGAIN else Status(settlement.to),
        attempts=before.attempts + (settlement.to in COUNTED),
        next_run_at=settlement.next_run_at or before.next_run_at,
        last_error=_last_error(before, settlement),
        verdicts=before.verdicts if settlement.verdicts is None else tuple(as_stored(settlement.verdicts)),
        result=before.result if settlement.result is None else as_stored(settlement.result),
        updated_at=now,
    )
    if settlement.to in TO_DLQ:
        return replace_by_dead_letter(state, replace(envelope, doubtful=settlement.doubtful), now)
    state.outbox[envelope.key] = envelope
    return envelope


def _last_error(before: Envelope, settlement: Settlement) -> str | None:
    candidates = [settlement.error]
    if settlement.to is Disposition.SUCCESS:
        return None
    if settlement.to in TO_DLQ:
        candidates += [settlement.reason, settlement.to.value]
    else:
        candidates.append(before.last_error)
    return next((text for text in candidates if text is not None), None)


def _audit_entry(envelope: Envelope, settlement: Settlement, worker_id: str) -> AuditEntry:
    next_run_at = settlement.next_run_at if settlement.to in PENDING_AGAIN else None
    return envelope_entry(
        envelope,
        Actor(type=ActorType.WORKER, id=worker_id),
        settlement.to,
        attempts=envelope.attempts,
        error=settlement.error,
        reason=settlement.reason,
        digest=settlement.digest,
        next_run_at=None if next_run_at is None else moment_text(next_run_at),
        result_sha256=None
        if settlement.result is None
        else sha256(jsonb_text(settlement.result).encode()).hexdigest(),
    )  # fmt: skip


def _request_approval(state: State, settlement: Settlement, envelope: Envelope, now: datetime) -> None:
    """Open an approval for the envelope. Raises InvalidInput if a field of the settlement is missing."""
    digest, reason, expires_at = settlement.digest, settlement.reason, settlement.expires_at
    if digest is None or reason is None or expires_at is None:
        missing = "digest" if digest is None else "reason" if reason is None else "expires_at"
        raise InvalidInput(missing, "is required")
    approval = ApprovalRecord(
        id=uuid4(),
        tenant_id=settlement.lease.tenant_id,
        envelope_id=settlement.envelope_id,
        digest=digest,
        reason=reason,
        requested_at=now,
        expires_at=expires_at,
        tool_slug=envelope.tool_slug,
        risk=envelope.risk,
        proposed_by=envelope.proposed_by,
    )
    state.approvals[approval.id] = approval


def _free_lanes(state: State, accepted: Iterable[Settlement], now: datetime) -> None:
    """Remove the settled envelopes from their lanes. A lane with nothing left in flight becomes free.

    If a free lane has something due, it goes to the back of the queue.
    """
    settled_ids: dict[LaneKey, set[UUID]] = {}
    for settlement in accepted:
        settled_ids.setdefault((settlement.lease.tenant_id, settlement.lease.lane), set()).add(settlement.envelope_id)
    for key, ids in settled_ids.items():
        lane = state.lanes[key]
        remaining = {envelope: token for envelope, token in lane.in_flight.items() if envelope not in ids}
        lane = replace(lane, in_flight=remaining, sent=lane.sent - ids)
        if not lane.in_flight:
            due_at = lane_ready_at(state, key, now)
            lane = replace(lane, worker_id=None, ready_at=None if due_at is None else max(due_at, now), set_at=now)
        state.lanes[key] = lane
