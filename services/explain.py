"""Explain one envelope: why it is in its state, and until when."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from services.backends import Backends
from services.catalog import ToolKey
from services.envelope import DEADLINE_PASSED, Envelope, Status
from services.guardrails import Decision, Verdict
from services.guardrails.evidence import cited_evidence
from services.guardrails.judge import judge, strictest

WHY_ENDED = {
    Status.SUCCESS: "the tool call succeeded",
    Status.CONFLICT: "the tool reported a conflict; it is not tried again",
    Status.REJECTED: "a person rejected it",
    Status.EXPIRED: "nobody approved it in time",
    Status.CANCELLED: "it was cancelled before it was executed",
    Status.FAILED: "it failed and is not tried again",
    Status.DENIED: "a guardrail denied it",
    Status.UNKNOWN: "the call was sent and its outcome is unknown",
}

WHY_DOUBTFUL = "it failed and is not tried again, but its effect may have happened"


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Why an envelope is in its state at one time."""

    envelope: Envelope
    why: str
    next_run_at: datetime | None
    """The earliest time of a pending envelope's call, with every hold considered."""
    verdicts: tuple[Verdict, ...]
    """The verdict of every guardrail now; empty if none will be asked again."""
    is_due: bool = False
    """The next worker claims it."""
    asked_at: datetime | None = None
    """Since when an envelope has waited for a person."""
    decide_until: datetime | None = None
    """When an envelope that waits for a person expires if nobody decides."""


async def explain(backends: Backends, tenant: UUID, envelope_id: UUID, *, now: datetime) -> Explanation:
    """Judge an envelope as the worker would now, and change nothing. Raises NotFound."""
    envelope = await backends.outbox.get(tenant, envelope_id)
    if envelope.status in WHY_ENDED:
        return Explanation(envelope=envelope, why=_why_ended(envelope), next_run_at=None, verdicts=())

    policies = await backends.guardrails.policies([tenant])
    key = ToolKey(tenant, envelope.tool_slug, envelope.tool_version)
    tool = (await backends.catalog.find([key])).get(key)
    evidence = await backends.evidence.find(cited_evidence(envelope))
    verdicts = judge(envelope, tool, policies[tenant], now, evidence=evidence, check_arguments=True).verdicts
    deciding = strictest(verdicts)
    if envelope.status is Status.AWAITING_APPROVAL:
        return await _explain_approval(backends, envelope, verdicts)
    if deciding.decision is Decision.ALLOW:
        first = await backends.outbox.waits_for(tenant, envelope_id)
        if first is not None:
            why = f"it waits for {first.id} ({first.status}), an earlier envelope with the same ordering key"
            return Explanation(envelope=envelope, why=why, next_run_at=None, verdicts=verdicts)
    next_run_at = max((moment for moment in (envelope.next_run_at, deciding.until) if moment), default=None)
    why_held = _why_held(envelope, deciding, now)
    why = why_held or "it is due; the next worker claims it"
    return Explanation(envelope=envelope, why=why, next_run_at=next_run_at, verdicts=verdicts, is_due=why_held is None)


async def _explain_approval(backends: Backends, envelope: Envelope, verdicts: tuple[Verdict, ...]) -> Explanation:
    """Explain an envelope that waits for an approval. A person may have decided since `envelope` was read."""
    pending = await backends.approvals.list_open(envelope.tenant_id, envelope=envelope.id)
    if not pending:  # a person has decided since the envelope was read
        return Explanation(envelope=envelope, why="a person must decide", next_run_at=None, verdicts=verdicts)
    asked_at, until = pending[0].requested_at, pending[0].expires_at
    why = (
        f"a person must decide (asked {asked_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC, expires"
        f" {until.astimezone(UTC):%Y-%m-%d %H:%M} UTC): {pending[0].reason}"
    )
    return Explanation(
        envelope=envelope, why=why, next_run_at=None, verdicts=verdicts, asked_at=asked_at, decide_until=until
    )


def _why_ended(envelope: Envelope) -> str:
    if envelope.status is Status.EXPIRED and envelope.is_late(envelope.updated_at):
        return DEADLINE_PASSED
    error = f"{envelope.last_error}; " if envelope.last_error else ""
    return error + (WHY_DOUBTFUL if envelope.doubtful else WHY_ENDED[envelope.status])


def _why_held(envelope: Envelope, deciding: Verdict, now: datetime) -> str | None:
    """Why a pending envelope is not due now; None if it is due."""
    if deciding.decision is not Decision.ALLOW:
        return f"{deciding.guardrail}: {deciding.reason}"
    if envelope.next_run_at is None or envelope.next_run_at <= now:
        return None
    if envelope.attempts:
        return f"attempt {envelope.attempts} failed ({envelope.last_error}); it will be tried again"
    hold = next((verdict for verdict in envelope.verdicts if verdict.get("decision") == Decision.HOLD), None)
    if hold is not None:
        return f"{hold['guardrail']}: {hold['reason']}"
    if envelope.last_error is None:
        return "it was proposed for a later time"
    return f"held ({envelope.last_error}); it will be tried again, and that costs no attempt"
