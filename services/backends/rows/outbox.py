"""Convert envelopes, claims and settlements from and to JSON rows. Both transports use these rows."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from services.backends.rows.answers import Unreadable
from services.backends.rows.reading import NEVER, Reader, moment_or_never
from services.envelope import Actor, Envelope, EnvelopeKey, Risk, Status
from services.outbox import ClaimedEnvelope, EnqueuedEnvelope, Lease, Proposal, Settlement
from services.outbox.cases import Case, CasePage
from services.outbox.lists import Cause, Causes, EnvelopeFilter
from services.outbox.proposals import new_envelope
from services.outbox.queue_status import QueueStatus

CLAIMED_COLUMNS = (
    "id", "tool_slug", "tool_version", "arguments", "connected_account_id", "risk", "external_id", "trust_context",
    "metadata", "attempts", "next_run_at", "last_error", "verdicts", "result", "approved_digest", "created_at",
    "updated_at", "must_run_before", "sent",
)  # fmt: skip
"""The values that `worker_api.claim` returns for an envelope, in this order. Workers of 0.1.0 read exactly these."""
RISKS = {risk.value: risk for risk in Risk}

ENVELOPE_READER = Reader(
    Envelope, arguments={}, proposed_arguments=None, risk=Risk.HIGH, trust_context={}, metadata={}, next_run_at=None,
    must_run_before=None, verdicts=(), result=None, created_at=NEVER, updated_at=NEVER, moved_at=None,
)  # fmt: skip

CAUSE_READER = Reader(Cause, oldest_at=NEVER, newest_at=NEVER)


def envelope_from_row(row: Mapping[str, Any]) -> Envelope:
    """An Envelope from a row of `outbox` or `outbox_dlq`."""
    return ENVELOPE_READER.read({**row, "updated_at": row.get("updated_at") or row["moved_at"]})


def claimed_from_lane(lane: Mapping[str, Any]) -> Iterator[ClaimedEnvelope]:
    """The envelopes of one lane that `worker_api.claim` leased."""
    tenant, number, lost = UUID(lane["tenant_id"]), lane["lane"], lane["lost"]
    lease = Lease(tenant, number, lane["token"])
    paused_at = None if lane["paused_at"] is None else moment_or_never(lane["paused_at"])
    policy_stamp, tool_stamps = lane.get("policy_stamp"), lane.get("tool_stamps") or {}
    for values, proposed_by in zip(lane["envelopes"], lane["proposed_by"], strict=True):
        envelope = _claimed_envelope(tenant, number, values, proposed_by)
        yield ClaimedEnvelope(
            envelope=envelope, lease=lease, lost=lost, sent=values[-1], paused_at=paused_at, policy_stamp=policy_stamp,
            tool_stamp=tool_stamps.get(envelope.tool_slug),
        )  # fmt: skip


def _claimed_envelope(tenant: UUID, lane: int, values: Sequence[Any], proposed_by: str | None) -> Envelope:
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
                proposed_by=proposed_by,
                created_at=datetime.fromisoformat(created_at),
                updated_at=datetime.fromisoformat(updated_at),
            )
    # The slow path reads each column on its own and names those that cannot be read.
    row = dict(zip(CLAIMED_COLUMNS, values, strict=True)) | {"proposed_by": proposed_by}
    return envelope_from_row({**row, "tenant_id": str(tenant), "lane": lane, "status": Status.PENDING})


def keys_from_rows(rows: Iterable[Sequence[str]]) -> frozenset[EnvelopeKey]:
    """Envelope keys from the pairs [tenant_id, id] that `worker_api.settle` and `worker_api.mark_sent` return."""
    return frozenset((UUID(tenant), UUID(envelope)) for tenant, envelope in rows)


status_from_row = Reader(QueueStatus, oldest_due_at=NEVER).read
"""A QueueStatus from a row that `worker_api.queue_status` returns."""


def filter_arguments(wanted: EnvelopeFilter) -> dict[str, Any]:
    """The arguments of `worker_api.search_envelopes` for these conditions."""
    return {
        "status": wanted.status,
        "tool_slug": wanted.tool_slug,
        "proposed_by": wanted.proposed_by,
        "objective": wanted.objective_id,
        "since": wanted.since,
        "until": wanted.until,
        "words": wanted.words,
        "words_id": wanted.words_id,
    }


def causes_from_answer(answer: Mapping[str, Any]) -> Causes:
    """The causes from the answer of `worker_api.count_causes`."""
    return Causes(causes=tuple(CAUSE_READER.read(row) for row in answer["causes"]), is_whole=answer["is_whole"])


def case_page_from_answer(answer: Mapping[str, Any]) -> CasePage:
    """A CasePage from the answer of `worker_api.count_cases`."""
    minutes = {case[4] for case in answer["cases"]}
    moments = {m: None if m is None else datetime.fromtimestamp(m * 60, UTC) for m in minutes}
    return CasePage(
        envelopes=answer["envelopes"],
        end=answer["end"] and (datetime.fromisoformat(answer["end"][0]), UUID(answer["end"][1])),
        cases=tuple(Case._make([*case[:4], moments[case[4]], *case[5:]]) for case in answer["cases"]),
    )


def proposal_columns(proposals: Sequence[Proposal]) -> dict[str, list[Any]]:
    """The arguments of `worker_api.enqueue`: one list per field, with one element per proposal."""
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
        "objective_ids": [p.objective_id for p in proposals],
    }


def enqueued_from_row(proposal: Proposal, row: Sequence[Any], actor: Actor) -> EnqueuedEnvelope:
    """An EnqueuedEnvelope from the row that `worker_api.enqueue` returns for this proposal.

    The row of a new envelope is [created, id, lane, next_run_at, created_at]. The envelope has its other values from
    the proposal. The row of an envelope that exists is [created, envelope].
    """
    created, *values = row
    if len(values) == 1:
        return EnqueuedEnvelope(envelope=envelope_from_row(values[0]), created=created)
    _, lane, next_run_at, created_at = values
    envelope = new_envelope(
        proposal, proposed_by=actor.principal, created_at=datetime.fromisoformat(created_at),
        next_run_at=datetime.fromisoformat(next_run_at), lane=lane,
    )  # fmt: skip
    return EnqueuedEnvelope(envelope=envelope, created=True)


def settlement_columns(settlements: Sequence[Settlement]) -> dict[str, list[Any]]:
    """The arguments of `worker_api.settle`: one list per field, with one element per settlement.

    Fields that are rarely set share one JSON object, `details`. Settlements often share their verdicts, so each
    distinct list of verdicts is sent once in `verdict_sets`, and `said` has its index for each settlement.
    """
    verdict_sets: list[Any] = []
    indexes: dict[int, int] = {}
    verdict_indexes: list[int | None] = []
    for settlement in settlements:
        if settlement.verdicts is None:
            verdict_indexes.append(None)
            continue
        index = indexes.get(id(settlement.verdicts))
        if index is None:
            verdict_sets.append(settlement.verdicts)
            index = indexes[id(settlement.verdicts)] = len(verdict_sets) - 1
        verdict_indexes.append(index)
    return {
        "tenants": [s.lease.tenant_id for s in settlements],
        "lanes": [s.lease.lane for s in settlements],
        "tokens": [s.lease.token for s in settlements],
        "envelopes": [s.envelope_id for s in settlements],
        "outcomes": [s.to for s in settlements],
        "results": [s.result for s in settlements],
        "details": [_details(s) for s in settlements],
        "said": verdict_indexes,
        "verdict_sets": verdict_sets,
    }


def _details(settlement: Settlement) -> dict[str, Any] | None:
    """The rarely set fields that have a value; None if there are none."""
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


def sent_mark_row(call: ClaimedEnvelope) -> dict[str, Any]:
    """One element of the argument `calls` of `worker_api.mark_sent`."""
    return {
        "tenant_id": call.lease.tenant_id,
        "lane": call.lease.lane,
        "token": call.lease.token,
        "envelope_id": call.envelope.id,
    }
