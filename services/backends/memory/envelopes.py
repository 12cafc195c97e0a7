"""One envelope goes from one state to another: what `change_envelope.sql` and `move_to_dlq.sql` do."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from services.backends.memory.audit import append_audit, envelope_entry
from services.backends.memory.lanes import lane_key, ordering_key, wake_lanes, wake_successors
from services.backends.memory.state import State
from services.envelope import Actor, Envelope, Status
from services.errors import NotFound

"""Ends what nobody ended in time."""


def in_outbox(state: State, tenant: UUID, envelope: UUID) -> Envelope:
    """Raises NotFound, for another tenant's too."""
    held = state.outbox.get((tenant, envelope))
    if held is None:
        raise NotFound("envelope", envelope, f"no {envelope} in this tenant's outbox")
    return held


def change_envelope(
    state: State,
    envelope: Envelope,
    became: Status,
    *,
    event: str,
    actor: Actor,
    reason: str | None,
    now: datetime,
    digest: str | None = None,
) -> Envelope:
    """To another state of the outbox: wakes lanes, and appends the audit row."""
    changed = replace(
        envelope,
        status=became,
        next_run_at=now if became is Status.PENDING else envelope.next_run_at,
        approved_digest=digest or envelope.approved_digest,
        updated_at=now,
    )
    state.outbox[changed.key] = changed
    if became is Status.PENDING:
        wake_lanes(state, [(lane_key(changed), now)], now)
    _after(state, changed, now)
    append_audit(state, [envelope_entry(changed, actor, event, status=became, reason=reason, digest=digest)], now)
    return changed


def move_to_dlq(state: State, envelope: Envelope, actor: Actor, reason: str | None, now: datetime) -> Envelope:
    """To the dead-letter queue, because a person said so."""
    why = reason if reason is not None else envelope.last_error
    dead = move_to_dead_letters(
        state,
        replace(envelope, status=Status.FAILED, last_error=why or "resolved as failed by a person", doubtful=True),
        now,
    )
    _after(state, envelope, now)
    append_audit(state, [envelope_entry(dead, actor, "resolved", status=Status.FAILED, reason=reason)], now)
    return dead


def move_to_dead_letters(state: State, envelope: Envelope, now: datetime) -> Envelope:
    """Out of the outbox; a dead letter has no moment, result or approval."""
    del state.outbox[envelope.key]
    dead = replace(envelope, next_run_at=None, result=None, approved_digest=None, updated_at=now, moved_at=now)
    state.dead_letters[dead.key] = dead
    return dead


def dead_letters_of(state: State, tenant: UUID | None) -> list[Envelope]:
    """Of a tenant or of all, the oldest first."""
    mine = [dead for dead in state.dead_letters.values() if tenant in {None, dead.tenant_id}]
    return sorted(mine, key=lambda dead: (dead.updated_at, dead.id))


def requeueable(state: State, tenant: UUID | None, now: datetime) -> list[Envelope]:
    """See `db/functions/app_private/is_requeueable.sql`; a number that is not exact never gets in here."""
    return [dead for dead in dead_letters_of(state, tenant) if not (dead.doubtful or dead.is_late(now))]


def _after(state: State, envelope: Envelope, now: datetime) -> None:
    wake_successors(state, [envelope], now)
    if envelope.status is Status.PENDING or ordering_key(envelope) is not None:
        state.woken.set()
