"""Ask every guardrail about one envelope. Pure: the caller has read the clock, the policy and the rate bucket."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from types import MappingProxyType

from services.accounts import Account
from services.approvals.digest import call_digest
from services.catalog import NEW_TOOL_DRIFT, Tool, ToolStatus
from services.envelope import Envelope
from services.evidence import EvidenceKey, StoredEvidence
from services.grants import Grant
from services.guardrails import Decision, Policy, Verdict
from services.guardrails.account import account_for, judge_account
from services.guardrails.approval_rules import judge_rules
from services.guardrails.arguments import judge_arguments
from services.guardrails.evidence import judge_evidence
from services.guardrails.grants import find_grant
from services.guardrails.paused import judge_paused
from services.guardrails.quiet_hours import judge_quiet_hours
from services.guardrails.recheck import park
from services.guardrails.scopes import judge_scopes
from services.guardrails.trust import judge_trust
from services.subscriptions import DELIVERY_ACTOR

STRICTNESS = {Decision.ALLOW: 0, Decision.HOLD: 1, Decision.NEEDS_APPROVAL: 2, Decision.DENY: 3}
NO_EVIDENCE: Mapping[EvidenceKey, StoredEvidence] = MappingProxyType({})
NO_END = datetime.min.replace(tzinfo=UTC)

TOOL_KNOWN = Verdict(guardrail="tool", decision=Decision.ALLOW, reason="The tool is in the catalog.")
DRIFT_APPROVED = Verdict(
    guardrail="tool",
    decision=Decision.ALLOW,
    reason="The tool is new or changed at its provider, and a person approved exactly this call since.",
)
MAX_CHANGES_SHOWN = 3
NOT_CALLABLE = {
    ToolStatus.RETIRED: "was replaced by another version",
    ToolStatus.BLOCKED: "was changed by its provider, and a person rejected the change",
    ToolStatus.REJECTED: "was changed by its provider, and a person rejected the change",
}
NO_BUCKET = Verdict(guardrail="rate", decision=Decision.ALLOW, reason="No rate limit applies.")
WITHIN_RATE = Verdict(guardrail="rate", decision=Decision.ALLOW, reason="The rate limit allows the call.")


@dataclass(frozen=True, slots=True, kw_only=True)
class RateAnswer:
    """The answer of the rate bucket to a request for one token."""

    granted: bool
    free_at: datetime | None
    """If not granted: when the next token is free."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """All verdicts, the account that was judged, and the grant in place of an approval, if the call needs one."""

    verdicts: tuple[Verdict, ...]
    account: Account | None = None
    grant: Grant | None = None


def judge(
    envelope: Envelope,
    tool: Tool | None,
    policy: Policy,
    now: datetime,
    *,
    rate: RateAnswer | None = None,
    evidence: Mapping[EvidenceKey, StoredEvidence] = NO_EVIDENCE,
    check_arguments: bool = False,
) -> Judgement:
    """The verdict of every guardrail, in order. `strictest` returns the one that counts.

    `tool` is the catalog entry in the envelope's version. If it is None or denied, only the `tool` guardrail is asked,
    because the others need it. If a row is unreadable, only `readable` is asked. `rate` is None if no rate token was
    requested, as in `propose`. `evidence` has the cited evidence that exists. With `check_arguments`, the guardrail
    `tool` also applies the tool's schema, if the provider offers the tool now.
    """
    unreadable = envelope.unreadable or policy.unreadable or (tool.unreadable if tool else None)
    if unreadable:
        subject = "The envelope" if envelope.unreadable else "The tenant's rules" if policy.unreadable else "The tool"
        reason = f"{subject} cannot be read, so it waits: {unreadable}. Write it again."
        return Judgement((park("readable", reason, now),))
    if tool is not None and tool.subscription_id is not None:
        return _judge_delivery(envelope, tool, policy, now)
    account = None if tool is None else account_for(envelope, tool, policy)
    tool_verdict = _judge_tool(envelope, tool, account, now)
    if check_arguments and tool is not None and tool_verdict.decision in {Decision.ALLOW, Decision.NEEDS_APPROVAL}:
        tool_verdict = strictest((tool_verdict, judge_arguments(envelope, tool, account) or tool_verdict))
    if tool is None or tool_verdict.decision is Decision.DENY:
        return Judgement((tool_verdict,), account)
    trust, rules = (
        judge_trust(envelope, policy.settings, tool, account),
        judge_rules(envelope, policy.settings, tool, account),
    )
    grant = None
    if tool_verdict.decision is Decision.ALLOW and Decision.NEEDS_APPROVAL in (trust.decision, rules.decision):
        grant = find_grant(envelope, tool, account, policy, now)
        trust, rules = _replace_approval(trust, grant), _replace_approval(rules, grant)
    verdicts = (
        tool_verdict,
        judge_paused(envelope, account, policy, now),
        judge_account(envelope, tool, account, now),
        judge_scopes(tool, account, policy.settings, now),
        judge_evidence(envelope, policy.settings, evidence, now),
        trust,
        rules,
        judge_quiet_hours(policy.settings, now),
        _judge_rate(tool, rate, now),
    )
    return Judgement(verdicts, account, grant)


def strictest(verdicts: Iterable[Verdict]) -> Verdict:
    """The verdict that counts: by decision, then the hold that ends last, then the first in order."""
    return max(verdicts, key=lambda verdict: (STRICTNESS[verdict.decision], verdict.until or NO_END))


def _replace_approval(verdict: Verdict, grant: Grant | None) -> Verdict:
    """The verdict; if it needs an approval and there is a grant, the verdict that allows the call."""
    if grant is None or verdict.decision is not Decision.NEEDS_APPROVAL:
        return verdict
    reason = f"The call needs an approval; grant {grant.id}, issued by {grant.issued_by}, replaces it."
    return replace(verdict, decision=Decision.ALLOW, reason=reason)


def _judge_delivery(envelope: Envelope, tool: Tool, policy: Policy, now: datetime) -> Judgement:
    """Judge the delivery of an event. Only a pause and the state of its subscription can stop a delivery."""
    if envelope.proposed_by != DELIVERY_ACTOR.principal:
        problem = f"{envelope.tool_slug} delivers events, and only the control plane sends them"
        reason = f"{problem}: propose another tool."
        return Judgement((Verdict(guardrail="tool", decision=Decision.DENY, reason=reason),))
    if tool.status is not ToolStatus.ACTIVE:
        reason = "The subscription is disabled: the event waits until it is enabled."
        return Judgement((park("tool", reason, now),))
    return Judgement((TOOL_KNOWN, judge_paused(envelope, None, policy, now)))


def _judge_tool(envelope: Envelope, tool: Tool | None, account: Account | None, now: datetime) -> Verdict:
    if tool is None or envelope.tool_version not in (None, tool.version):
        version = "" if envelope.tool_version is None else f" in version {envelope.tool_version}"
        return _deny_tool(f"{envelope.tool_slug}{version} is not in the catalog (any more)")
    if tool.status is ToolStatus.ACTIVE:
        return TOOL_KNOWN
    # held until the source offers the tool again, or a person cancels the envelope
    if tool.status is ToolStatus.REMOVED:
        return park(
            "tool", f"{envelope.tool_slug} is not offered by its provider now: the envelope waits until it is.", now
        )
    if tool.status in NOT_CALLABLE:
        return _deny_tool(f"{envelope.tool_slug} {_why_gone(tool)}")
    approved = envelope.approved_digest
    if approved is not None and approved == call_digest(envelope, tool, account):
        return DRIFT_APPROVED
    change = "is new at its provider" if tool.is_new else "was changed by its provider"
    reason = (
        f"{envelope.tool_slug} {change} ({_summarize(tool.drift)}): approve this call, or accept"
        " or reject the tool for all calls."
    )
    return Verdict(guardrail="tool", decision=Decision.NEEDS_APPROVAL, reason=reason)


def _why_gone(tool: Tool) -> str:
    if tool.is_new:
        return "is new at its provider, and a person rejected it"
    if tool.status is ToolStatus.REJECTED and not tool.drift:
        return "was accepted, and a person rejected it later"
    return NOT_CALLABLE[tool.status]


def _deny_tool(problem: str) -> Verdict:
    reason = f"{problem}: propose again with a tool that is in the catalog."
    return Verdict(guardrail="tool", decision=Decision.DENY, reason=reason)


def _summarize(drift: Sequence[str]) -> str:
    """The first changes of a tool as text, and how many more there are. NEW_TOOL_DRIFT is left out if there
    are other changes."""
    drift = [line for line in drift if line != NEW_TOOL_DRIFT] or [NEW_TOOL_DRIFT.removeprefix("new: ")]
    more = f"; {len(drift) - MAX_CHANGES_SHOWN} more" if len(drift) > MAX_CHANGES_SHOWN else ""
    return "; ".join(drift[:MAX_CHANGES_SHOWN]) + more


def _judge_rate(tool: Tool, rate: RateAnswer | None, now: datetime) -> Verdict:
    if tool.rate_bucket is None or rate is None:
        return NO_BUCKET
    if rate.granted:
        return WITHIN_RATE
    reason = f"The rate limit {tool.rate_bucket} is used up: the call is made when a token is free, or raise the limit."
    if rate.free_at is None:
        return park("rate", reason, now)
    return Verdict(guardrail="rate", decision=Decision.HOLD, reason=reason, until=rate.free_at)
