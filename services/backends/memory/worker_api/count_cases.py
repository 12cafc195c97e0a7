"""A page of a tenant's envelopes, grouped into the cases that guardrails tell apart."""

from collections import Counter
from datetime import UTC, datetime
from uuid import UUID

import orjson

from services.approvals import ApprovalDecision, ApprovalRecord, RejectionCode
from services.backends.memory.state import State
from services.envelope import Envelope
from services.guardrails.trust import is_fraction
from services.outbox import Case, CasePage, PageEnd

NOT_BY_A_PERSON = {RejectionCode.CANCELLED, RejectionCode.TOOL_REJECTED}


def count_cases(
    state: State,
    tenant: UUID,
    *,
    since: datetime,
    until: datetime,
    after: PageEnd | None,
    limit: int,
    dead: bool,
    with_minutes: bool,
    with_evidence: bool,
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
    asked = {
        row.envelope_id: row
        for row in sorted(state.approvals.values(), key=lambda row: row.requested_at)
        if row.tenant_id == tenant
    }
    counted = Counter(
        _key(envelope, asked.get(envelope.id), with_minutes=with_minutes, with_evidence=with_evidence)
        for _, _, envelope in page
        if since <= envelope.created_at < until
    )
    return CasePage(
        envelopes=len(page),
        end=page[-1][:2] if page else None,
        cases=tuple(
            Case(*key[:5], None if key[5] is None else orjson.loads(key[5]), *key[6:], count)
            for key, count in counted.items()
        ),
    )


def _key(
    envelope: Envelope, approval: ApprovalRecord | None, *, with_minutes: bool, with_evidence: bool
) -> tuple[str, str | None, str | None, float | None, datetime | None, bytes | None, str | None, bool | None]:
    score = envelope.trust_context.get("score")
    evidence = envelope.trust_context.get("evidence") if with_evidence else None
    decision, for_trust = None, None
    if approval is not None:
        for_trust = approval.reason.startswith("trust: ")
        is_open = approval.decision is None or approval.rejection_code in NOT_BY_A_PERSON
        decision = "open" if is_open else ApprovalDecision(approval.decision or "").value
    return (
        envelope.tool_slug,
        envelope.tool_version,
        envelope.connected_account_id,
        float(score) if score is not None and is_fraction(score) else None,
        envelope.created_at.astimezone(UTC).replace(second=0, microsecond=0) if with_minutes else None,
        None if evidence is None else orjson.dumps(evidence, option=orjson.OPT_SORT_KEYS),
        decision,
        for_trust,
    )
