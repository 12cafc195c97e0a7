"""Envelopes as JSON rows: the one shape in which both database backends speak to `worker_api`."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any
from uuid import UUID

from services.backends.rows.answers import Unreadable
from services.backends.rows.reading import NEVER, Reader
from services.envelope import Envelope, EnvelopeKey, Risk, Status
from services.outbox import Claimed, Enqueued, Lease, Proposal, QueueStatus, Settlement

CLAIMED = (
    "id", "tool_slug", "tool_version", "arguments", "connected_account_id", "risk", "external_id", "trust_context",
    "metadata", "attempts", "next_run_at", "last_error", "verdicts", "result", "approved_digest", "created_at",
    "updated_at", "must_run_before", "sent",
)  # fmt: skip
"""What `worker_api.claim` tells of an envelope, in this order."""
RISKS = {risk.value: risk for risk in Risk}


ENVELOPE = Reader(
    Envelope, arguments={}, risk=Risk.HIGH, trust_context={}, metadata={}, next_run_at=None, must_run_before=None,
    verdicts=(), result=None, created_at=NEVER, updated_at=NEVER, moved_at=None,
)  # fmt: skip


def envelope_from_row(row: Mapping[str, Any]) -> Envelope:
    """An Envelope from a row of `outbox` or `outbox_dlq` as PostgreSQL writes it in JSON."""
    return ENVELOPE.read({**row, "updated_at": row.get("updated_at") or row["moved_at"]})


def claimed_from_lane(lane: Mapping[str, Any]) -> Iterator[Claimed]:
    """What `worker_api.claim` leased of one lane."""
    tenant, number, lost = UUID(lane["tenant_id"]), lane["lane"], lane["lost"]
    lease = Lease(tenant, number, lane["token"])
    for values in lane["envelopes"]:
        envelope = _claimed_envelope(tenant, number, values)
        yield Claimed(envelope=envelope, lease=lease, lost=lost, sent=values[-1])


def _claimed_envelope(tenant: UUID, lane: int, values: Sequence[Any]) -> Envelope:
    (
        id_, tool_slug, tool_version, arguments, connected_account_id, risk, external_id, trust_context, metadata,
        attempts, next_run_at, last_error, verdicts, result, approved_digest, created_at, updated_at,
        must_run_before, _,
    ) = values  # fmt: skip
    with suppress(KeyError, TypeError, ValueError):
        is_whole = {*map(type, (arguments, trust_context, metadata, *verdicts))} == {dict}
        if is_whole and not isinstance(result, Unreadable):
            return Envelope(
                id=UUID(id_),
                tenant_id=tenant,
                tool_slug=tool_slug,
                tool_version=tool_version,
                arguments=arguments,
                connected_account_id=connected_account_id,
                risk=RISKS[risk],
                external_id=external_id,
                trust_context=trust_context,
                metadata=metadata,
                attempts=attempts,
                next_run_at=datetime.fromisoformat(next_run_at),
                must_run_before=must_run_before and datetime.fromisoformat(must_run_before),
                last_error=last_error,
                lane=lane,
                verdicts=tuple(verdicts),
                result=result,
                approved_digest=approved_digest,
                created_at=datetime.fromisoformat(created_at),
                updated_at=datetime.fromisoformat(updated_at),
            )
    # Column by column, to say which cannot be read.
    told = dict(zip(CLAIMED, values, strict=True))
    return envelope_from_row({**told, "tenant_id": str(tenant), "lane": lane, "status": Status.PENDING})


def keys_from_rows(rows: Iterable[Sequence[str]]) -> frozenset[EnvelopeKey]:
    """Envelopes as `worker_api.settle` and `worker_api.mark_sent` name them: [tenant_id, id]."""
    return frozenset((UUID(tenant), UUID(envelope)) for tenant, envelope in rows)


status_from_row = Reader(QueueStatus, oldest_due_at=NEVER).read
"""A QueueStatus from what `worker_api.queue_status` returns."""


def proposal_columns(proposals: Sequence[Proposal]) -> dict[str, list[Any]]:
    """What `worker_api.enqueue` takes: a column per field."""
    return {
        "ids": [p.id for p in proposals],
        "tenants": [p.tenant_id for p in proposals],
        "tool_slugs": [p.tool_slug for p in proposals],
        "tool_versions": [p.tool_version for p in proposals],
        "arguments": [p.arguments for p in proposals],
        "connected_account_ids": [p.connected_account_id for p in proposals],
        "risks": [p.risk for p in proposals],
        "external_ids": [p.external_id for p in proposals],
        "trust_contexts": [p.trust_context for p in proposals],
        "metadata": [p.metadata for p in proposals],
        "next_run_at": [p.next_run_at for p in proposals],
        "must_run_before": [p.must_run_before for p in proposals],
    }


def enqueued_from_row(proposal: Proposal, row: Sequence[Any]) -> Enqueued:
    """An Enqueued from what `worker_api.enqueue` returns for a proposal: it says of a new envelope only what is new."""
    created, *told = row
    if len(told) == 1:
        return Enqueued(envelope=envelope_from_row(told[0]), created=created)
    _, lane, next_run_at, created_at = told
    proposed_at = datetime.fromisoformat(created_at)
    envelope = Envelope(
        id=proposal.id,
        tenant_id=proposal.tenant_id,
        tool_slug=proposal.tool_slug,
        tool_version=proposal.tool_version,
        arguments=proposal.arguments,
        connected_account_id=proposal.connected_account_id,
        risk=proposal.risk,
        external_id=proposal.external_id,
        trust_context=proposal.trust_context,
        metadata=proposal.metadata,
        next_run_at=datetime.fromisoformat(next_run_at),
        must_run_before=proposal.must_run_before,
        lane=lane,
        created_at=proposed_at,
        updated_at=proposed_at,
    )
    return Enqueued(envelope=envelope, created=True)


def settlement_columns(settlements: Sequence[Settlement]) -> dict[str, list[Any]]:
    """What `worker_api.settle` takes: a column per field, what is seldom said in one document, verdicts once."""
    verdict_sets: list[Any] = []
    places: dict[int, int] = {}
    said: list[int | None] = []
    for settlement in settlements:
        if settlement.verdicts is None:
            said.append(None)
            continue
        place = places.get(id(settlement.verdicts))
        if place is None:
            verdict_sets.append(settlement.verdicts)
            place = places[id(settlement.verdicts)] = len(verdict_sets) - 1
        said.append(place)
    return {
        "tenants": [s.lease.tenant_id for s in settlements],
        "lanes": [s.lease.lane for s in settlements],
        "tokens": [s.lease.token for s in settlements],
        "envelopes": [s.envelope_id for s in settlements],
        "outcomes": [s.to for s in settlements],
        "results": [s.result for s in settlements],
        "details": [_details(s) for s in settlements],
        "said": said,
        "verdict_sets": verdict_sets,
    }


def _details(settlement: Settlement) -> dict[str, Any] | None:
    """What is not said is left out; None when nothing is."""
    details = {
        "error": settlement.error,
        "reason": settlement.reason,
        "next_run_at": settlement.next_run_at,
        "digest": settlement.digest,
        "expires_at": settlement.expires_at,
        "repeat": settlement.repeat or None,
        "doubtful": settlement.doubtful or None,
    }
    return {key: value for key, value in details.items() if value is not None} or None


def sent_row(call: Claimed) -> dict[str, Any]:
    """One element of what `worker_api.mark_sent` takes."""
    return {
        "tenant_id": call.lease.tenant_id,
        "lane": call.lease.lane,
        "token": call.lease.token,
        "envelope_id": call.envelope.id,
    }
