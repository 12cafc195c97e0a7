"""Ask every guardrail about one envelope. Pure: whoever calls has read the clock, the tenant and the token bucket."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType

from services.accounts import Account
from services.approvals.digest import call_digest
from services.catalog import NEW, Tool, ToolStatus
from services.envelope import Envelope
from services.evidence import EvidenceKey, StoredEvidence
from services.guardrails import Decision, Policy, Verdict
from services.guardrails.account import account_for, judge_account
from services.guardrails.evidence import judge_evidence
from services.guardrails.quiet_hours import judge_quiet_hours
from services.guardrails.recheck import park
from services.guardrails.scopes import judge_scopes
from services.guardrails.trust import judge_trust

STRICTNESS = {Decision.ALLOW: 0, Decision.HOLD: 1, Decision.NEEDS_APPROVAL: 2, Decision.DENY: 3}
NONE_FOUND: Mapping[EvidenceKey, StoredEvidence] = MappingProxyType({})
AT_ONCE = datetime.min.replace(tzinfo=UTC)

TOOL_KNOWN = Verdict(guardrail="tool", decision=Decision.ALLOW, reason="The tool is in the catalog.")
DRIFT_APPROVED = Verdict(
    guardrail="tool",
    decision=Decision.ALLOW,
    reason="The tool is new or changed at its provider, and a person approved exactly this call knowing how.",
)
SHOWN_CHANGES = 3
GONE = {
    ToolStatus.RETIRED: "has another version by now",
    ToolStatus.BLOCKED: "was changed by its provider, and a person rejected the change",
    ToolStatus.REJECTED: "was changed by its provider, and a person rejected the change",
}
NOT_PAUSED = Verdict(guardrail="paused", decision=Decision.ALLOW, reason="The tenant is not paused.")
NO_BUCKET = Verdict(guardrail="rate", decision=Decision.ALLOW, reason="No rate limit applies.")
WITHIN_RATE = Verdict(guardrail="rate", decision=Decision.ALLOW, reason="The rate limit has room.")


@dataclass(frozen=True, slots=True, kw_only=True)
class RateAnswer:
    """What the token bucket answered when the database was asked for one token."""

    granted: bool
    free_at: datetime | None
    """When not granted: the moment the next token is there."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the guardrails said, and the account that they judged."""

    verdicts: tuple[Verdict, ...]
    account: Account | None = None


def judge(
    envelope: Envelope,
    tool: Tool | None,
    policy: Policy,
    now: datetime,
    *,
    rate: RateAnswer | None = None,
    evidence: Mapping[EvidenceKey, StoredEvidence] = NONE_FOUND,
) -> Judgement:
    """What every guardrail says, in the order they are asked; `strictest` decides.

    `tool` is the catalog's row in the version the envelope pins, None when there is none (then only `tool` is asked:
    without it nothing else can be judged). Where something cannot be read, `readable` alone is asked. `rate` is None
    when no bucket was asked, as at propose. `evidence` holds what there is of what the envelope names.
    """
    unreadable = envelope.unreadable or policy.unreadable or (tool.unreadable if tool else None)
    if unreadable:
        whose = "The envelope" if envelope.unreadable else "The tenant's rules" if policy.unreadable else "The tool"
        reason = f"{whose} cannot be read, so it waits: {unreadable}. Write it again."
        return Judgement((park("readable", reason, now),))
    account = None if tool is None else account_for(envelope, tool, policy)
    known = _judge_tool(envelope, tool, account, now)
    if tool is None or known.decision is Decision.DENY:
        return Judgement((known,), account)
    verdicts = (
        known,
        _judge_paused(policy, now),
        judge_account(envelope, tool, account, now),
        judge_scopes(tool, account, policy.settings, now),
        judge_evidence(envelope, policy.settings, evidence, now),
        judge_trust(envelope, policy.settings, tool, account),
        judge_quiet_hours(policy.settings, now),
        _judge_rate(tool, rate, now),
    )
    return Judgement(verdicts, account)


def strictest(verdicts: Iterable[Verdict]) -> Verdict:
    """The verdict that decides: allow < hold < needs_approval < deny, the longest hold, else the first asked."""
    return max(verdicts, key=lambda verdict: (STRICTNESS[verdict.decision], verdict.until or AT_ONCE))


def _judge_tool(envelope: Envelope, tool: Tool | None, account: Account | None, now: datetime) -> Verdict:
    if tool is None or envelope.tool_version not in (None, tool.version):
        version = "" if envelope.tool_version is None else f" in version {envelope.tool_version}"
        return _no_such_tool(f"{envelope.tool_slug}{version} is not in the catalog (any more)")
    if tool.status is ToolStatus.ACTIVE:
        return TOOL_KNOWN
    if tool.status is ToolStatus.REMOVED:  # it comes back, or a person takes the envelope back
        return park(
            "tool", f"{envelope.tool_slug} is not offered by its provider now: it waits until it is again.", now
        )
    if tool.status in GONE:
        return _no_such_tool(f"{envelope.tool_slug} {_why_gone(tool)}")
    approved = envelope.approved_digest
    if approved is not None and approved == call_digest(envelope, tool, account):
        return DRIFT_APPROVED
    what = "is new at its provider" if tool.is_new else "was changed by its provider"
    reason = (
        f"{envelope.tool_slug} {what} ({_in_short(tool.drift)}): approve this very call, or accept"
        " or reject the tool for all of them."
    )
    return Verdict(guardrail="tool", decision=Decision.NEEDS_APPROVAL, reason=reason)


def _why_gone(tool: Tool) -> str:
    if tool.is_new:
        return "is new at its provider, and a person said no"
    if tool.status is ToolStatus.REJECTED and not tool.drift:
        return "was accepted once, and a person rejected it since"
    return GONE[tool.status]


def _no_such_tool(what: str) -> Verdict:
    reason = f"{what}: propose again with a tool that is in the catalog."
    return Verdict(guardrail="tool", decision=Decision.DENY, reason=reason)


def _in_short(drift: Sequence[str]) -> str:
    """The first changes, and how many more there are; that a tool is new is said already."""
    drift = [line for line in drift if line != NEW] or [NEW.removeprefix("new: ")]
    more = f"; {len(drift) - SHOWN_CHANGES} more" if len(drift) > SHOWN_CHANGES else ""
    return "; ".join(drift[:SHOWN_CHANGES]) + more


def _judge_paused(policy: Policy, now: datetime) -> Verdict:
    if policy.paused_at is None:
        return NOT_PAUSED
    why = f" ({policy.paused_reason})" if policy.paused_reason else ""
    since = policy.paused_at.astimezone(UTC)
    return park("paused", f"The tenant is paused since {since:%Y-%m-%d %H:%M} UTC{why}: resume it to go on.", now)


def _judge_rate(tool: Tool, rate: RateAnswer | None, now: datetime) -> Verdict:
    if tool.rate_bucket is None or rate is None:
        return NO_BUCKET
    if rate.granted:
        return WITHIN_RATE
    reason = (
        f"The rate limit {tool.rate_bucket} is used up: it goes on by itself when there is room, or raise the limit."
    )
    if rate.free_at is None:
        return park("rate", reason, now)
    return Verdict(guardrail="rate", decision=Decision.HOLD, reason=reason, until=rate.free_at)
