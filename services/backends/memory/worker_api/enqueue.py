"""Insert proposed envelopes into the outbox."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from services.audit_log import AuditEntry
from services.backends.memory.audit import append_audit, envelope_entry
from services.backends.memory.catalog import raised_risk
from services.backends.memory.check_texts import actor_texts, check_texts
from services.backends.memory.column_rules import DOCUMENT_PROBLEM
from services.backends.memory.lanes import lane_key, lane_number, ordering_key, wake_lanes
from services.backends.memory.state import State
from services.envelope import MAX_PAYLOAD_BYTES, OPEN_STATUSES, Actor, Envelope, EnvelopeKey, Risk
from services.errors import InvalidInput, NotFound, StateConflict
from services.jsonb import as_stored, field_text, is_equal, jsonb_text
from services.outbox import EnqueuedEnvelope, Proposal
from services.outbox.proposals import check_proposals, new_envelope

LATEST = datetime(9999, 1, 1, tzinfo=UTC)
MAX_PER_AUDIT_ROW = 100
"""The most envelopes that one audit row lists."""
MAX_KEY = 255
"""The largest number of characters of an external_id and of an ordering key."""


def enqueue(state: State, proposals: Sequence[Proposal], *, actor: Actor) -> list[EnqueuedEnvelope]:
    """See `services.outbox.Outbox.enqueue`."""
    check_texts(**actor_texts(actor))
    check_proposals(proposals)
    with state.change() as now:
        for proposal in proposals:
            state.require_tenant(proposal.tenant_id)
            _require_objective(state, proposal)
        first_created_at = _first_created_at(state, proposals, now)
        proposed = [
            _validate(_make_envelope(state, proposal, actor, now, first_created_at + timedelta(microseconds=position)))
            for position, proposal in enumerate(proposals)
        ]
        created = [_insert(state, envelope) for envelope in proposed]
        new = [envelope for envelope, is_new in zip(proposed, created, strict=True) if is_new]
        wake_lanes(state, [(lane_key(envelope), envelope.next_run_at or now) for envelope in new], now)
        append_audit(state, _proposed_entries(new, actor), now)
        if new:
            state.work_arrived.set()
        answers = []
        answered: set[EnvelopeKey] = set()
        for envelope in proposed:
            stored = state.find_by_external_id(envelope.tenant_id, envelope.external_id) or envelope
            # A repeated call gets the same answer. Of duplicates in one call, only the first counts as created.
            is_created = stored.id == envelope.id and stored.key not in answered
            answers.append(EnqueuedEnvelope(envelope=stored, created=is_created))
            answered.add(envelope.key)
        return answers


def _require_objective(state: State, proposal: Proposal) -> None:
    """Raise NotFound for an objective that the tenant does not have."""
    objective = proposal.objective_id
    if objective is not None and (proposal.tenant_id, objective) not in state.objectives:
        raise NotFound("objective", objective, f"no objective {objective} in this tenant", field="objective_id")


def _proposed_entry(envelope: Envelope, actor: Actor) -> AuditEntry:
    objective = None if envelope.objective_id is None else str(envelope.objective_id)
    return envelope_entry(envelope, actor, "proposed", objective_id=objective)


def _proposed_entries(envelopes: Sequence[Envelope], actor: Actor) -> Iterator[AuditEntry]:
    """The audit entries for new envelopes. See `db/functions/app_private/proposed_rows.sql`."""
    by_tenant: dict[UUID, list[AuditEntry]] = defaultdict(list)
    for envelope in envelopes:
        by_tenant[envelope.tenant_id].append(_proposed_entry(envelope, actor))
    for entries in by_tenant.values():
        for start in range(0, len(entries), MAX_PER_AUDIT_ROW):
            first, *others = entries[start : start + MAX_PER_AUDIT_ROW]
            listed = {"envelopes": [first.payload, *(entry.payload for entry in others)]}
            yield replace(first, payload=listed) if others else first


def _first_created_at(state: State, proposals: Sequence[Proposal], now: datetime) -> datetime:
    """The `created_at` of the first proposal: now, or a later time if an open envelope with one of the ordering keys of
    `proposals` is not older than now."""
    keys = {
        (proposal.tenant_id, key)
        for proposal in proposals
        if (key := field_text(proposal.metadata, "ordering_key")) is not None
    }
    newest = [
        envelope.created_at
        for envelope in state.outbox.values()
        if keys and envelope.status in OPEN_STATUSES and (envelope.tenant_id, ordering_key(envelope)) in keys
    ]
    return max([now, *(at + timedelta(microseconds=1) for at in newest)])


def _make_envelope(state: State, proposal: Proposal, actor: Actor, now: datetime, created_at: datetime) -> Envelope:
    stored = replace(
        proposal, tool_slug=as_stored(proposal.tool_slug), arguments=as_stored(proposal.arguments),
        external_id=as_stored(proposal.external_id), trust_context=as_stored(proposal.trust_context),
        metadata=as_stored(proposal.metadata),
    )  # fmt: skip
    next_run_at = max(proposal.next_run_at or now, now)
    principal = as_stored(actor.principal)
    envelope = new_envelope(stored, proposed_by=principal, created_at=created_at, next_run_at=next_run_at)
    key = ordering_key(envelope)
    lanes = state.tenants[proposal.tenant_id].lanes
    return replace(envelope, lane=lane_number(envelope.external_id if key is None else key, lanes))


def _validate(envelope: Envelope) -> Envelope:
    """Return the envelope unchanged. Raises InvalidInput if a field has a value that the table does not allow."""
    allowed = {
        "metadata.ordering_key": len(ordering_key(envelope) or "") <= MAX_KEY,
        "arguments": _fits_column(envelope.arguments),
        "external_id": 0 < len(envelope.external_id) <= MAX_KEY,
        "metadata": _fits_column(envelope.metadata),
        "risk": envelope.risk in set(Risk),
        "tool_slug": envelope.tool_slug != "",
        "trust_context": _fits_column(envelope.trust_context),
    }
    for field, is_allowed in allowed.items():
        if not is_allowed:
            is_document = field in {"arguments", "metadata", "trust_context"}
            problem = DOCUMENT_PROBLEM if is_document else "is too long, empty, or not one of the allowed values"
            raise InvalidInput(field, problem)
    return envelope


def _fits_column(document: Mapping[str, Any]) -> bool:
    """Whether the document is small enough for its column."""
    return len(jsonb_text(document).encode()) <= MAX_PAYLOAD_BYTES


def _insert(state: State, envelope: Envelope) -> bool:
    """Insert an envelope. If its external_id exists, returns False for the same call, and raises StateConflict for
    another call."""
    existing = state.find_by_external_id(envelope.tenant_id, envelope.external_id)
    if existing is not None:
        if _call_of(existing) != _call_of(envelope) or not is_equal(_proposed_arguments(existing), envelope.arguments):
            raise StateConflict(
                "external_id",
                f"{jsonb_text(envelope.external_id)} was proposed before with another tool, arguments or account;"
                " use a new external_id",
            )
        return False
    if envelope.key in state.outbox or envelope.key in state.dead_letters:
        raise StateConflict("id", f"{envelope.id} belongs to another envelope; use a new one")
    _check_deadline(envelope)
    state.outbox[envelope.key] = replace(envelope, risk=raised_risk(state, envelope))
    state.external_ids[envelope.tenant_id, envelope.external_id] = envelope.id
    return True


def _proposed_arguments(envelope: Envelope) -> Mapping[str, Any]:
    """The arguments as they were proposed, before a reviewer edited them."""
    return envelope.arguments if envelope.proposed_arguments is None else envelope.proposed_arguments


def _check_deadline(envelope: Envelope) -> None:
    """Check the deadline, as `db/functions/app_private/check_proposed.sql` does. Raises InvalidInput."""
    deadline, runs_at = envelope.must_run_before, envelope.next_run_at or envelope.created_at
    if deadline is not None and not runs_at < deadline < LATEST:
        raise InvalidInput("must_run_before", "must be later than now and than not_before, and before the year 9999")


def _call_of(envelope: Envelope) -> tuple[str, str | None]:
    """Tool and account of the call."""
    return envelope.tool_slug, envelope.connected_account_id
