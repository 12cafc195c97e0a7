"""The numbers of the overview, and the counts of ended envelopes for its charts."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from services.accounts import AccountStatus
from services.audit_log import AuditEntry
from services.backends import Backends
from services.job_runs import RunStatus
from services.outbox import Disposition, Outbox, Resolution
from services.overview import EndCounts, EndsCounted, Overview, RecentEnds, TenantToCheck
from services.overview.latency import latency_class
from tests.builders import MINUTE, NOW, an_account, operator
from tests.clock import FakeClock
from tests.contract.builders import (
    a_dead_letter,
    a_proposal,
    an_envelope_to_approve,
    put,
    put_one,
    run_one,
    take,
)
from tests.contract.catalog import READ, sync_tools

OLGA = operator("olga")
QUARTER, TWO_HOURS = timedelta(minutes=15), timedelta(hours=2)
NOTHING = Overview(
    tenants=1, paused_tenants=0, pending=0, in_flight=0, unknown=0, oldest_due_at=None, dead_letters=0, approvals=0,
    quarantined_tools=0, unhealthy_accounts=0, tenants_to_check=None, failing_jobs=None,
)  # fmt: skip


def start_of(moment: datetime, every: timedelta) -> datetime:
    return moment - (moment - datetime(1970, 1, 1, tzinfo=UTC)) % every


async def test_an_overview_counts_what_waits_for_a_worker_or_a_person(
    backends: Backends, outbox: Outbox, tenant: UUID, other_tenant: UUID, clock: FakeClock
) -> None:
    await a_dead_letter(outbox, tenant)
    await an_envelope_to_approve(outbox, tenant)
    await put_one(outbox, tenant)
    await run_one(outbox, Disposition.UNKNOWN, error="no answer")
    due_at = clock()
    await put(outbox, *[a_proposal(tenant) for _ in range(3)], a_proposal(tenant, next_run_at=clock() + MINUTE))
    await sync_tools(backends, tenant, READ, trusted=False)
    for status in (AccountStatus.ERROR, AccountStatus.EXPIRED, AccountStatus.CONNECTED, AccountStatus.REVOKED):
        await backends.accounts.save(an_account(id=uuid4(), tenant_id=tenant, status=status), actor=OLGA)
    clock.advance(seconds=30)

    expected = Overview(
        tenants=1, paused_tenants=0, pending=4, in_flight=0, unknown=1, oldest_due_at=due_at, dead_letters=1,
        approvals=1, quarantined_tools=1, unhealthy_accounts=2, tenants_to_check=None, failing_jobs=None,
    )  # fmt: skip
    assert await backends.overviews.read(tenant) == expected
    assert await backends.overviews.read(other_tenant) == NOTHING

    everything = await backends.overviews.read(None)
    acme = TenantToCheck(tenant_id=tenant, name="acme", quarantined_tools=1, unhealthy_accounts=2)
    assert (everything.quarantined_tools, everything.unhealthy_accounts, everything.tenants_to_check) == (1, 2, (acme,))

    await take(outbox, limit=2)
    assert (await backends.overviews.read(tenant)).in_flight == 2
    await backends.tenants.pause(tenant, actor=OLGA, reason="a fire")
    everything = await backends.overviews.read(None)
    assert (everything.tenants, everything.paused_tenants, everything.pending, everything.oldest_due_at) == (
        2, 1, 4, None,
    )  # fmt: skip


async def test_an_envelope_behind_another_one_of_its_key_is_not_due(
    backends: Backends, outbox: Outbox, tenant: UUID, clock: FakeClock
) -> None:
    ordered = {"ordering_key": "order-1"}
    later = clock() + MINUTE
    await put(outbox, a_proposal(tenant, metadata=ordered, next_run_at=later), a_proposal(tenant, metadata=ordered))
    assert (await backends.overviews.read(tenant)).oldest_due_at is None
    clock.advance(minutes=2)
    assert (await backends.overviews.read(tenant)).oldest_due_at == later


async def test_a_job_fails_until_it_has_succeeded_again(backends: Backends, clock: FakeClock) -> None:
    async def run(job: str, status: RunStatus) -> None:
        clock.advance(minutes=1)
        run = await backends.job_runs.start(job, "one", run_id=uuid4(), every=MINUTE, lease_for=MINUTE)
        assert run is not None
        if status is not RunStatus.RUNNING:
            await backends.job_runs.finish(run, status=status, counts={}, error=None)

    await run("scan", RunStatus.FAILED)
    await run("retention", RunStatus.LOST)
    await run("drift", RunStatus.SUCCEEDED)
    await run("scan", RunStatus.RUNNING)
    assert (await backends.overviews.read(None)).failing_jobs == ("retention", "scan")
    await run("retention", RunStatus.SUCCEEDED)
    assert (await backends.overviews.read(None)).failing_jobs == ("scan",)


async def test_each_end_is_counted_once_in_spans_of_three_lengths(
    backends: Backends, outbox: Outbox, tenant: UUID, other_tenant: UUID, clock: FakeClock
) -> None:
    await put_one(outbox, tenant)
    clock.advance(seconds=3)
    await run_one(outbox, Disposition.SUCCESS)
    await a_dead_letter(outbox, tenant)
    await put_one(outbox, other_tenant)
    await run_one(outbox, Disposition.DENIED, reason="never")
    ended_at = clock()
    assert await backends.overviews.count_ends(limit=1000) == EndsCounted(ends=3, more=False)
    assert await backends.overviews.count_ends(limit=1000) == EndsCounted(ends=0, more=False)

    latency = {str(latency_class(timedelta(seconds=3))): 1}
    for every in (MINUTE, QUARTER, TWO_HOURS):
        starts_at = start_of(ended_at, every)
        for owner, counts in (
            (tenant, {"success": 1, "failed": 1, **latency}),
            (other_tenant, {"denied": 1}),
            (None, {"success": 1, "failed": 1, "denied": 1, **latency}),
        ):
            recent = await backends.overviews.list_ends(owner, every=every, since=starts_at)
            assert recent == RecentEnds(uncounted=0, spans=(EndCounts(starts_at=starts_at, counts=counts),))
    later = await backends.overviews.list_ends(tenant, every=MINUTE, since=ended_at + MINUTE)
    assert later == RecentEnds(uncounted=0, spans=())


async def test_counts_grow_and_say_what_is_not_counted_yet(backends: Backends, outbox: Outbox, tenant: UUID) -> None:
    for _ in range(2):
        await put_one(outbox, tenant)
        await run_one(outbox, Disposition.CONFLICT)
        await backends.overviews.count_ends(limit=1000)
    await put_one(outbox, tenant)
    await run_one(outbox, Disposition.UNKNOWN, error="no answer")
    [unknown] = [e for e in await outbox.list_envelopes(tenant, status=None, limit=9) if e.status == "unknown"]
    await outbox.resolve(tenant, unknown.id, decision=Resolution.SUCCESS, actor=OLGA, reason=None)

    recent = await backends.overviews.list_ends(tenant, every=TWO_HOURS, since=NOW - TWO_HOURS)
    assert (recent.uncounted, [span.counts for span in recent.spans]) == (3, [{"conflict": 2, "0": 2}])
    await backends.overviews.count_ends(limit=1000)
    recent = await backends.overviews.list_ends(tenant, every=TWO_HOURS, since=NOW - TWO_HOURS)
    assert (recent.uncounted, [span.counts for span in recent.spans]) == (0, [{"conflict": 2, "success": 1, "0": 3}])


async def test_a_call_reads_about_as_many_rows_as_it_is_told_shared_between_the_tenants(
    backends: Backends, outbox: Outbox, tenant: UUID, other_tenant: UUID
) -> None:
    for owner in (tenant, tenant, tenant, other_tenant):
        await put_one(outbox, owner)
        await run_one(outbox, Disposition.SUCCESS)
    counted: list[EndsCounted] = []
    while not counted or counted[-1].more:
        counted.append(await backends.overviews.count_ends(limit=4))
    assert sum(each.ends for each in counted) == 4
    assert len(counted) > 1
    assert counted[0].ends < 4


async def test_spans_too_old_for_every_chart_are_deleted_and_none_is_made(
    backends: Backends, outbox: Outbox, tenant: UUID, clock: FakeClock
) -> None:
    await put_one(outbox, tenant)
    await run_one(outbox, Disposition.SUCCESS)
    await backends.overviews.count_ends(limit=1000)
    await put_one(outbox, tenant)
    await run_one(outbox, Disposition.SUCCESS)
    clock.advance(days=1)
    await backends.overviews.count_ends(limit=1000)

    async def counted(every: timedelta) -> int:
        recent = await backends.overviews.list_ends(tenant, every=every, since=NOW - timedelta(days=9))
        return sum(span.counts["success"] for span in recent.spans)

    assert [await counted(every) for every in (MINUTE, QUARTER, TWO_HOURS)] == [0, 2, 2]
    clock.advance(days=8)
    await backends.overviews.count_ends(limit=1000)
    assert await counted(TWO_HOURS) == 0


@pytest.mark.parametrize("category", ["envelope.success", "envelope.resolved", "envelope.failed"])
async def test_an_audit_row_of_a_program_is_counted_without_a_latency(
    backends: Backends, tenant: UUID, category: str
) -> None:
    payload = {"envelope_id": "no id", "status": "failed"}
    await backends.audit_log.append([AuditEntry(tenant_id=tenant, actor=OLGA, category=category, payload=payload)])
    assert (await backends.overviews.count_ends(limit=1000)).ends == 1
