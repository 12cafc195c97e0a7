"""Pauses of a tool, an account or an agent: they are stored and audited, each claim has their time, and held envelopes
continue at their end."""

from datetime import timedelta
from typing import cast
from uuid import UUID, uuid4

import pytest

from services.audit_log import AuditLogger
from services.backends import Backends
from services.errors import InvalidInput, NotFound
from services.guardrails.judge import judge
from services.outbox import Disposition
from services.pauses import PauseKind
from services.start_pause import start_pause
from tests.builders import NOW, a_tool, an_account, operator
from tests.clock import FakeClock
from tests.contract.builders import close, put_one, take, take_one

SLUG = "SLACK__chat.post"
LATER = NOW + timedelta(hours=1)
HELD = ({"guardrail": "paused", "decision": "hold", "reason": "paused", "until": LATER.isoformat()},)


async def _pause(backends: Backends, tenant: UUID, target: str = SLUG, *, hours: int | None = 1) -> None:
    ends_at = None if hours is None else NOW + timedelta(hours=hours)
    await backends.pauses.start(
        tenant, PauseKind.TOOL, target, reason="posts twice", ends_at=ends_at, actor=operator("olga")
    )


async def test_a_pause_is_kept_until_its_end(
    backends: Backends, audit_log: AuditLogger, tenant: UUID, other_tenant: UUID, clock: FakeClock
) -> None:
    await _pause(backends, tenant)
    await _pause(backends, tenant, "A__b", hours=None)

    assert [
        (p.target, p.reason, p.started_at, p.started_by, p.ends_at) for p in await backends.pauses.list_pauses(tenant)
    ] == [
        ("A__b", "posts twice", NOW, "olga", None),
        (SLUG, "posts twice", NOW, "olga", LATER),
    ]
    assert await backends.pauses.list_pauses(other_tenant) == []
    row = (await audit_log.tail(tenant, limit=2))[1]
    assert (row.entry.category, row.entry.payload) == (
        "pause.started",
        {"kind": "tool", "target": SLUG, "reason": "posts twice", "ends_at": LATER.isoformat()},
    )
    clock.advance(hours=1)
    assert [p.target for p in await backends.pauses.list_pauses(tenant)] == ["A__b"]


async def test_a_tenant_with_the_most_pauses_can_still_change_one(backends: Backends, tenant: UUID) -> None:
    for number in range(200):
        await _pause(backends, tenant, f"TOOL__{number}")
    with pytest.raises(InvalidInput, match="a tenant has at most 200; end some first"):
        await _pause(backends, tenant, "TOOL__200")

    await _pause(backends, tenant, "TOOL__7", hours=None)
    assert [p.target for p in await backends.pauses.list_pauses(tenant) if p.ends_at is None] == ["TOOL__7"]


async def test_starting_it_again_changes_reason_and_end(backends: Backends, tenant: UUID, clock: FakeClock) -> None:
    await _pause(backends, tenant)
    clock.advance(minutes=5)
    await _pause(backends, tenant, hours=None)

    [pause] = await backends.pauses.list_pauses(tenant)
    assert (pause.started_at, pause.changed_at, pause.ends_at) == (NOW, NOW + timedelta(minutes=5), None)
    assert (await backends.guardrails.policies([tenant]))[tenant].pauses == (pause,)


async def test_a_pause_that_has_ended_or_never_began_is_refused(
    backends: Backends, tenant: UUID, other_tenant: UUID, clock: FakeClock
) -> None:
    with pytest.raises(InvalidInput, match="ends_at"):
        await _pause(backends, tenant, hours=0)
    with pytest.raises(NotFound):
        await _pause(backends, uuid4())
    await _pause(backends, tenant)
    with pytest.raises(NotFound):
        await backends.pauses.end(other_tenant, PauseKind.TOOL, SLUG, actor=operator("olga"))
    clock.advance(hours=1)
    with pytest.raises(NotFound):
        await backends.pauses.end(tenant, PauseKind.TOOL, SLUG, actor=operator("olga"))


async def test_what_a_pause_holds_is_judged_again_when_it_ends(
    backends: Backends, audit_log: AuditLogger, tenant: UUID
) -> None:
    await _pause(backends, tenant)
    await put_one(backends.outbox, tenant)
    await close(backends.outbox, await take_one(backends.outbox), Disposition.HOLD, next_run_at=LATER, verdicts=HELD)
    assert await take(backends.outbox) == []

    await backends.pauses.end(tenant, PauseKind.TOOL, SLUG, actor=operator("omar"))

    assert len(await take(backends.outbox)) == 1
    categories = [row.entry.category for row in await audit_log.tail(tenant, limit=9)]
    assert "pause.ended" in categories


async def test_a_claim_says_when_its_tenant_was_last_paused(
    backends: Backends, tenant: UUID, other_tenant: UUID, clock: FakeClock
) -> None:
    await put_one(backends.outbox, tenant)
    await put_one(backends.outbox, other_tenant)
    await backends.tenants.pause(tenant, actor=operator("olga"), reason=None)
    clock.advance(minutes=1)
    await _pause(backends, tenant, "A__b", hours=9)

    claimed = await take(backends.outbox)

    assert {c.envelope.tenant_id: c.paused_at for c in claimed} == {tenant: clock(), other_tenant: None}
    assert (await backends.guardrails.policies([tenant]))[tenant].last_paused_at == clock()


async def test_only_what_exists_can_be_paused_and_it_is_held_until_the_end(backends: Backends, tenant: UUID) -> None:
    tool, account = a_tool(tenant_id=tenant), an_account(tenant_id=tenant)
    await backends.catalog.save([tool], actor=operator("olga"))
    await backends.accounts.save(account, actor=operator("olga"))
    for kind, misspelled in ((PauseKind.TOOL, "SLACK__chat.pots"), (PauseKind.ACCOUNT, str(uuid4()))):
        with pytest.raises(NotFound, match="target: no"):
            await start_pause(backends, tenant, kind, misspelled, reason=None, ends_at=None, actor=operator("olga"))

    await start_pause(
        backends, tenant, PauseKind.ACCOUNT, str(account.id).upper(), reason=None, ends_at=LATER, actor=operator("olga")
    )

    envelope = await put_one(backends.outbox, tenant, connected_account_id=str(account.id))
    policy = (await backends.guardrails.policies([tenant]))[tenant]
    verdict = judge(envelope, tool, policy, NOW).verdicts[1]
    assert (verdict.guardrail, verdict.decision, verdict.until) == ("paused", "hold", LATER)


@pytest.mark.parametrize(("field", "kind", "target"), [
    ("target", "agent", ""), ("target", "agent", "x" * 256), ("kind", "tenant", "x"), ("target", "agent", "a\ud800"),
])  # fmt: skip
async def test_a_pause_that_breaks_a_rule_is_refused_by_every_backend(
    backends: Backends, tenant: UUID, field: str, kind: str, target: str
) -> None:
    with pytest.raises(InvalidInput, match=f"^{field}: (is too long, empty, or not|contains half a surrogate pair)"):
        await backends.pauses.start(
            tenant, cast("PauseKind", kind), target, reason=None, ends_at=None, actor=operator("olga")
        )
    assert await backends.pauses.list_pauses(tenant) == []


async def test_a_later_pause_has_a_later_moment_also_at_the_same_time_of_the_clock(
    backends: Backends, tenant: UUID
) -> None:
    await put_one(backends.outbox, tenant)
    await _pause(backends, tenant)
    await _pause(backends, tenant, "A__b")
    await _pause(backends, tenant)
    await backends.tenants.pause(tenant, actor=operator("olga"), reason=None)

    moments = {pause.target: pause.changed_at for pause in await backends.pauses.list_pauses(tenant)}
    microsecond = timedelta(microseconds=1)
    assert moments == {"A__b": NOW + microsecond, SLUG: NOW + 2 * microsecond}
    assert (await take_one(backends.outbox)).paused_at == NOW + 3 * microsecond
