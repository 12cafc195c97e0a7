"""Read a page of a tenant's envelopes, grouped into cases: guardrails judge all envelopes of one case alike."""

from collections import Counter
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from uuid import UUID

import orjson

from services.approvals import ApprovalDecision, ApprovalRecord, RejectionCode
from services.backends.memory.state import State
from services.envelope import Envelope
from services.guardrails.trust import is_fraction
from services.outbox import PageEnd
from services.outbox.cases import Case, CasePage

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
CODES_NOT_FROM_PEOPLE = {RejectionCode.CANCELLED, RejectionCode.TOOL_REJECTED}


def count_cases(
    state: State,
    tenant: UUID,
    *,
    since: datetime,
    until: datetime,
    after: PageEnd | None,
    limit: int,
    dead: bool,
    with_evidence: bool,
    every: timedelta | None,
    threshold: float | None,
    argument_names: Collection[str],
) -> CasePage:
    """See `services.outbox.Outbox.count_cases`."""
    rows = [
        (envelope.moved_at or envelope.created_at, envelope)
        for envelope in (state.dead_letters if dead else state.outbox).values()
        if envelope.tenant_id == tenant and (envelope.moved_at or envelope.created_at) >= since
    ]
    if not dead:
        rows = [(at, envelope) for at, envelope in rows if at < until]
    page = sorted((at, e.id, e) for at, e in rows if after is None or (at, e.id) > after)[:limit]
    decisions = {
        row.envelope_id: row
        for row in sorted(state.approvals.values(), key=lambda row: row.requested_at)
        if row.tenant_id == tenant
    }
    granted = {key for key, _ in state.grant_uses}
    counted = Counter(
        (
            *_case_key(
                envelope, decisions.get(envelope.id), every=every, threshold=threshold, with_evidence=with_evidence
            ),
            str(envelope.risk),
            _arguments_named(envelope, argument_names),
            envelope.key in granted,
        )
        for _, _, envelope in page
        if since <= envelope.created_at < until
    )
    return CasePage(
        envelopes=len(page),
        end=page[-1][:2] if page else None,
        cases=tuple(
            Case(
                *key[:5],
                None if key[5] is None else orjson.loads(key[5]),
                key[6],
                key[7],
                count,
                key[8],
                orjson.loads(key[9]),
                key[10],
            )
            for key, count in counted.items()
        ),
    )


def _arguments_named(envelope: Envelope, names: Collection[str]) -> bytes:
    """The proposed arguments with these names, as JSON."""
    proposed = envelope.arguments if envelope.proposed_arguments is None else envelope.proposed_arguments
    return orjson.dumps({name: proposed[name] for name in names if name in proposed}, option=orjson.OPT_SORT_KEYS)


def _case_key(
    envelope: Envelope,
    approval: ApprovalRecord | None,
    *,
    every: timedelta | None,
    threshold: float | None,
    with_evidence: bool,
) -> tuple[str, str | None, str | None, float | None, datetime | None, bytes | None, str | None, bool | None]:
    """The first eight values of a `Case`: envelopes with equal values are in one case. The evidence is JSON text."""
    claimed = envelope.trust_context.get("score")
    score = float(claimed) if claimed is not None and is_fraction(claimed) else None
    if score is not None and threshold is not None:
        score = float(score >= threshold)
    evidence = envelope.trust_context.get("evidence") if with_evidence else None
    decision, for_settings = None, None
    if approval is not None:
        for_settings = not approval.reason.startswith("tool: ")
        is_open = approval.decision is None or approval.rejection_code in CODES_NOT_FROM_PEOPLE
        decision = "open" if is_open else ApprovalDecision(approval.decision or "").value
    return (
        envelope.tool_slug,
        envelope.tool_version,
        envelope.connected_account_id,
        score,
        None if every is None else envelope.created_at - (envelope.created_at - EPOCH) % every,
        None if evidence is None else orjson.dumps(evidence, option=orjson.OPT_SORT_KEYS),
        decision,
        for_settings,
    )
