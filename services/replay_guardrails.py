"""Judge the envelopes of the last days by other guardrails, and compare with what people decided. Changes nothing."""

import re
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson

from services.backends import Backends
from services.catalog import Tool, ToolKey
from services.envelope import Envelope, Risk, highest_risk
from services.errors import NotFound
from services.evidence import EvidenceKey, StoredEvidence
from services.guardrails import Decision, GuardrailSettings, Policy
from services.guardrails.account import account_for
from services.guardrails.approval_rules import judge_rules, named_arguments, two_people_for
from services.guardrails.evidence import cited_evidence, judge_evidence
from services.guardrails.judge import strictest
from services.guardrails.quiet_hours import judge_quiet_hours
from services.guardrails.rate import bucket_of, rate_request
from services.guardrails.scopes import judge_allowed_scopes
from services.guardrails.trust import judge_trust
from services.guardrails.validate import parse_settings
from services.outbox import PageEnd
from services.outbox.cases import Case
from services.subscriptions import TOOL_PREFIX

ANY_TIME = datetime.min.replace(tzinfo=UTC)
"""The time of cases for which the time does not matter."""
PAGE_SIZE = 100_000
PAGE_WITH_EVIDENCE = 5_000
"""Envelopes per page if evidence is required: the answer then contains the evidence that each envelope cites."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """The candidate's decisions about the envelopes that have been judged so far, compared with those of people."""

    since: datetime
    until: datetime
    judged_until: datetime
    """All envelopes proposed up to this time have been judged, except dead letters."""
    is_done: bool
    envelopes: int
    cases: int
    """How many different cases the envelopes have. Each case was judged once."""
    asked: int
    """For how many envelopes a person was asked."""
    would_ask: int
    would_hold: int
    """Envelopes that quiet hours or rate limits would have delayed. Rate limits are applied at the end of the
    replay."""
    would_deny: int
    newly_asked: int
    """How many of the `would_ask` envelopes were decided without a person at the time."""
    rejected_let_through: int
    """Envelopes that people rejected and the candidate would have allowed."""
    approved_unasked: int
    """Envelopes that people approved and the candidate would have allowed without asking."""
    not_judged: int
    """How many envelopes were not judged, because their tool is no longer in the catalog."""

    @property
    def fewer_asked(self) -> float | None:
        """The share of approval requests that the candidate saves; negative if it asks more, None without requests."""
        return None if self.asked == 0 else 1 - self.would_ask / self.asked

    def summarize(self) -> str:
        """The result of the replay in one sentence."""
        requests = f"would have asked {self.would_ask:,} times instead of {self.asked:,}"
        if self.fewer_asked is not None:
            change = round(abs(self.fewer_asked) * 100)
            requests = f"would have asked {change} % {'fewer' if self.fewer_asked >= 0 else 'more'}"
            requests += f" ({self.would_ask:,} instead of {self.asked:,})"
        rejected = (
            f"{self.rejected_let_through:,} that you rejected"
            if self.rejected_let_through
            else "none that you rejected"
        )
        return (
            f"{self.envelopes:,} envelopes: {requests}, allowed {rejected}, held {self.would_hold:,} and denied"
            f" {self.would_deny:,}"
        )


async def replay_guardrails(
    backends: Backends, tenant: UUID, changes: Mapping[str, Any], *, since: datetime, until: datetime
) -> AsyncIterator[Replay]:
    """Replay the envelopes proposed from `since` to `until`. The candidate is the tenant's guardrails with `changes`.
    Yields the result so far after each page.

    The candidate judges scopes, evidence, trust, approval rules, quiet hours and rate limits, with the current tools
    and accounts. The time of a proposal counts as the time of its call. If a person was asked for a reason other than
    the trust score or a rule, the candidate asks too. The replay allows a call that a grant allowed, unless the
    candidate demands two people for it. Raises NotFound, InvalidInput.
    """
    policies = await backends.guardrails.policies([tenant])
    if tenant not in policies:
        raise NotFound("tenant", tenant)
    document = policies[tenant].settings.document
    # `guardrails show` prints this field, which is not part of the settings
    changes = {name: value for name, value in changes.items() if name != "tenant_id"}
    state = _ReplayState(backends, parse_settings(tenant, {**document, **changes}), policies[tenant])
    limit = PAGE_WITH_EVIDENCE if state.candidate.require_evidence or state.argument_names else PAGE_SIZE
    judged_until = since
    for dead in (False, True):
        after: PageEnd | None = None
        while True:
            page = await backends.outbox.count_cases(
                tenant, since=since, until=until, after=after, limit=limit, dead=dead,
                with_evidence=state.candidate.require_evidence,
                every=state.time_precision, threshold=state.candidate.trust_threshold,
                argument_names=state.argument_names,
            )  # fmt: skip
            # Guardrails judge the calls of agents, and deliveries of events are not such calls.
            await state.add(tuple(c for c in page.cases if not c.tool_slug.startswith(TOOL_PREFIX)))
            after = page.end
            judged_until = until if after is None or dead else after[0]
            if page.envelopes < limit:
                break
            yield state.report(since, until, judged_until, is_done=False)
    state.hold_by_rate()
    yield state.report(since, until, until, is_done=True)


@dataclass(slots=True)
class _ReplayState:
    """The candidate's decisions about distinct cases, and how many envelopes each case has."""

    backends: Backends
    candidate: GuardrailSettings
    policy: Policy
    """The current policy of the tenant, for its accounts."""
    count: Counter[str] = field(default_factory=Counter)
    tools: dict[tuple[str, str | None], Tool | None] = field(default_factory=dict)
    decisions: dict[tuple[object, ...], Decision] = field(default_factory=dict)
    quiet: dict[datetime | None, bool] = field(default_factory=dict)
    calls: dict[tuple[str, str], Counter[datetime]] = field(default_factory=lambda: defaultdict(Counter))
    """How many calls the candidate allows in each minute, by bucket and the name of its limit."""

    @property
    def time_precision(self) -> timedelta | None:
        """How precisely the times of proposals must be known; None if the candidate does not depend on these times."""
        settings = self.candidate
        if settings.rate_limits or (settings.require_evidence and settings.evidence_max_age is not None):
            return timedelta(minutes=1)
        if not settings.quiet_hours:
            return None
        minutes = re.findall(rb'"\d{1,2}:(\d\d)"', orjson.dumps(settings.quiet_hours))
        # quiet hours begin and end at whole minutes; the offsets of time zones are multiples of 15 minutes
        return timedelta(minutes=15 if all(int(minute) % 15 == 0 for minute in minutes) else 1)

    @property
    def argument_names(self) -> list[str]:
        """The arguments that the candidate's approval rules read."""
        return named_arguments(self.candidate)

    async def add(self, cases: tuple[Case, ...]) -> None:
        """Judge the cases of a page."""
        await self._find_tools(cases)
        evidence = await self._find_evidence(cases)
        for case in cases:
            self._add_judged_case(case, evidence)

    async def _find_tools(self, cases: tuple[Case, ...]) -> None:
        tenant = self.candidate.tenant_id
        missing = {case[:2] for case in cases} - self.tools.keys()
        found = await self.backends.catalog.find([ToolKey(tenant, *key) for key in missing]) if missing else {}
        self.tools.update({key: found.get(ToolKey(tenant, *key)) for key in missing})

    async def _find_evidence(self, cases: tuple[Case, ...]) -> Mapping[EvidenceKey, StoredEvidence]:
        if not self.candidate.require_evidence:
            return {}
        keys = {key for case in cases for key in cited_evidence(self._envelope_of_case(case))}
        return await self.backends.evidence.find(keys) if keys else {}

    def _add_judged_case(self, case: Case, evidence: Mapping[EvidenceKey, StoredEvidence]) -> None:
        tool, envelopes, count = self.tools[case[:2]], case.envelopes, self.count
        count["envelopes"] += envelopes
        if case.decision is not None:
            count["asked"] += envelopes
        if tool is None:
            count["not_judged"] += envelopes
            return
        decision = self._decide(case, tool, evidence)
        if case.decision is not None and not case.for_settings and decision is not Decision.DENY:
            decision = Decision.NEEDS_APPROVAL
        elif decision is Decision.NEEDS_APPROVAL and case.granted and not self._needs_two(case, tool):
            decision = Decision.ALLOW
        match decision:
            case Decision.DENY:
                count["would_deny"] += envelopes
            case Decision.NEEDS_APPROVAL:
                count["would_ask"] += envelopes
                if case.decision is None:
                    count["newly_asked"] += envelopes
            case _:
                if case.decision in {"rejected", "approved"}:
                    count[case.decision] += envelopes
                if decision is Decision.HOLD or self._is_quiet(case.minute):
                    count["would_hold"] += envelopes
                elif bucket := bucket_of(tool, self.candidate, case.connected_account_id):
                    self.calls[bucket, tool.rate_bucket or ""][case.minute or ANY_TIME] += envelopes

    def _needs_two(self, case: Case, tool: Tool) -> bool:
        """Whether the candidate demands two people for the case, so that no grant can replace the approval."""
        return two_people_for(highest_risk(Risk(case.risk), tool.risk), self.candidate) is not False

    def _decide(self, case: Case, tool: Tool, evidence: Mapping[EvidenceKey, StoredEvidence]) -> Decision:
        """The candidate's decision, without regard to quiet hours and rate limits."""
        key: tuple[object, ...] = case[:4]
        if self.candidate.approval_rules:
            key = *key, case.risk, orjson.dumps(case.arguments)
        if self.candidate.require_evidence:
            key = *key, case.minute, orjson.dumps(case.evidence)
        if key not in self.decisions:
            now, envelope = case.minute or ANY_TIME, self._envelope_of_case(case)
            self.decisions[key] = strictest(
                (
                    judge_allowed_scopes(tool, self.candidate, now),
                    judge_evidence(envelope, self.candidate, evidence, now),
                    judge_trust(envelope, self.candidate),
                    judge_rules(envelope, self.candidate, tool, account_for(envelope, tool, self.policy)),
                )
            ).decision
        return self.decisions[key]

    def _is_quiet(self, minute: datetime | None) -> bool:
        if minute not in self.quiet:
            self.quiet[minute] = (
                minute is not None and judge_quiet_hours(self.candidate, minute).decision is Decision.HOLD
            )
        return self.quiet[minute]

    def _envelope_of_case(self, case: Case) -> Envelope:
        return Envelope(
            id=UUID(int=0),
            tenant_id=self.candidate.tenant_id,
            tool_slug=case.tool_slug,
            external_id="replayed",
            arguments=case.arguments,
            connected_account_id=case.connected_account_id,
            risk=Risk(case.risk),
            trust_context={"score": case.score or 0, "evidence": case.evidence},
            created_at=ANY_TIME,
            updated_at=ANY_TIME,
        )

    def hold_by_rate(self) -> None:
        """Apply the rate buckets to the allowed calls, minute by minute.

        A call that must wait counts once as held.
        """
        for (bucket, limit_name), calls in self.calls.items():
            request = rate_request(bucket, limit_name, self.candidate, 1)
            if request is None:
                continue
            tokens, waiting, before = float(request.capacity), 0.0, min(calls)
            for minute, arrived in sorted(calls.items()):
                refilled = (minute - before).total_seconds() * request.capacity / request.per_seconds
                served = min(waiting, tokens + refilled)
                waiting -= served
                tokens = min(request.capacity, tokens + refilled - served)
                allowed_now = min(arrived, int(tokens)) if waiting < 1 else 0
                tokens -= allowed_now
                waiting += arrived - allowed_now
                self.count["would_hold"] += arrived - allowed_now
                before = minute

    def report(self, since: datetime, until: datetime, judged_until: datetime, *, is_done: bool) -> Replay:
        count = self.count
        return Replay(
            since=since,
            until=until,
            judged_until=judged_until,
            is_done=is_done,
            envelopes=count["envelopes"],
            cases=len(self.decisions),
            asked=count["asked"],
            would_ask=count["would_ask"],
            would_hold=count["would_hold"],
            would_deny=count["would_deny"],
            newly_asked=count["newly_asked"],
            rejected_let_through=count["rejected"],
            approved_unasked=count["approved"],
            not_judged=count["not_judged"],
        )
