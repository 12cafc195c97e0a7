"""Take work: claim due envelopes, judge each, and say which may be executed now and what becomes of the others."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from services.accounts import reference_of
from services.backends import Backends
from services.catalog import Tool, ToolKey
from services.clock import Clock
from services.envelope import Risk
from services.errors import ControlPlaneError
from services.evidence import EvidenceKey, Found
from services.guardrails import Policy, RateAsk, RateGrant
from services.guardrails.account import account_for
from services.guardrails.evidence import named_evidence
from services.guardrails.judge import RateReading
from services.guardrails.rate import bucket_of, rate_ask
from services.guardrails.recheck import RECHECK_AFTER
from services.outbox import Claimed, Settlement
from worker.backoff import RetryRule
from worker.check import check, expired, verdict_rows
from worker.settle import lost, released, settle


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """An envelope the guardrails let through: execute it now."""

    claimed: Claimed
    tool: Tool
    said: tuple[Mapping[str, object], ...]
    """What the guardrails said, as it is kept on the envelope; envelopes that are alike share it."""
    worker_id: str
    """The name under which it was claimed: the only one that may note and settle it."""
    account_reference: str | None = None
    """What the tool's provider calls the account that the guardrails judged."""
    noted: bool = True
    """False while its call may not leave yet: it waits for a slot, and is to be noted by `Claimer.mark_sent` first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What one claim brought."""

    claimed: tuple[Claimed, ...] = ()
    jobs: tuple[Job, ...] = ()
    settlements: tuple[Settlement, ...] = ()
    """Of those that are not to be executed now."""
    unread: str | None = None
    """Why everything was given back unjudged: the database would not answer."""


@dataclass(slots=True, kw_only=True)
class Claimer:
    """Claims and judges for one worker."""

    backends: Backends
    worker_id: str
    lease_for: timedelta
    policy_max_age: timedelta
    approval_ttl: timedelta
    rules: Mapping[Risk, RetryRule]
    clock: Clock
    _claim_id: UUID = field(default_factory=uuid4)
    _policies: dict[UUID, tuple[float, Policy]] = field(default_factory=dict)
    _tools: dict[ToolKey, tuple[float, Tool]] = field(default_factory=dict)
    _holds: dict[RateAsk, datetime] = field(default_factory=dict)
    """Buckets that tools want to be left alone, not yet told to the database."""

    async def claim(self, *, limit: int, tenant: UUID | None) -> tuple[Claimed, ...]:
        """Lease up to `limit` due envelopes; lost ones come on top.

        After NotReady, call it again: what it may have leased already is in that answer.
        """
        claimed = await self.backends.outbox.claim(
            self.worker_id, limit=limit, lease_for=self.lease_for, tenant=tenant, claim_id=self._claim_id
        )
        self._claim_id = uuid4()
        return tuple(claimed)

    async def judge(self, claimed: Sequence[Claimed], *, room: int) -> Batch:
        """Guardrails, rate tokens, and the note of the `room` calls that are about to leave, in that order.

        Where the database goes away in between, what was claimed afresh is given back: nothing of it has left yet. Lost
        ones may have left in other hands, so they are settled come what may.
        """
        ended = tuple(settle(c, None, lost(c), rules=self.rules, now=self.clock()) for c in claimed if c.lost)
        fresh = [c for c in claimed if not c.lost]
        try:
            batch = await self._judge(fresh, room)
        except ControlPlaneError as exc:
            batch = Batch(settlements=tuple(released(c) for c in fresh), unread=str(exc))
        return replace(batch, claimed=tuple(claimed), settlements=(*ended, *batch.settlements))

    async def _judge(self, claimed: Sequence[Claimed], room: int) -> Batch:
        asked_at = time.monotonic()
        policies, tools = await asyncio.gather(  # neither waits for the other's answer
            self._read_policies({c.envelope.tenant_id for c in claimed}), self._read_tools({_key(c) for c in claimed})
        )
        evidence = await self._read_evidence(claimed, policies)
        now = self.clock()
        jobs: list[Job] = []
        settlements: list[Settlement] = []
        let_through: dict[tuple[object, ...], tuple[Mapping[str, object], ...]] = {}
        for c in claimed:
            # What is due at its deadline is late by the database's clock, should ours be behind.
            if c.envelope.is_late(max(now, c.envelope.next_run_at or now)):
                settlements.append(expired(c))
                continue
            tool, tenant, alike = tools.get(_key(c)), c.envelope.tenant_id, _judged_by(c)
            if tool is not None and alike in let_through:
                jobs.append(self._job(c, tool, let_through[alike], policies[tenant]))
                continue
            verdicts, instead = check(c, tool, policies[tenant], now, approval_ttl=self.approval_ttl, evidence=evidence)
            if instead is not None and self._policies[tenant][0] < asked_at:
                # A kept policy may let a call through that second, never hold one: a pause may just have been lifted.
                del self._policies[tenant]
                policies = {**policies, **await self._read_policies({tenant})}
                evidence = {**evidence, **await self._read_evidence([c], policies)}
                verdicts, instead = check(
                    c, tool, policies[tenant], now, approval_ttl=self.approval_ttl, evidence=evidence
                )
            if instead is None and tool is not None:
                said = let_through[alike] = verdict_rows(verdicts)
                jobs.append(self._job(c, tool, said, policies[tenant]))
            elif instead is not None:
                settlements.append(instead)

        jobs, held = await self._within_rate(jobs, policies, evidence, now)
        leaving = await self.mark_sent(jobs[:room])
        waiting = [job if job.tool.idempotent else replace(job, noted=False) for job in jobs[room:]]
        return Batch(jobs=(*leaving, *waiting), settlements=(*settlements, *held))

    async def mark_sent(self, jobs: Sequence[Job]) -> list[Job]:
        """Note which calls are about to leave to tools that do not honour the key.

        Returned are those that may; with `noted` false, those that are busy and may not yet; and not those whose
        lease is lost.
        """
        once: defaultdict[str, list[Claimed]] = defaultdict(list)
        for job in jobs:
            if not job.tool.idempotent:
                once[job.worker_id].append(job.claimed)
        if not once:
            return list(jobs)
        marked = {
            worker_id: await self.backends.outbox.mark_sent(worker_id, calls) for worker_id, calls in once.items()
        }
        return [
            job if job.tool.idempotent else replace(job, noted=job.claimed.envelope.key in marked[job.worker_id].may_go)
            for job in jobs
            if job.tool.idempotent
            or job.claimed.envelope.key in marked[job.worker_id].may_go | marked[job.worker_id].busy
        ]

    def hold(self, job: Job, until: datetime) -> None:
        """The tool asked to be left alone until then: so are all who draw on the same bucket, once it is told of."""
        policy = self._policies.get(job.claimed.envelope.tenant_id)
        if policy is None:
            return
        bucket = _bucket(job, policy[1])
        ask = None if bucket is None else rate_ask(bucket, job.tool.rate_bucket, policy[1].settings, 1)
        if ask is not None:
            self._holds[ask] = max(until, self._holds.get(ask, until))

    async def tell_holds(self) -> None:
        """Raises what the database raises; what could not be told is told next time."""
        while self._holds:
            ask, until = next(iter(self._holds.items()))
            await self.backends.guardrails.hold_bucket(ask, until=until)
            if self._holds.get(ask) == until:
                del self._holds[ask]

    async def _within_rate(
        self,
        jobs: Sequence[Job],
        policies: Mapping[UUID, Policy],
        evidence: Mapping[EvidenceKey, Found],
        now: datetime,
    ) -> tuple[list[Job], list[Settlement]]:
        drawing: defaultdict[tuple[UUID, str], list[Job]] = defaultdict(list)
        through: list[Job] = []
        for job in jobs:
            tenant = job.claimed.envelope.tenant_id
            bucket = _bucket(job, policies[tenant])
            if bucket is None:
                through.append(job)
            else:
                drawing[tenant, bucket].append(job)
        if not drawing:
            return through, []

        asks = [
            ask for (tenant, bucket), drawn in drawing.items()
            if (ask := rate_ask(bucket, drawn[0].tool.rate_bucket, policies[tenant].settings, len(drawn))) is not None
        ]  # fmt: skip
        grants = await self.backends.guardrails.take_rate_tokens(asks) if asks else {}
        held: list[Settlement] = []
        per_seconds = {(ask.tenant_id, ask.bucket): ask.per_seconds / ask.capacity for ask in asks}
        for key, drawn in drawing.items():
            readings = _readings(len(drawn), grants.get(key), per_seconds.get(key, 0.0), now)
            for job, reading in zip(drawn, readings, strict=True):
                verdicts, instead = check(
                    job.claimed, job.tool, policies[key[0]], now, approval_ttl=self.approval_ttl, rate=reading,
                    evidence=evidence,
                )  # fmt: skip
                if instead is None:
                    through.append(replace(job, said=verdict_rows(verdicts)))
                else:
                    held.append(instead)
        return through, held

    def _job(self, claimed: Claimed, tool: Tool, said: tuple[Mapping[str, object], ...], policy: Policy) -> Job:
        job = Job(claimed=claimed, tool=tool, said=said, worker_id=self.worker_id)
        if tool.provider != "composio":  # nobody else keeps accounts
            return job
        return replace(job, account_reference=reference_of(account_for(claimed.envelope, tool, policy)))

    async def _read_policies(self, tenants: Iterable[UUID]) -> dict[UUID, Policy]:
        fresh_since = time.monotonic() - self.policy_max_age.total_seconds()
        stale = [t for t in tenants if t not in self._policies or self._policies[t][0] <= fresh_since]
        if stale:
            read_at = time.monotonic()
            read = await self.backends.guardrails.policies(stale)
            self._policies = {t: kept for t, kept in self._policies.items() if kept[0] > fresh_since}
            self._policies.update({tenant: (read_at, policy) for tenant, policy in read.items()})
        return {tenant: policy for tenant, (_, policy) in self._policies.items()}

    async def _read_evidence(
        self, claimed: Sequence[Claimed], policies: Mapping[UUID, Policy]
    ) -> dict[EvidenceKey, Found]:
        """Always as it is now; nothing is asked where no tenant wants evidence."""
        wanted = {
            key
            for c in claimed
            if policies[c.envelope.tenant_id].settings.require_evidence
            for key in named_evidence(c.envelope)
        }
        return await self.backends.evidence.find(wanted) if wanted else {}

    async def _read_tools(self, keys: Iterable[ToolKey]) -> dict[ToolKey, Tool]:
        fresh_since = time.monotonic() - self.policy_max_age.total_seconds()
        stale = [k for k in keys if k not in self._tools or self._tools[k][0] <= fresh_since]
        if stale:
            read_at = time.monotonic()
            read = await self.backends.catalog.find(stale)
            self._tools = {k: kept for k, kept in self._tools.items() if kept[0] > fresh_since}
            self._tools.update({key: (read_at, tool) for key, tool in read.items()})
        return {key: tool for key, (_, tool) in self._tools.items()}


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


def _bucket(job: Job, policy: Policy) -> str | None:
    if job.tool.rate_bucket is None:
        return None
    named = job.claimed.envelope.connected_account_id
    account = None if named is not None else account_for(job.claimed.envelope, job.tool, policy)
    return bucket_of(job.tool, policy.settings, named if account is None else account.id)


def _readings(wanted: int, grant: RateGrant | None, seconds_per_token: float, now: datetime) -> list[RateReading]:
    """One reading per call; those without a token are told the moments at which the next ones are there."""
    if grant is None:
        return [RateReading(granted=False, free_at=now + RECHECK_AFTER)] * wanted
    first = grant.free_at or now
    waiting = range(wanted - grant.granted)
    return [RateReading(granted=True, free_at=None)] * grant.granted + [
        RateReading(granted=False, free_at=first + timedelta(seconds=seconds_per_token) * place) for place in waiting
    ]
