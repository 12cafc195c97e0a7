"""Close attempts."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from uuid import UUID, uuid4

from services.audit_log import AuditEntry
from services.backends.memory.audit import append_audit, envelope_entry
from services.backends.memory.check_texts import check_texts
from services.backends.memory.envelopes import move_to_dead_letters
from services.backends.memory.lanes import holds, lane_ready_at, wake_successors
from services.backends.memory.state import KeptApproval, LaneKey, State
from services.envelope import Actor, ActorType, Envelope, EnvelopeKey, Status
from services.errors import InvalidInput
from services.jsonb import as_stored, jsonb_text, moment_text
from services.outbox import Disposition, Settlement, UnsettledEnvelopes

COUNTS = frozenset(
    {Disposition.SUCCESS, Disposition.CONFLICT, Disposition.UNKNOWN, Disposition.RETRY, Disposition.FAILED}
)
"""The dispositions that end an attempt."""
AGAIN = frozenset({Disposition.RETRY, Disposition.HOLD})
DEADLY = frozenset({Disposition.FAILED, Disposition.DENIED})


def settle(state: State, worker_id: str, settlements: Sequence[Settlement]) -> UnsettledEnvelopes:
    """See `services.outbox.Outbox.settle`."""
    check_texts(worker_id=worker_id)
    with state.change() as now:
        accepted: dict[EnvelopeKey, Settlement] = {}
        for settlement in settlements:
            if holds(state, worker_id, settlement.lease, settlement.envelope_id):
                accepted.setdefault(settlement.key, settlement)  # the same envelope twice: the first counts
        ended: list[Envelope] = []
        entries: list[AuditEntry] = []
        for settlement in accepted.values():
            if settlement.to is Disposition.RELEASE:
                continue
            envelope = _write(state, settlement, now)
            ended.append(envelope)
            if settlement.to is not Disposition.HOLD or not settlement.repeat:
                entries.append(_entry(envelope, settlement, worker_id))
            if settlement.to is Disposition.AWAITING_APPROVAL:
                _ask(state, settlement, now)
        _free_lanes(state, accepted.values(), now)
        wake_successors(state, ended, now)
        append_audit(state, entries, now)
        state.settled_under.update({key: settlement.lease for key, settlement in accepted.items()})
        refused = frozenset(
            settlement.key
            for settlement in settlements
            if settlement.key not in accepted and state.settled_under.get(settlement.key) != settlement.lease
        )
        return UnsettledEnvelopes(refused=refused)


def _write(state: State, settlement: Settlement, now: datetime) -> Envelope:
    before = state.outbox[settlement.key]
    envelope = replace(
        before,
        status=Status.PENDING if settlement.to in AGAIN else Status(settlement.to),
        attempts=before.attempts + (settlement.to in COUNTS),
        next_run_at=settlement.next_run_at or before.next_run_at,
        last_error=_last_error(before, settlement),
        verdicts=before.verdicts if settlement.verdicts is None else tuple(as_stored(settlement.verdicts)),
        result=before.result if settlement.result is None else as_stored(settlement.result),
        updated_at=now,
    )
    if settlement.to in DEADLY:
        return move_to_dead_letters(state, replace(envelope, doubtful=settlement.doubtful), now)
    state.outbox[envelope.key] = envelope
    return envelope


def _last_error(before: Envelope, settlement: Settlement) -> str | None:
    said = [settlement.error]
    if settlement.to is Disposition.SUCCESS:
        return None
    if settlement.to in DEADLY:
        said += [settlement.reason, settlement.to.value]
    else:
        said.append(before.last_error)
    return next((text for text in said if text is not None), None)


def _entry(envelope: Envelope, settlement: Settlement, worker_id: str) -> AuditEntry:
    again = settlement.next_run_at if settlement.to in AGAIN else None
    return envelope_entry(
        envelope,
        Actor(type=ActorType.WORKER, id=worker_id),
        settlement.to,
        attempts=envelope.attempts,
        error=settlement.error,
        reason=settlement.reason,
        next_run_at=None if again is None else moment_text(again),
        result_sha256=None
        if settlement.result is None
        else sha256(jsonb_text(settlement.result).encode()).hexdigest(),
    )  # fmt: skip


def _ask(state: State, settlement: Settlement, now: datetime) -> None:
    """Open the approval that the envelope waits for."""
    digest, reason, expires_at = settlement.digest, settlement.reason, settlement.expires_at
    if digest is None or reason is None or expires_at is None:
        missing = "digest" if digest is None else "reason" if reason is None else "expires_at"
        raise InvalidInput(missing, "is required")
    asked = KeptApproval(
        id=uuid4(),
        tenant_id=settlement.lease.tenant_id,
        envelope_id=settlement.envelope_id,
        digest=digest,
        reason=reason,
        requested_at=now,
        expires_at=expires_at,
    )
    state.approvals[asked.id] = asked


def _free_lanes(state: State, accepted: Iterable[Settlement], now: datetime) -> None:
    """A lane with nothing in flight left goes to the back of the queue; with nothing due, it leaves it."""
    done: dict[LaneKey, set[UUID]] = {}
    for settlement in accepted:
        done.setdefault((settlement.lease.tenant_id, settlement.lease.lane), set()).add(settlement.envelope_id)
    for key, ids in done.items():
        lane = state.lanes[key]
        left = {envelope: token for envelope, token in lane.in_flight.items() if envelope not in ids}
        lane = replace(lane, in_flight=left, sent=lane.sent - ids)
        if not lane.in_flight:
            due = lane_ready_at(state, key, now)
            lane = replace(lane, worker_id=None, ready_at=None if due is None else max(due, now), set_at=now)
        state.lanes[key] = lane
