"""Shadow runs: one at a time, with an end and a limit; each envelope counts once, and nothing else changes."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.audit_log import AuditLogger
from services.backends import Backends
from services.errors import InvalidInput, NotFound, StateConflict
from services.guardrails import GuardrailSettings, Shadow
from services.shadow_runs import ShadowRun, ShadowVerdict, VerdictCount
from services.start_shadow import start_shadow
from tests.builders import HOUR, NOW, operator
from tests.clock import FakeClock

OLGA = operator("olga")
CANDIDATE: dict[str, Any] = {"trust_threshold": 0.9, "approval_rules": {"require": [{"tools": "SLACK__*"}]}}


async def start(backends: Backends, tenant: UUID, **overrides: Any) -> ShadowRun:
    fields: dict[str, Any] = {
        "candidate": CANDIDATE, "lasts_for": HOUR, "max_envelopes": 3, "actor": OLGA, **overrides,
    }  # fmt: skip
    return await backends.shadow_runs.start(tenant, uuid4(), **fields)


def verdict(run: ShadowRun, decision: str = "allow", candidate: str = "needs_approval") -> ShadowVerdict:
    return ShadowVerdict(
        tenant_id=run.tenant_id, run_id=run.id, envelope_id=uuid4(), decision=decision, candidate_decision=candidate,
        candidate_reason="trust: too low",
    )  # fmt: skip


async def test_a_run_is_kept_and_part_of_the_policy_while_it_goes_on(
    backends: Backends, audit_log: AuditLogger, tenant: UUID, other_tenant: UUID, clock: FakeClock
) -> None:
    run = await start(backends, tenant)
    assert run == ShadowRun(
        tenant_id=tenant, id=run.id, candidate=CANDIDATE, started_at=NOW, started_by="olga", ends_at=NOW + HOUR,
        max_envelopes=3,
    )  # fmt: skip
    assert await backends.shadow_runs.list_runs(tenant) == [run]
    assert await backends.shadow_runs.list_runs(other_tenant) == []
    policy = (await backends.guardrails.policies([tenant]))[tenant]
    assert policy.shadow == Shadow(run_id=run.id, settings=GuardrailSettings(tenant_id=tenant, **CANDIDATE))
    assert policy.settings == GuardrailSettings(tenant_id=tenant)
    [row] = [row for row in await audit_log.tail(tenant, limit=9) if row.entry.category == "shadow.started"]
    assert (row.entry.payload["run_id"], row.entry.payload["max_envelopes"]) == (str(run.id), 3)
    clock.advance(hours=1)
    assert (await backends.guardrails.policies([tenant]))[tenant].shadow is None


async def test_verdicts_count_once_per_envelope_up_to_the_limit_and_sum_up(backends: Backends, tenant: UUID) -> None:
    run = await start(backends, tenant)
    same, other = verdict(run), verdict(run, "needs_approval", "needs_approval")
    assert await backends.shadow_runs.record([same, same]) == frozenset()
    await backends.shadow_runs.record([replace(same, candidate_decision="deny"), other])
    [found] = await backends.shadow_runs.list_runs(tenant)
    assert (found.envelopes, found.verdicts) == (
        2, (VerdictCount("allow", "needs_approval", 1), VerdictCount("needs_approval", "needs_approval", 1)),
    )  # fmt: skip
    assert found.summarize() == (
        "2 envelopes: would have asked 2, allowed 0, held 0 and denied 0; differs from the guardrails in use for 1"
    )
    assert await backends.shadow_runs.list_differences(tenant, run.id) == [same]

    await backends.shadow_runs.record([verdict(run) for _ in range(3)])
    [full] = await backends.shadow_runs.list_runs(tenant)
    assert full.envelopes == 3
    assert (await backends.guardrails.policies([tenant]))[tenant].shadow is None


async def test_a_stopped_or_ended_run_records_nothing(
    backends: Backends, audit_log: AuditLogger, tenant: UUID, clock: FakeClock
) -> None:
    stopped = await start(backends, tenant)
    for _ in range(2):
        await backends.shadow_runs.stop(tenant, stopped.id, actor=OLGA)
    ended = await start(backends, tenant)
    clock.advance(hours=1)
    await backends.shadow_runs.record([verdict(stopped), verdict(ended)])
    assert [run.envelopes for run in await backends.shadow_runs.list_runs(tenant)] == [0, 0]
    categories = [row.entry.category for row in await audit_log.tail(tenant, limit=9)]
    assert categories.count("shadow.stopped") == 1


async def test_a_tenant_has_one_run_at_a_time(backends: Backends, tenant: UUID, other_tenant: UUID) -> None:
    run = await start(backends, tenant)
    with pytest.raises(StateConflict, match="another run has not ended"):
        await start(backends, tenant)
    await start(backends, other_tenant)
    with pytest.raises(NotFound):
        await backends.shadow_runs.stop(other_tenant, run.id, actor=OLGA)
    with pytest.raises(NotFound):
        await start(backends, uuid4())


async def test_runs_that_ended_long_ago_are_forgotten_with_their_verdicts(
    backends: Backends, tenant: UUID, clock: FakeClock
) -> None:
    stopped = await start(backends, tenant)
    await backends.shadow_runs.record([verdict(stopped), verdict(stopped)])
    await backends.shadow_runs.stop(tenant, stopped.id, actor=OLGA)
    ended = await start(backends, tenant)
    clock.advance(hours=1)
    goes_on = await start(backends, tenant, lasts_for=timedelta(days=30))
    clock.advance(hours=1)
    kept = verdict(goes_on)
    await backends.shadow_runs.record([kept])

    assert await backends.shadow_runs.forget(keep=HOUR, limit=10) == 1, "one that ended just now stays"
    assert {run.id for run in await backends.shadow_runs.list_runs(tenant)} == {ended.id, goes_on.id}
    assert await backends.shadow_runs.list_differences(tenant, stopped.id) == []
    assert await backends.shadow_runs.forget(keep=timedelta(), limit=10) == 1
    assert [run.id for run in await backends.shadow_runs.list_runs(tenant)] == [goes_on.id]
    assert await backends.shadow_runs.list_differences(tenant, goes_on.id) == [kept]


@pytest.mark.parametrize(("wrong", "field"), [
    ({"lasts_for": timedelta(days=30, seconds=1)}, "lasts_for"), ({"lasts_for": timedelta(0)}, "lasts_for"),
    ({"max_envelopes": 0}, "max_envelopes"), ({"max_envelopes": 10_001}, "max_envelopes"),
    ({"candidate": {"approval_rules": {"ask": []}}}, "approval_rules.ask"),
    ({"candidate": {"quiet_hours": {"start": 0, "end": 24}}}, "quiet_hours"),
])  # fmt: skip
async def test_a_run_that_cannot_be_is_refused_by_field_name(
    backends: Backends, tenant: UUID, wrong: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        await start(backends, tenant, **wrong)
    assert refused.value.field == field


async def test_the_candidate_is_the_tenants_guardrails_with_the_changes(backends: Backends, tenant: UUID) -> None:
    await backends.guardrails.save(GuardrailSettings(tenant_id=tenant, trust_threshold=0.4), actor=OLGA)
    run = await start_shadow(
        backends, tenant, {"scopes": {"allowed": ["GMAIL"]}}, lasts_for=HOUR, max_envelopes=10, actor=OLGA
    )
    assert (run.candidate["trust_threshold"], run.candidate["scopes"]) == (0.4, {"allowed": ["GMAIL"]})
    with pytest.raises(InvalidInput, match="trust_threshold"):
        await start_shadow(backends, tenant, {"trust_threshold": 5}, lasts_for=HOUR, max_envelopes=10, actor=OLGA)
