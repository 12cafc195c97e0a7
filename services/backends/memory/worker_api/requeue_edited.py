"""Requeue a dead letter with other arguments."""

from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256
from typing import Any
from uuid import UUID

from services.backends.memory.audit import append_audit, envelope_entry
from services.backends.memory.check_texts import actor_texts, check_texts
from services.backends.memory.column_rules import DOCUMENT_PROBLEM, check_document
from services.backends.memory.state import State
from services.backends.memory.worker_api.requeue_dead_letters import requeue_dead_letters
from services.envelope import MAX_PAYLOAD_BYTES, Actor, Envelope
from services.errors import InvalidInput, NotFound, StateConflict
from services.jsonb import as_stored, is_equal, jsonb_text
from services.subscriptions import TOOL_PREFIX


def requeue_edited(
    state: State, tenant: UUID, envelope: UUID, *, arguments: Mapping[str, Any], actor: Actor, reason: str | None
) -> Envelope:
    """See `services.outbox.Outbox.requeue_edited`."""
    check_texts(reason=reason, **actor_texts(actor))
    if not isinstance(arguments, Mapping):
        raise InvalidInput("arguments", DOCUMENT_PROBLEM)
    edited = as_stored(arguments)
    check_document("arguments", edited, MAX_PAYLOAD_BYTES)
    with state.change() as now:
        dead = state.dead_letters.get((tenant, envelope))
        if dead is None:
            raise NotFound("envelope", envelope, f"no dead letter {envelope} in this tenant")
        if not is_equal(dead.arguments, edited):
            if dead.tool_slug.startswith(TOOL_PREFIX):
                raise StateConflict("envelope", f"{envelope} delivers an event, and nobody may edit an event")
            proposed = dead.arguments if dead.proposed_arguments is None else dead.proposed_arguments
            state.dead_letters[dead.key] = replace(
                dead, arguments=edited, proposed_arguments=None if is_equal(proposed, edited) else proposed
            )
            entry = envelope_entry(
                dead, actor, "edited", reason=reason, arguments_sha256=_document_digest(edited),
                replaced_sha256=_document_digest(dead.arguments),
            )  # fmt: skip
            append_audit(state, [entry], now)
        [requeued] = requeue_dead_letters(state, tenant=tenant, envelopes=[envelope], limit=1, actor=actor)
        return requeued


def _document_digest(document: Mapping[str, Any]) -> str:
    return sha256(jsonb_text(document).encode()).hexdigest()
