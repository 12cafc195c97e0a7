"""A dry-run shows what autopilot would have answered to past tickets. It survives crashes and can be cancelled."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from control_plane.apps.autopilot.answers import read_passages
from control_plane.apps.autopilot.jobs.ticket_dry_runs import JOB
from control_plane.apps.autopilot.readiness import DryRunStatus
from control_plane.apps.autopilot.run_dry_runs import answer_cases
from control_plane.apps.autopilot.store import dry_runs, readiness
from control_plane.jobs import JobContext, JobReport
from services.errors import InvalidInput, NotAllowed, NotFound, StateConflict
from services.tools.dispatch import Tools
from tests.control_plane.apps.autopilot.clustered import VPN_RESOLUTION, Clustered, open_clustered
from tests.control_plane.apps.autopilot.helpdesk import OLGA, WORKER, open_helpdesk

LEASE = timedelta(minutes=1)


async def run_job(clustered: Clustered) -> JobReport:
    """The scheduler runs the job for the tenant."""
    context = JobContext(
        backends=clustered.desk.access.operator, tools=Tools(concurrency=1), rules={},
        keep_settled=timedelta(days=90), tenant=clustered.desk.tenant,
    )  # fmt: skip
    assert JOB.is_needed is not None
    if not await JOB.is_needed(context):
        return JobReport()
    return await JOB.run(context)


async def test_a_dry_run_answers_past_tickets_beside_what_people_answered(clustered: Clustered) -> None:
    clustered.add_article()
    clustered.add_resolved(11)
    clustered.add("other", subject="The coffee machine is leaking", external_status="Closed",
                  resolution="Called the service.", resolved_at="2026-02-01T00:00:00Z")  # fmt: skip
    started = await clustered.start_dry_run()
    assert (started.status, started.cases, started.started_by) == (DryRunStatus.PENDING, 12, "olga")
    assert (await run_job(clustered)).counts == {"completed": 1, "stopped": 0, "failed": 0}
    assert await run_job(clustered) == JobReport()

    of = clustered.desk.as_user(tenant_role="member"), clustered.desk.tenant
    done = await dry_runs.read_dry_run(*of, started.id)
    assert done is not None
    assert (done.status, done.done, done.answered) == (DryRunStatus.COMPLETED, 12, 11)
    assert done.similarity is not None
    assert done.similarity > 0.6
    first, second, *others = await dry_runs.list_cases(*of, started.id)
    assert (first.external_id, first.answer, first.resolution) == ("other", None, "Called the service.")
    assert first.reason == "no passage of its articles is similar enough to the ticket"
    assert (second.external_id, second.resolution, second.article_title) == ("OLD10", VPN_RESOLUTION, "VPN")
    assert second.answer is not None
    assert "reinstall the VPN profile" in second.answer
    assert second.similarity == pytest.approx(done.similarity)
    assert len(others) == 10
    assert [c.place for c in await dry_runs.list_cases(*of, started.id, after=3, limit=2)] == [4, 5]
    assert await dry_runs.list_dry_runs(*of, clustered.cluster) == [done]
    found = await readiness.read_readiness(*of, clustered.cluster)
    assert found.dry_run is not None
    assert (found.dry_run.id, found.dry_run.is_current) == (started.id, True)
    assert clustered.desk.audit()[-2:] == ["dry_run.started", "dry_run.completed"]


async def test_a_dry_run_with_other_articles_does_not_count(clustered: Clustered) -> None:
    clustered.add_article()
    clustered.add_resolved(10)
    await clustered.start_dry_run()
    await run_job(clustered)
    clustered.desk.run(
        "update autopilot.knowledge_articles set content = 'Buy a cable.' where organization_id = %s",
        clustered.desk.tenant,
    )
    found = await readiness.read_readiness(clustered.desk.functions, clustered.desk.tenant, clustered.cluster)
    assert found.dry_run is not None
    assert not found.dry_run.is_current
    assert "no dry-run has ended with its present articles" in found.missing


async def test_a_dry_run_needs_knowledge_and_ten_resolved_tickets(clustered: Clustered) -> None:
    clustered.add_resolved(9)
    with pytest.raises(StateConflict, match="cluster: no knowledge was found for it"):
        await clustered.start_dry_run()
    clustered.add_article()
    clustered.add("open")
    clustered.add("ours", external_status="Closed", resolution="Sent by autopilot", response_state="sent",
                  resolved_at="2026-02-01T00:00:00Z")  # fmt: skip
    with pytest.raises(StateConflict, match="9 of its tickets were resolved by people"):
        await clustered.start_dry_run()
    clustered.add("tenth", external_status="Closed", resolution="Done.", resolved_at="2026-02-01T00:00:00Z")
    for wrong in (9, 101):
        with pytest.raises(InvalidInput, match="tickets: must be from 10 to 100"):
            await clustered.start_dry_run(tickets=wrong)
    started = await clustered.start_dry_run(tickets=10)
    with pytest.raises(StateConflict, match=f"dry-run {started.id} has not ended yet"):
        await clustered.start_dry_run()


async def test_another_process_goes_on_after_a_crash_and_the_first_one_is_refused(clustered: Clustered) -> None:
    clustered.add_article()
    clustered.add_resolved(15)
    await clustered.start_dry_run()
    functions, tenant = clustered.desk.functions, clustered.desk.tenant
    crashed = await dry_runs.claim_dry_run(functions, tenant=tenant, lease_for=LEASE, actor=WORKER)
    assert crashed is not None
    assert await dry_runs.claim_dry_run(functions, tenant=tenant, lease_for=LEASE, actor=WORKER) is None
    passages = read_passages(await dry_runs.list_answer_articles(functions, tenant, clustered.cluster))
    done = answer_cases(passages, await dry_runs.list_open_cases(functions, crashed, limit=10))
    crashed = await dry_runs.save_cases(functions, crashed, done, lease_for=LEASE, actor=WORKER)
    assert crashed.done == 10
    clustered.desk.run("update autopilot.dry_runs set lease_until = now() where id = %s", crashed.id)
    clustered.desk.run(
        "update autopilot.dry_run_cases set answer = 'kept' where dry_run_id = %s and place = 1", crashed.id
    )
    assert (await run_job(clustered)).counts["completed"] == 1
    ended = await dry_runs.read_dry_run(functions, tenant, crashed.id)
    assert ended is not None
    assert (ended.done, ended.answered) == (15, 15)
    assert (await dry_runs.list_cases(functions, tenant, crashed.id))[0].answer == "kept"
    with pytest.raises(StateConflict):
        await dry_runs.save_cases(functions, crashed, done, lease_for=LEASE, actor=WORKER)


async def test_a_dry_run_whose_processes_all_die_fails(clustered: Clustered) -> None:
    clustered.add_article()
    clustered.add_resolved(10)
    started = await clustered.start_dry_run()
    functions, tenant = clustered.desk.functions, clustered.desk.tenant
    for _ in range(5):
        assert await dry_runs.claim_dry_run(functions, tenant=tenant, lease_for=LEASE, actor=WORKER) is not None
        clustered.desk.run("update autopilot.dry_runs set lease_until = now() where id = %s", started.id)
    assert await dry_runs.claim_dry_run(functions, tenant=tenant, lease_for=LEASE, actor=WORKER) is None
    ended = await dry_runs.read_dry_run(functions, tenant, started.id)
    assert ended is not None
    assert (ended.status, ended.error_message) == (DryRunStatus.FAILED, "worker_lost")
    assert "dry_run.failed" in clustered.desk.audit()
    await clustered.start_dry_run()


async def test_a_cancelled_dry_run_stops_and_keeps_what_is_done(clustered: Clustered) -> None:
    clustered.add_article()
    clustered.add_resolved(10)
    started = await clustered.start_dry_run()
    functions, tenant = clustered.desk.functions, clustered.desk.tenant
    leased = await dry_runs.claim_dry_run(functions, tenant=tenant, lease_for=LEASE, actor=WORKER)
    assert leased is not None
    cancelled = await dry_runs.cancel_dry_run(functions, tenant, started.id, actor=OLGA)
    assert cancelled.status is DryRunStatus.CANCELLED
    with pytest.raises(StateConflict, match="dry_run: it is cancelled"):
        await dry_runs.save_cases(functions, leased, [], lease_for=LEASE, actor=WORKER)
    with pytest.raises(StateConflict, match="it is cancelled already"):
        await dry_runs.cancel_dry_run(functions, tenant, started.id, actor=OLGA)
    with pytest.raises(NotFound, match="no dry-run"):
        await dry_runs.cancel_dry_run(functions, tenant, uuid4(), actor=OLGA)


async def test_a_bug_with_one_tenants_texts_does_not_stop_the_others(
    clustered: Clustered, monkeypatch: pytest.MonkeyPatch
) -> None:
    clustered.add_article()
    clustered.add_resolved(10)
    started = await clustered.start_dry_run()
    monkeypatch.setattr("control_plane.apps.autopilot.run_dry_runs.answer_cases", lambda *_: 1 / 0)
    report = await run_job(clustered)
    assert report.counts["failed"] == 1
    assert report.problem == f"dry-run {started.id}: a bug: ZeroDivisionError: see job.bug in the log"
    ended = await dry_runs.read_dry_run(clustered.desk.functions, clustered.desk.tenant, started.id)
    assert ended is not None
    assert (ended.status, ended.error_message) == (DryRunStatus.FAILED, "internal_error")


async def test_a_tenant_with_many_dry_runs_does_not_delay_another_tenant(clustered: Clustered) -> None:
    desk = clustered.desk
    many, few = [clustered], [await open_clustered(await open_helpdesk(desk.access, desk.url))]
    for name in ("Wi-Fi", "Badge"):
        [[cluster]] = desk.run(
            "insert into autopilot.clusters (organization_id, model_id, name) select organization_id, model_id, %s"
            " from autopilot.clusters where id = %s returning id",
            name, clustered.cluster,
        )  # fmt: skip
        many.append(Clustered(desk, clustered.connection, cluster))
    desk.run("update autopilot.dry_runs set status = 'cancelled', completed_at = now() where status = 'pending'")
    for number, each in enumerate([*many, *few]):
        each.add_article(key=f"KB-{number}")
        for ticket in range(10):
            each.add(f"{number}-{ticket}", resolution="Done.", resolved_at=datetime(2026, 1, 1, tzinfo=UTC))
        await each.start_dry_run()
    claimed = [
        await dry_runs.claim_dry_run(desk.functions, tenant=None, lease_for=LEASE, actor=WORKER) for _ in range(4)
    ]
    tenants = [each.organization_id for each in claimed if each is not None]
    assert tenants == [desk.tenant, few[0].desk.tenant, desk.tenant, desk.tenant]


async def test_another_tenants_dry_run_is_not_found(clustered: Clustered) -> None:
    other = await open_clustered(await open_helpdesk(clustered.desk.access, clustered.desk.url))
    other.add_article()
    other.add_resolved(10)
    theirs = await other.start_dry_run()
    mine = clustered.desk.as_user(), clustered.desk.tenant
    with pytest.raises(NotFound):
        await dry_runs.read_dry_run(*mine, theirs.id)
    assert await dry_runs.list_cases(*mine, theirs.id) == []
    assert await dry_runs.list_dry_runs(*mine, other.cluster) == []
    with pytest.raises(NotFound):
        await dry_runs.cancel_dry_run(*mine, theirs.id, actor=OLGA)
    with pytest.raises(NotFound):
        await dry_runs.start_dry_run(*mine, other.cluster, actor=OLGA)
    with pytest.raises(NotAllowed):
        await dry_runs.start_dry_run(
            other.desk.as_user(tenant_role="member"), other.desk.tenant, other.cluster, actor=OLGA
        )
