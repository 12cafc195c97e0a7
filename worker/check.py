"""Judge claimed envelopes: which of them to execute now, and how to settle the others."""

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from services.accounts import Account
from services.approvals.digest import call_digest
from services.backends import Backends
from services.catalog import Tool
from services.clock import Clock
from services.envelope import Envelope, Risk
from services.errors import ControlPlaneError
from services.evidence import EvidenceKey, StoredEvidence
from services.grants import Grant
from services.guardrails import Decision, Policy, Verdict
from services.guardrails.judge import NO_EVIDENCE, Judgement, RateAnswer, judge, strictest
from services.outbox import ClaimedEnvelope, Disposition, GrantedCall, Settlement
from worker.attempts import Attempt
from worker.backoff import RetryRule
from worker.policies import PolicyCache, tool_key
from worker.rates import take_rate_tokens
from worker.sent_marks import mark_sent
from worker.settle import earlier_of_deadline, expired_settlement, lost_outcome, release_settlement, settle
from worker.shadow import DECISION_BY_DISPOSITION, Judged

SettledUnsent = tuple[ClaimedEnvelope, Settlement]
"""An envelope that is settled without a call, and its settlement."""
VerdictRows = tuple[Mapping[str, object], ...]
Allowed = tuple[VerdictRows, Account | None, Grant | None]
"""The result for an allowed call: the verdicts, its account, and the grant that replaces an approval."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedBatch:
    """The result of judging the envelopes of one claim."""

    attempts: tuple[Attempt, ...] = ()
    settled_unsent: tuple[SettledUnsent, ...] = ()
    database_error: str | None = None
    """Why no envelope could be judged, so that all are released; None if the database answered."""
    shadowed: tuple[Judged, ...] = ()
    """The envelopes of tenants with a shadow run: the candidate of the run judges them too."""


@dataclass(slots=True, kw_only=True)
class Checker:
    """Judges the claimed envelopes of one worker."""

    backends: Backends
    policies: PolicyCache
    approval_ttl: timedelta
    rules: Mapping[Risk, RetryRule]
    clock: Clock

    async def judge(
        self,
        claimed: Sequence[ClaimedEnvelope],
        worker_id: str,
        *,
        starting_now: Callable[[Sequence[Attempt]], Sequence[Attempt]],
    ) -> JudgedBatch:
        """First ask the guardrails, then take rate tokens, then mark as sent the calls that get a slot immediately.

        `starting_now` selects these calls. The other calls are marked when they get a slot.

        If the database stops answering, newly claimed envelopes are released, because none of their calls was sent.
        Lost envelopes are settled in any case: another worker may have sent their calls.
        """
        lost = tuple(
            (c, settle(c, None, lost_outcome(c), rules=self.rules, now=self.clock())) for c in claimed if c.lost
        )
        fresh = [c for c in claimed if not c.lost]
        try:
            batch = await self._judge(fresh, worker_id, starting_now)
        except ControlPlaneError as exc:
            released = tuple((c, release_settlement(c)) for c in fresh)
            batch = JudgedBatch(settled_unsent=released, database_error=str(exc))
        return replace(batch, settled_unsent=(*lost, *batch.settled_unsent))

    async def _judge(
        self,
        claimed: Sequence[ClaimedEnvelope],
        worker_id: str,
        starting_now: Callable[[Sequence[Attempt]], Sequence[Attempt]],
    ) -> JudgedBatch:
        started_at = time.monotonic()
        policies, tools = await asyncio.gather(self.policies.read_policies(claimed), self.policies.read_tools(claimed))
        evidence = await self.policies.read_evidence(claimed, policies)
        now = self.clock()
        attempts: list[Attempt] = []
        settled_unsent: list[SettledUnsent] = []
        allowed_inputs: dict[tuple[object, ...], Allowed] = {}
        for c in claimed:
            # The claim returned the envelope, so its `next_run_at` has passed. If this worker's clock is behind, use
            # that time as now.
            if c.envelope.is_late(max(now, c.envelope.next_run_at or now)):
                settled_unsent.append((c, expired_settlement(c)))
                continue
            tool, tenant = tools.get(tool_key(c)), c.envelope.tenant_id
            inputs = _guardrail_inputs(c, tool, policies[tenant])
            if tool is None or inputs not in allowed_inputs:
                judgement, settlement = self._check(c, tool, policies[tenant], now, evidence)
                # Before a cached policy stops a call, the policy is read again, because it may be out of date, for
                # example if the tenant has just been resumed. A cached policy that allows a call is not read again.
                if settlement is not None and (
                    reread := await self.policies.reread_policy(tenant, if_read_before=started_at)
                ):
                    policies = {**policies, **reread}
                    evidence = {**evidence, **await self.policies.read_evidence([c], policies)}
                    judgement, settlement = self._check(c, tool, policies[tenant], now, evidence)
                if settlement is not None:
                    settled_unsent.append((c, settlement))
                    continue
                rows = verdict_rows(judgement.verdicts, policies[tenant].version)
                allowed_inputs[inputs] = rows, judgement.account, judgement.grant
            if tool is not None:  # always true here: an envelope without a tool is denied
                verdicts, account, grant = allowed_inputs[inputs]
                granted = None if grant is None else _granted_call(c, tool, account, grant)
                attempts.append(
                    Attempt(
                        claimed=c, tool=tool, verdicts=verdicts, worker_id=worker_id, account=account, grant=granted
                    )
                )  # fmt: skip

        decided = [(attempt.claimed, Decision.ALLOW) for attempt in attempts] + [
            (c, DECISION_BY_DISPOSITION[settlement.to])
            for c, settlement in settled_unsent
            if settlement.to in DECISION_BY_DISPOSITION
        ]
        shadowed = tuple(
            Judged(envelope=c.envelope, tool=tool, policy=policy, decision=decision, now=now, evidence=evidence)
            for c, decision in decided
            if (policy := policies[c.envelope.tenant_id]).shadow is not None
            and (tool := tools.get(tool_key(c))) is not None
            and tool.subscription_id is None
        )
        allowed: list[Attempt] = []
        for attempt, rate in await take_rate_tokens(self.backends.guardrails, attempts, policies, now):
            if rate is not None:
                policy = policies[attempt.claimed.envelope.tenant_id]
                judgement, settlement = self._check(attempt.claimed, attempt.tool, policy, now, evidence, rate=rate)
                if settlement is not None:
                    settled_unsent.append((attempt.claimed, settlement))
                    continue
                attempt.verdicts = verdict_rows(judgement.verdicts, policy.version)
            allowed.append(attempt)
        # A call with a grant is marked later, when it gets a slot: the use of the grant must be recorded first.
        starting = [attempt for attempt in starting_now(allowed) if attempt.grant is None]
        marked = await mark_sent(self.backends.outbox, starting)
        starting_set = set(starting)
        queued = [attempt for attempt in allowed if attempt not in starting_set]
        for attempt in queued:
            attempt.needs_sent_mark = not attempt.tool.idempotent
        return JudgedBatch(attempts=(*marked, *queued), settled_unsent=tuple(settled_unsent), shadowed=shadowed)

    def _check(
        self, claimed: ClaimedEnvelope, tool: Tool | None, policy: Policy, now: datetime,
        evidence: Mapping[EvidenceKey, StoredEvidence], *, rate: RateAnswer | None = None,
    ) -> tuple[Judgement, Settlement | None]:  # fmt: skip
        return check(claimed, tool, policy, now, approval_ttl=self.approval_ttl, rate=rate, evidence=evidence)


def check(
    claimed: ClaimedEnvelope,
    tool: Tool | None,
    policy: Policy,
    now: datetime,
    *,
    approval_ttl: timedelta,
    rate: RateAnswer | None = None,
    evidence: Mapping[EvidenceKey, StoredEvidence] = NO_EVIDENCE,
) -> tuple[Judgement, Settlement | None]:
    """The judgement of all guardrails, and the settlement if they do not allow the call; None: execute the call."""
    judgement = judge(claimed.envelope, tool, policy, now, rate=rate, evidence=evidence, check_arguments=rate is None)
    deciding = strictest(judgement.verdicts)
    if deciding.decision is Decision.ALLOW:
        return judgement, None

    to, fields = _disposition(deciding, claimed.envelope)
    reported = [deciding]
    if to is Disposition.AWAITING_APPROVAL:
        fields = {
            "digest": call_digest(claimed.envelope, tool, judgement.account),
            "expires_at": earlier_of_deadline(now + approval_ttl, claimed.envelope),
        }
        # One approval is enough for all guardrails that need one, so the approver must read the reasons of all.
        reported = [v for v in judgement.verdicts if v.decision is deciding.decision]
    return judgement, Settlement(
        lease=claimed.lease,
        envelope_id=claimed.envelope.id,
        to=to,
        reason=" ".join(f"{v.guardrail}: {v.reason}" for v in reported),
        verdicts=verdict_rows(judgement.verdicts, policy.version),
        **fields,
    )


def verdict_rows(verdicts: Iterable[Verdict], version: int) -> tuple[dict[str, Any], ...]:
    """Verdicts in the form in which an envelope stores them, each with the version of the guardrails behind it."""
    return tuple(
        {
            "guardrail": v.guardrail,
            "decision": v.decision.value,
            "reason": v.reason,
            "version": version,
            **({} if v.until is None else {"until": v.until.isoformat()}),
        }
        for v in verdicts
    )


def _disposition(deciding: Verdict, envelope: Envelope) -> tuple[Disposition, dict[str, Any]]:
    """The disposition of the envelope by the deciding verdict, and the fields of the settlement for it."""
    match deciding.decision:
        case Decision.HOLD:
            repeat = deciding.guardrail == _last_holding_guardrail(envelope.verdicts)
            until = None if deciding.until is None else earlier_of_deadline(deciding.until, envelope)
            return Disposition.HOLD, {"next_run_at": until, "repeat": repeat}
        case Decision.NEEDS_APPROVAL:
            return Disposition.AWAITING_APPROVAL, {}
        case _:
            return Disposition.DENIED, {}


def _last_holding_guardrail(verdicts: Iterable[Mapping[str, Any]]) -> object:
    """The guardrail that decided: the one with the longest hold in these stored verdicts. None if there is no hold."""
    holds = [v for v in verdicts if v.get("decision") == Decision.HOLD]
    return max(holds, key=lambda v: datetime.fromisoformat(v["until"]), default={}).get("guardrail")


def _granted_call(claimed: ClaimedEnvelope, tool: Tool, account: Account | None, grant: Grant) -> GrantedCall:
    return GrantedCall(claimed=claimed, grant_id=grant.id, digest=call_digest(claimed.envelope, tool, account))


def _guardrail_inputs(claimed: ClaimedEnvelope, tool: Tool | None, policy: Policy) -> tuple[object, ...]:
    """Everything the guardrails read of an envelope: in one batch, envelopes with equal inputs get equal verdicts.

    The inputs of an approved envelope include its id, because an approval is for one envelope only.
    """
    envelope = claimed.envelope
    approved = None if envelope.approved_digest is None else envelope.id
    are_read = policy.settings.approval_rules or policy.grants or (tool is not None and tool.schema)
    return (
        tool_key(claimed),
        envelope.connected_account_id,
        envelope.proposed_by,
        approved,
        repr(envelope.trust_context),
        envelope.risk,
        repr(envelope.arguments) if are_read else None,
    )
