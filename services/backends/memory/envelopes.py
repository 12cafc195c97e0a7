"""Change the state of an envelope, and list dead letters."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from services.approvals import RejectionCode
from services.backends.memory.audit import append_audit, envelope_entry
from services.backends.memory.lanes import lane_key, ordering_key, wake_lanes, wake_successors
from services.backends.memory.state import State
from services.envelope import Actor, Envelope, Status
from services.errors import NotFound


def require_in_outbox(state: State, tenant: UUID, envelope: UUID) -> Envelope:
    """The envelope from the tenant's outbox. Raises NotFound."""
    found = state.outbox.get((tenant, envelope))
    if found is None:
        raise NotFound("envelope", envelope, f"no {envelope} in this tenant's outbox")
    return found


def change_envelope(
    state: State,
    envelope: Envelope,
    new_status: Status,
    *,
    event: str,
    actor: Actor,
    reason: str | None,
    now: datetime,
    digest: str | None = None,
    code: RejectionCode | None = None,
    edited: Mapping[str, Any] | None = None,
    proposed_digest: str | None = None,
) -> Envelope:
    """Move an envelope to another state of the outbox: write it, wake lanes, append the audit row.

    See `db/functions/app_private/change_envelope.sql`.
    """
    changed = replace(
        envelope,
        status=new_status,
        next_run_at=now if new_status is Status.PENDING else envelope.next_run_at,
        approved_digest=(digest if new_status is Status.PENDING else None) or envelope.approved_digest,
        arguments=envelope.arguments if edited is None else edited,
        proposed_arguments=_proposed_arguments(envelope, edited),
        last_error=envelope.last_error if code is None else code if reason is None else f"{code}: {reason}",
        updated_at=now,
    )
    state.outbox[changed.key] = changed
    if new_status is Status.PENDING:
        wake_lanes(state, [(lane_key(changed), now)], now)
    _wake_after(state, changed, now)
    entry = envelope_entry(
        changed, actor, event, status=new_status, reason=reason, code=code, digest=digest,
        proposed_digest=proposed_digest,
    )  # fmt: skip
    append_audit(state, [entry], now)
    return changed


def _proposed_arguments(envelope: Envelope, edited: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    if edited is None or envelope.proposed_arguments is not None:
        return envelope.proposed_arguments
    return envelope.arguments


def move_to_dlq(state: State, envelope: Envelope, actor: Actor, reason: str | None, now: datetime) -> Envelope:
    """Move an `unknown` envelope to the dead-letter queue, as failed and doubtful.

    See `db/functions/app_private/move_to_dlq.sql`.
    """
    error = reason if reason is not None else envelope.last_error
    dead = replace_by_dead_letter(
        state,
        replace(envelope, status=Status.FAILED, last_error=error or "resolved as failed by a person", doubtful=True),
        now,
    )
    _wake_after(state, envelope, now)
    append_audit(state, [envelope_entry(dead, actor, "resolved", status=Status.FAILED, reason=reason)], now)
    return dead


def replace_by_dead_letter(state: State, envelope: Envelope, now: datetime) -> Envelope:
    """Replace an envelope of the outbox by a dead letter, which has no `next_run_at`, result or approved digest."""
    del state.outbox[envelope.key]
    dead = replace(envelope, next_run_at=None, result=None, approved_digest=None, updated_at=now, moved_at=now)
    state.dead_letters[dead.key] = dead
    return dead


def dead_letters_of(state: State, tenant: UUID | None) -> list[Envelope]:
    """The dead letters of one tenant, or of all (None), the oldest first."""
    dead_letters = [dead for dead in state.dead_letters.values() if tenant in {None, dead.tenant_id}]
    return sorted(dead_letters, key=lambda dead: (dead.updated_at, dead.id))


def is_requeueable(dead_letter: Envelope, now: datetime) -> bool:
    """Whether a dead letter may be requeued without being named.

    `db/functions/app_private/is_requeueable.sql` also checks for inexact numbers, which this backend never stores.
    """
    return not (dead_letter.doubtful or dead_letter.is_late(now))


def _wake_after(state: State, envelope: Envelope, now: datetime) -> None:
    """Wake the lanes of envelopes that waited for this one, and the waiting workers if there may be work."""
    wake_successors(state, [envelope], now)
    if envelope.status is Status.PENDING or ordering_key(envelope) is not None:
        state.work_arrived.set()
