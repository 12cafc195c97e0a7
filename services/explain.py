"""Explain one envelope: why it stands where it stands, until when, and what would let it go on."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.backends import Backends
from services.catalog import ToolKey
from services.envelope import DEADLINE_PASSED, Envelope, Status
from services.guardrails import Decision, Verdict
from services.guardrails.evidence import cited_evidence
from services.guardrails.judge import judge, strictest

OVER = {
    Status.SUCCESS: "the tool did it",
    Status.CONFLICT: "the tool said it conflicts; it is never retried",
    Status.REJECTED: "a person rejected it",
    Status.EXPIRED: "nobody approved it in time",
    Status.CANCELLED: "it was taken back before it ran",
    Status.FAILED: "it gave up",
    Status.DENIED: "a guardrail said never",
    Status.UNKNOWN: "the call left and no answer came",
}

DOUBTFUL = "it gave up, yet its effect may have happened"


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """What there is to say about an envelope at one moment."""

    envelope: Envelope
    why: str
    next_run_at: datetime | None
    """With a pending envelope: not before this moment, over all gates."""
    verdicts: tuple[Verdict, ...]
    """What every guardrail says now; empty when none is asked any more."""
    is_due: bool = False
    """Nothing holds it: the next worker takes it."""


async def explain(backends: Backends, tenant: UUID, envelope: UUID, *, now: datetime) -> Explanation:
    """Judge it as the worker would at this moment, without touching it. Raises NotFound."""
    found = await backends.outbox.get(tenant, envelope)
    if found.status in OVER:
        if found.status is Status.EXPIRED and found.is_late(found.updated_at):
            return Explanation(envelope=found, why=DEADLINE_PASSED, next_run_at=None, verdicts=())
        error = f"{found.last_error}; " if found.last_error else ""
        over = DOUBTFUL if found.doubtful else OVER[found.status]
        return Explanation(envelope=found, why=error + over, next_run_at=None, verdicts=())

    policies = await backends.guardrails.policies([tenant])
    key = ToolKey(tenant, found.tool_slug, found.tool_version)
    evidence = await backends.evidence.find(cited_evidence(found))
    verdicts = judge(
        found, (await backends.catalog.find([key])).get(key), policies[tenant], now, evidence=evidence
    ).verdicts
    deciding = strictest(verdicts)
    if found.status is Status.AWAITING_APPROVAL:
        why = "a person must decide"
        return Explanation(envelope=found, why=why, next_run_at=None, verdicts=verdicts)
    if deciding.decision is Decision.ALLOW and (head := await backends.outbox.waits_for(tenant, envelope)) is not None:
        why = f"it waits for {head.id}, which is {head.status} and comes first in its ordering key"
        return Explanation(envelope=found, why=why, next_run_at=None, verdicts=verdicts)
    next_run_at = max((moment for moment in (found.next_run_at, deciding.until) if moment), default=None)
    held = _held(found, deciding, now)
    why = held or "it is due; a worker takes it next"
    return Explanation(envelope=found, why=why, next_run_at=next_run_at, verdicts=verdicts, is_due=held is None)


def _held(envelope: Envelope, deciding: Verdict, now: datetime) -> str | None:
    """Why a pending envelope does not run now; None when it is due."""
    if deciding.decision is not Decision.ALLOW:
        return f"{deciding.guardrail}: {deciding.reason}"
    if envelope.next_run_at is None or envelope.next_run_at <= now:
        return None
    if envelope.attempts:
        return f"attempt {envelope.attempts} failed ({envelope.last_error}); it will be tried again"
    held = [v for v in envelope.verdicts if v.get("decision") == Decision.HOLD]
    if held or envelope.last_error is None:
        return f"{held[0]['guardrail']}: {held[0]['reason']}" if held else "it was proposed for later"
    return f"held ({envelope.last_error}); it will be tried again, and that costs no attempt"
