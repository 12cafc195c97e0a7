"""Judge what was claimed: which attempts may be made now, and what becomes of the other envelopes."""

import asyncio
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from services.accounts import Account
from services.approvals.digest import call_digest
from services.backends import Backends
from services.catalog import Tool, ToolKey
from services.clock import Clock
from services.envelope import Envelope, Risk
from services.errors import ControlPlaneError
from services.evidence import EvidenceKey, Found
from services.guardrails import Decision, Policy, Verdict
from services.guardrails.judge import NONE_FOUND, Judgement, RateReading, judge, strictest
from services.outbox import Claimed, Disposition, Settlement
from worker.attempts import Attempt
from worker.backoff import RetryRule
from worker.policies import Policies
from worker.rates import draw
from worker.sent_notes import mark_sent
from worker.settle import before_deadline, expired, lost, released, settle

Instead = tuple[Claimed, Settlement]
"""An envelope that is not executed now, and what becomes of it."""
Said = tuple[Mapping[str, object], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What one claim brought."""

    attempts: tuple[Attempt, ...] = ()
    instead: tuple[Instead, ...] = ()
    unread: str | None = None
    """Why everything was given back unjudged: the database would not answer."""


@dataclass(slots=True, kw_only=True)
class Checker:
    """Judges for one worker."""

    backends: Backends
    policies: Policies
    approval_ttl: timedelta
    rules: Mapping[Risk, RetryRule]
    clock: Clock

    async def judge(self, claimed: Sequence[Claimed], worker_id: str, *, room: int) -> Batch:
        """Guardrails, rate tokens, and the note of the `room` calls that are about to leave, in that order.

        Where the database goes away in between, what was claimed afresh is given back: nothing of it has left yet. Lost
        ones may have left in other hands, so they are settled come what may.
        """
        ended = tuple((c, settle(c, None, lost(c), rules=self.rules, now=self.clock())) for c in claimed if c.lost)
        fresh = [c for c in claimed if not c.lost]
        try:
            batch = await self._judge(fresh, worker_id, room)
        except ControlPlaneError as exc:
            batch = Batch(instead=tuple((c, released(c)) for c in fresh), unread=str(exc))
        return replace(batch, instead=(*ended, *batch.instead))

    async def _judge(self, claimed: Sequence[Claimed], worker_id: str, room: int) -> Batch:
        asked_at = time.monotonic()
        tenants, keys = {c.envelope.tenant_id for c in claimed}, {_key(c) for c in claimed}
        policies, tools = await asyncio.gather(  # neither waits for the other's answer
            self.policies.read(tenants), self.policies.read_tools(keys)
        )
        evidence = await self.policies.read_evidence(claimed, policies)
        now = self.clock()
        attempts: list[Attempt] = []
        instead: list[Instead] = []
        let_through: dict[tuple[object, ...], tuple[Said, Account | None]] = {}
        for c in claimed:
            # What is due at its deadline is late by the database's clock, should ours be behind.
            if c.envelope.is_late(max(now, c.envelope.next_run_at or now)):
                instead.append((c, expired(c)))
                continue
            tool, tenant, alike = tools.get(_key(c)), c.envelope.tenant_id, _judged_by(c)
            if tool is None or alike not in let_through:
                judgement, settlement = self._check(c, tool, policies[tenant], now, evidence)
                # A kept policy may let a call through that second, never hold one: a pause may just have been lifted.
                if settlement is not None and (again := await self.policies.read_again(tenant, if_before=asked_at)):
                    policies = {**policies, **again}
                    evidence = {**evidence, **await self.policies.read_evidence([c], policies)}
                    judgement, settlement = self._check(c, tool, policies[tenant], now, evidence)
                if settlement is not None:
                    instead.append((c, settlement))
                    continue
                let_through[alike] = verdict_rows(judgement.verdicts), judgement.account
            if tool is not None:  # without one it was denied
                said, account = let_through[alike]
                attempts.append(Attempt(claimed=c, tool=tool, said=said, worker_id=worker_id, account=account))

        allowed: list[Attempt] = []
        for attempt, reading in await draw(self.backends.guardrails, attempts, policies, now):
            if reading is not None:
                policy = policies[attempt.claimed.envelope.tenant_id]
                judgement, settlement = self._check(attempt.claimed, attempt.tool, policy, now, evidence, rate=reading)
                if settlement is not None:
                    instead.append((attempt.claimed, settlement))
                    continue
                attempt.said = verdict_rows(judgement.verdicts)
            allowed.append(attempt)
        leaving = await mark_sent(self.backends.outbox, allowed[:room])
        for attempt in allowed[room:]:
            attempt.noted = attempt.tool.idempotent
        return Batch(attempts=(*leaving, *allowed[room:]), instead=tuple(instead))

    def _check(
        self, claimed: Claimed, tool: Tool | None, policy: Policy, now: datetime,
        evidence: Mapping[EvidenceKey, Found], *, rate: RateReading | None = None,
    ) -> tuple[Judgement, Settlement | None]:  # fmt: skip
        return check(claimed, tool, policy, now, approval_ttl=self.approval_ttl, rate=rate, evidence=evidence)


def check(
    claimed: Claimed,
    tool: Tool | None,
    policy: Policy,
    now: datetime,
    *,
    approval_ttl: timedelta,
    rate: RateReading | None = None,
    evidence: Mapping[EvidenceKey, Found] = NONE_FOUND,
) -> tuple[Judgement, Settlement | None]:
    """What every guardrail says, and where the envelope goes if not to its tool (None: execute it)."""
    judgement = judge(claimed.envelope, tool, policy, now, rate=rate, evidence=evidence)
    deciding = strictest(judgement.verdicts)
    if deciding.decision is Decision.ALLOW:
        return judgement, None

    to, extra = _where(deciding, claimed.envelope)
    if to is Disposition.AWAITING_APPROVAL:
        extra = {
            "digest": call_digest(claimed.envelope, tool, judgement.account),
            "expires_at": before_deadline(now + approval_ttl, claimed.envelope),
        }
    # Who approves answers every guardrail that wants a person's word, so they read all of them.
    telling = [v for v in judgement.verdicts if v.decision is deciding.decision] if "digest" in extra else [deciding]
    return judgement, Settlement(
        lease=claimed.lease,
        envelope_id=claimed.envelope.id,
        to=to,
        reason=" ".join(f"{v.guardrail}: {v.reason}" for v in telling),
        verdicts=verdict_rows(judgement.verdicts),
        **extra,
    )


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


def _key(claimed: Claimed) -> ToolKey:
    envelope = claimed.envelope
    return ToolKey(envelope.tenant_id, envelope.tool_slug, envelope.tool_version)


def _judged_by(claimed: Claimed) -> tuple[object, ...]:
    """All that guardrails look at in an envelope: in one batch, at one moment, two that agree in it are judged alike.

    An approval is for one envelope alone.
    """
    envelope = claimed.envelope
    approved = None if envelope.approved_digest is None else envelope.id
    return _key(claimed), envelope.connected_account_id, approved, repr(envelope.trust_context)
