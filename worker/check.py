"""Ask the guardrails about a claimed envelope, and turn anything but yes into a settlement. Pure."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from services.approvals.digest import call_digest
from services.catalog import Tool
from services.envelope import DEADLINE_PASSED, Envelope
from services.evidence import EvidenceKey, Found
from services.guardrails import Decision, Policy, Verdict
from services.guardrails.account import account_for
from services.guardrails.judge import NONE_FOUND, RateReading, judge, strictest
from services.outbox import Claimed, Disposition, Settlement


def check(
    claimed: Claimed,
    tool: Tool | None,
    policy: Policy,
    now: datetime,
    *,
    approval_ttl: timedelta,
    rate: RateReading | None = None,
    evidence: Mapping[EvidenceKey, Found] = NONE_FOUND,
) -> tuple[tuple[Verdict, ...], Settlement | None]:
    """What every guardrail says, and where the envelope goes if not to its tool (None: execute it)."""
    verdicts = judge(claimed.envelope, tool, policy, now, rate=rate, evidence=evidence)
    deciding = strictest(verdicts)
    if deciding.decision is Decision.ALLOW:
        return verdicts, None

    to, extra = _where(deciding, claimed.envelope)
    if to is Disposition.AWAITING_APPROVAL:
        account = None if tool is None else account_for(claimed.envelope, tool, policy)
        extra = {
            "digest": call_digest(claimed.envelope, tool, account),
            "expires_at": before_deadline(now + approval_ttl, claimed.envelope),
        }
    # Who approves answers every guardrail that wants a person's word, so they read all of them.
    telling = [v for v in verdicts if v.decision is deciding.decision] if "digest" in extra else [deciding]
    return verdicts, Settlement(
        lease=claimed.lease,
        envelope_id=claimed.envelope.id,
        to=to,
        reason=" ".join(f"{v.guardrail}: {v.reason}" for v in telling),
        verdicts=verdict_rows(verdicts),
        **extra,
    )


def expired(claimed: Claimed) -> Settlement:
    """Its deadline came before its call: it never runs."""
    return Settlement(
        lease=claimed.lease, envelope_id=claimed.envelope.id, to=Disposition.EXPIRED, reason=DEADLINE_PASSED
    )


def before_deadline(moment: datetime, envelope: Envelope) -> datetime:
    """The moment, or the envelope's deadline where that is sooner: then it ends, whatever it waits for."""
    return moment if envelope.must_run_before is None else min(moment, envelope.must_run_before)


def verdict_rows(verdicts: Iterable[Verdict]) -> tuple[dict[str, Any], ...]:
    """Verdicts as they are kept on the envelope."""
    return tuple(
        {"guardrail": v.guardrail, "decision": v.decision.value, "reason": v.reason}
        if v.until is None
        else {"guardrail": v.guardrail, "decision": v.decision.value, "reason": v.reason, "until": v.until.isoformat()}
        for v in verdicts
    )


def _where(deciding: Verdict, envelope: Envelope) -> tuple[Disposition, dict[str, Any]]:
    match deciding.decision:
        case Decision.HOLD:
            repeat = deciding.guardrail == _held_by(envelope.verdicts)
            until = None if deciding.until is None else before_deadline(deciding.until, envelope)
            return Disposition.HOLD, {"next_run_at": until, "repeat": repeat}
        case Decision.NEEDS_APPROVAL:
            return Disposition.AWAITING_APPROVAL, {}
        case _:
            return Disposition.DENIED, {}


def _held_by(verdicts: Iterable[Mapping[str, Any]]) -> object:
    """The guardrail whose hold decided last time: the one that lasted longest. None when nothing was held."""
    holds = [v for v in verdicts if v.get("decision") == Decision.HOLD]
    return max(holds, key=lambda v: datetime.fromisoformat(v["until"]), default={}).get("guardrail")
