"""Ingestion runs: one at a time, leased, and never left open."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import psycopg
import pytest

from control_plane.apps.autopilot.jobs import run_retention
from control_plane.apps.autopilot.runs import Run, RunError, RunStatus
from control_plane.apps.autopilot.store import connections, runs
from control_plane.apps.autopilot.store.settings import save_settings
from services.errors import InvalidInput, NotAllowed, NotFound, StateConflict
from tests.builders import a_tool, system
from tests.control_plane.apps.autopilot.contexts import a_context
from tests.control_plane.apps.autopilot.helpdesk import LEASE, OLGA, WORKER, Helpdesk, a_ticket

EXPIRE = "update autopilot.ingestion_runs set lease_until = now() where id = %s"


async def test_of_two_syncs_at_once_one_starts_and_the_other_names_it(helpdesk: Helpdesk) -> None:
    connection = (await helpdesk.connect()).id
    outcomes = await asyncio.gather(
        *(runs.start_sync(helpdesk.functions, helpdesk.tenant, connection, actor=OLGA) for _ in range(2)),
        return_exceptions=True,
    )
    [refusal] = [each for each in outcomes if isinstance(each, BaseException)]
    [run] = await runs.list_runs(helpdesk.functions, helpdesk.tenant)
    assert isinstance(refusal, StateConflict)
    assert f"run {run.id} has not ended yet" in str(refusal)
    [shown] = await connections.list_connections(helpdesk.functions, helpdesk.tenant)
    assert shown.open_run_id == run.id


async def test_a_disabled_connection_is_not_synced_and_one_with_an_open_run_not_deleted(helpdesk: Helpdesk) -> None:
    connection = (await helpdesk.connect()).id
    run = await runs.start_sync(helpdesk.functions, helpdesk.tenant, connection, actor=OLGA)
    with pytest.raises(StateConflict, match=f"run {run.id} is open"):
        await connections.delete_connection(helpdesk.functions, helpdesk.tenant, connection, actor=OLGA)
    await runs.cancel_run(helpdesk.functions, helpdesk.tenant, run.id, actor=OLGA)
    await connections.change_connection(helpdesk.functions, helpdesk.tenant, connection, is_enabled=False, actor=OLGA)
    with pytest.raises(StateConflict, match="disabled"):
        await runs.start_sync(helpdesk.functions, helpdesk.tenant, connection, actor=OLGA)


async def test_a_completed_run_leaves_its_cursor_for_the_next(helpdesk: Helpdesk) -> None:
    connection = (await helpdesk.connect()).id
    stored = await helpdesk.store(await helpdesk.sync(connection), a_ticket(), cursor={"since": "2026-01-05"})
    ended = await runs.complete_run(helpdesk.functions, stored.run, actor=WORKER)
    assert (ended.status, ended.completed_at is None) == (RunStatus.COMPLETED, False)
    [after] = await connections.list_connections(helpdesk.functions, helpdesk.tenant)
    assert after.last_sync_at == ended.completed_at
    assert (await helpdesk.sync(connection)).cursor == {"since": "2026-01-05"}


async def test_a_failed_run_tells_why_and_the_next_goes_on_where_it_stopped(helpdesk: Helpdesk) -> None:
    connection = (await helpdesk.connect()).id
    stored = await helpdesk.store(await helpdesk.sync(connection), a_ticket(), cursor={"since": "2026-01-05"})
    numbers = {"current_total_tickets": 1, "needed_total_tickets": 100}
    ended = await runs.fail_run(
        helpdesk.functions, stored.run, RunError.TICKETS_BELOW_THRESHOLD, detail=numbers, actor=WORKER
    )
    assert (ended.error_message, ended.error_detail) == ("tickets_below_threshold", numbers)
    assert (await helpdesk.sync(connection)).cursor == {"since": "2026-01-05"}


async def test_after_wrong_settings_the_next_sync_reads_everything(helpdesk: Helpdesk) -> None:
    connection = (await helpdesk.connect()).id
    stored = await helpdesk.store(await helpdesk.sync(connection), a_ticket(), cursor={"since": "2026-01-05"})
    await runs.fail_run(helpdesk.functions, stored.run, RunError.SETTINGS_INVALID, actor=WORKER)
    assert (await helpdesk.sync(connection)).cursor is None


async def test_a_connection_starts_over_only_between_runs(helpdesk: Helpdesk) -> None:
    connection = (await helpdesk.connect()).id
    run = await helpdesk.sync(connection)
    with pytest.raises(StateConflict, match=f"run {run.id} is open; cancel it first"):
        await connections.change_connection(
            helpdesk.functions, helpdesk.tenant, connection, starts_over=True, actor=OLGA
        )
    await helpdesk.store(run, a_ticket(), cursor={"since": "2026-01-05"})
    await runs.cancel_run(helpdesk.functions, helpdesk.tenant, run.id, actor=OLGA)
    await connections.change_connection(helpdesk.functions, helpdesk.tenant, connection, starts_over=True, actor=OLGA)
    assert (await helpdesk.sync(connection)).cursor is None


async def test_too_few_tickets_need_both_numbers(helpdesk: Helpdesk) -> None:
    run = await helpdesk.sync((await helpdesk.connect()).id)
    with pytest.raises(InvalidInput, match="needed_total_tickets"):
        await runs.fail_run(helpdesk.functions, run, RunError.TICKETS_BELOW_THRESHOLD, actor=WORKER)


async def test_ending_a_run_twice_changes_nothing_more(helpdesk: Helpdesk) -> None:
    run = await helpdesk.sync((await helpdesk.connect()).id)
    first = await runs.complete_run(helpdesk.functions, run, actor=WORKER)
    assert await runs.complete_run(helpdesk.functions, run, actor=WORKER) == first
    assert helpdesk.audit().count("ingestion_run.completed") == 1


async def test_after_an_expired_lease_the_next_worker_continues_and_the_first_is_refused(helpdesk: Helpdesk) -> None:
    run = await helpdesk.sync((await helpdesk.connect()).id)
    first = (await helpdesk.store(run, a_ticket(), cursor={"page": 2})).run
    assert await runs.claim_run(helpdesk.functions, lease_for=LEASE, actor=system("next")) is None
    helpdesk.run(EXPIRE, run.id)
    leased = await runs.claim_run(helpdesk.functions, lease_for=LEASE, actor=system("next"))
    assert leased is not None
    assert (leased.run.id, leased.run.cursor, leased.run.batches) == (run.id, {"page": 2}, 1)
    with pytest.raises(StateConflict, match="the lease expired"):
        await helpdesk.store(first, a_ticket("INC2"))
    with pytest.raises(StateConflict, match="the lease expired"):
        await runs.complete_run(helpdesk.functions, first, actor=WORKER)
    await helpdesk.store(leased.run, a_ticket("INC2"))


async def test_the_fifth_lost_lease_fails_the_run(helpdesk: Helpdesk) -> None:
    run = await helpdesk.sync((await helpdesk.connect()).id)
    for _ in range(4):
        helpdesk.run(EXPIRE, run.id)
        assert await runs.claim_run(helpdesk.functions, lease_for=LEASE, actor=WORKER) is not None
    helpdesk.run(EXPIRE, run.id)
    assert await runs.claim_run(helpdesk.functions, lease_for=LEASE, actor=WORKER) is None
    [ended] = await runs.list_runs(helpdesk.functions, helpdesk.tenant)
    assert (ended.status, ended.error_message) == (RunStatus.FAILED, "worker_lost")


async def test_lost_leases_count_from_the_last_stored_batch(helpdesk: Helpdesk) -> None:
    run = await helpdesk.sync((await helpdesk.connect()).id)
    for number in range(10):
        await helpdesk.store(run, a_ticket(f"INC{number}"))
        helpdesk.run(EXPIRE, run.id)
        leased = await runs.claim_run(helpdesk.functions, lease_for=LEASE, actor=WORKER)
        assert leased is not None
        run = leased.run
    assert (run.batches, run.attempts) == (10, 1)


async def test_a_worker_that_gives_a_run_back_costs_no_attempt(helpdesk: Helpdesk) -> None:
    run = await helpdesk.sync((await helpdesk.connect()).id)
    for _ in range(6):
        await runs.renew_run(helpdesk.functions, run, lease_for=timedelta(0))
        leased = await runs.claim_run(helpdesk.functions, lease_for=LEASE, actor=WORKER)
        assert leased is not None
        run = leased.run
    assert (run.status, run.attempts) == (RunStatus.RUNNING, 1)


async def test_a_tenant_with_many_runs_leaves_the_worker_to_others(helpdesk: Helpdesk, other: Helpdesk) -> None:
    for number in range(3):
        connection = await helpdesk.connect(f"Desk {number}")
        await runs.start_sync(helpdesk.functions, helpdesk.tenant, connection.id, actor=OLGA)
    theirs = await runs.start_sync(other.functions, other.tenant, (await other.connect()).id, actor=OLGA)
    claimed = [
        await runs.claim_run(helpdesk.functions, lease_for=LEASE, max_per_tenant=2, actor=WORKER) for _ in range(4)
    ]
    tenants = [leased.run.organization_id for leased in claimed if leased is not None]
    assert tenants == [helpdesk.tenant, helpdesk.tenant, theirs.organization_id]


async def test_a_tenant_with_many_due_syncs_leaves_a_start_to_others(helpdesk: Helpdesk, other: Helpdesk) -> None:
    few, many = sorted((helpdesk, other), key=lambda each: each.tenant, reverse=True)
    for number in range(3):
        await many.connect(f"Desk {number}", sync_every_minutes=1)
    await few.connect(sync_every_minutes=1)
    enable = "update autopilot.data_source_connections set is_enabled = organization_id in (%s, %s)"
    helpdesk.run(enable, few.tenant, many.tenant)
    await helpdesk.functions.call("autopilot.start_due_syncs", max_runs=2)
    started = [len(await runs.list_runs(each.functions, each.tenant)) for each in (few, many)]
    helpdesk.run("update autopilot.data_source_connections set is_enabled = false")
    assert started == [1, 1]


async def lose(desk: Helpdesk) -> Run:
    """A run that has lost its fifth lease."""
    run = await desk.sync((await desk.connect()).id)
    desk.run(
        "update autopilot.ingestion_runs set attempts = 5, lease_until = now() - interval '1 minute' where id = %s",
        run.id,
    )
    return run


async def test_a_tenant_that_locks_its_rows_stops_no_other_tenant(helpdesk: Helpdesk, other: Helpdesk) -> None:
    lost = await lose(helpdesk)
    theirs = await runs.start_sync(other.functions, other.tenant, (await other.connect()).id, actor=OLGA)
    with psycopg.connect(helpdesk.url) as hostile:
        hostile.execute(
            "select from autopilot.data_source_connections where organization_id = %s for update", [helpdesk.tenant]
        )
        leased = await runs.claim_run(helpdesk.functions, lease_for=LEASE, actor=WORKER)
        assert leased is not None
        assert leased.run.id == theirs.id
    await runs.claim_run(helpdesk.functions, lease_for=LEASE, actor=WORKER)
    ended = await runs.read_run(helpdesk.functions, helpdesk.tenant, lost.id)
    assert (ended.status, ended.error_message) == (RunStatus.FAILED, "worker_lost")


async def test_an_envelope_with_the_external_id_of_a_message_does_not_keep_a_run_open(helpdesk: Helpdesk) -> None:
    await save_settings(helpdesk.functions, helpdesk.tenant, {"status_tool_slug": "RITA__status"}, actor=OLGA)
    lost = await lose(helpdesk)
    taken = f"ticket_ingestion:{lost.id}:failed:0"
    helpdesk.run(
        "select autopilot.send_message(%s, 'OTHER__tool', %s, 'k', '{}', 'operator', 'eve', null)",
        helpdesk.tenant, taken,
    )  # fmt: skip
    await runs.claim_run(helpdesk.functions, lease_for=LEASE, actor=WORKER)
    ended = await runs.read_run(helpdesk.functions, helpdesk.tenant, lost.id)
    assert ended.status is RunStatus.FAILED
    [[told]] = helpdesk.run(
        "select external_id from outbox where tenant_id = %s and tool_slug = 'RITA__status'", helpdesk.tenant
    )
    assert told.startswith(f"autopilot:{taken}:")


async def test_a_renewed_lease_lasts(helpdesk: Helpdesk) -> None:
    run = await helpdesk.sync((await helpdesk.connect()).id)
    assert run.lease_until is not None
    renewed = await runs.renew_run(helpdesk.functions, run, lease_for=timedelta(hours=1))
    assert renewed.lease_until is not None
    assert renewed.lease_until > run.lease_until


async def test_a_cancelled_run_refuses_its_worker(helpdesk: Helpdesk) -> None:
    run = await helpdesk.sync((await helpdesk.connect()).id)
    await runs.cancel_run(helpdesk.as_user(tenant_role="reviewer"), helpdesk.tenant, run.id, actor=OLGA)
    for call in (
        helpdesk.store(run, a_ticket()),
        runs.renew_run(helpdesk.functions, run, lease_for=LEASE),
        runs.complete_run(helpdesk.functions, run, actor=WORKER),
    ):
        with pytest.raises(StateConflict, match="cancelled"):
            await call
    with pytest.raises(StateConflict, match="cancelled already"):
        await runs.cancel_run(helpdesk.functions, helpdesk.tenant, run.id, actor=OLGA)
    with pytest.raises(NotFound):
        await runs.cancel_run(helpdesk.functions, helpdesk.tenant, uuid4(), actor=OLGA)


async def test_the_schedule_starts_what_is_due_once(helpdesk: Helpdesk) -> None:
    connection = (await helpdesk.connect(sync_every_minutes=60)).id
    await helpdesk.connect("On request")
    clock = system("autopilot_sync")
    assert await runs.start_due_syncs(helpdesk.functions, actor=clock) == 1
    assert await runs.start_due_syncs(helpdesk.functions, actor=clock) == 0
    [run] = await runs.list_runs(helpdesk.functions, helpdesk.tenant)
    assert (run.data_source_connection_id, run.started_by) == (connection, None)
    await runs.cancel_run(helpdesk.functions, helpdesk.tenant, run.id, actor=OLGA)
    assert await runs.start_due_syncs(helpdesk.functions, actor=clock) == 0  # it began less than an hour ago
    helpdesk.run("update autopilot.ingestion_runs set created_at = now() - interval '1 hour' where id = %s", run.id)
    assert await runs.start_due_syncs(helpdesk.functions, actor=clock) == 1


async def test_only_one_model_is_rebuilt_at_a_time_and_only_owners_start_it(helpdesk: Helpdesk) -> None:
    run = await runs.start_rebuild(helpdesk.as_user(), helpdesk.tenant, actor=OLGA)
    with pytest.raises(StateConflict, match=str(run.id)):
        await runs.start_rebuild(helpdesk.functions, helpdesk.tenant, actor=OLGA)
    with pytest.raises(NotAllowed):
        await runs.start_rebuild(helpdesk.as_user(tenant_role="reviewer"), helpdesk.tenant, actor=OLGA)


async def test_a_workflow_is_asked_by_a_message_that_commits_with_the_run(helpdesk: Helpdesk) -> None:
    for slug in ("RITA__sync_tickets", "RITA__data_source_status"):
        await helpdesk.access.operator.catalog.save([a_tool(tenant_id=helpdesk.tenant, tool_slug=slug)], actor=OLGA)
    await helpdesk.functions.call(
        "autopilot.save_settings", tenant=helpdesk.tenant, sync_tool_slug="RITA__sync_tickets",
        status_tool_slug="RITA__data_source_status", actor_id="olga",
    )  # fmt: skip
    connection = await helpdesk.connect(options={"url": "https://acme.example"})
    run = await runs.start_sync(helpdesk.as_user("rita"), helpdesk.tenant, connection.id, actor=OLGA)
    assert await runs.claim_run(helpdesk.functions, lease_for=LEASE, actor=WORKER) is None  # the workflow's
    await runs.cancel_run(helpdesk.functions, helpdesk.tenant, run.id, actor=OLGA)
    sent = helpdesk.run(
        "select id, tool_slug, arguments from outbox where tenant_id = %s order by created_at", helpdesk.tenant
    )
    assert sent[0] == (run.envelope_id, "RITA__sync_tickets", {
        "source": "rita-chat", "action": "sync_tickets", "tenant_id": str(helpdesk.tenant), "user_id": "rita",
        "ingestion_run_id": str(run.id), "connection_id": str(connection.id), "connection_type": "servicenow",
        "settings": {"url": "https://acme.example"},
    })  # fmt: skip
    [(_, slug, told)] = sent[1:]
    assert (slug, told["type"], told["status"], told["ingestion_run_id"], told["records_processed"]) == (
        "RITA__data_source_status", "ticket_ingestion", "cancelled", str(run.id), 0,
    )  # fmt: skip


async def test_a_workflows_run_that_never_ends_times_out(helpdesk: Helpdesk) -> None:
    run = await runs.start_sync(helpdesk.functions, helpdesk.tenant, (await helpdesk.connect()).id, actor=OLGA)
    helpdesk.run(
        "update autopilot.ingestion_runs set status = 'running', created_at = now() - interval '25 hours'"
        " where id = %s",
        run.id,
    )
    assert await runs.claim_run(helpdesk.functions, lease_for=LEASE, actor=WORKER) is None
    [ended] = await runs.list_runs(helpdesk.functions, helpdesk.tenant)
    assert (ended.status, ended.error_message) == (RunStatus.FAILED, "timed_out")


async def test_a_run_of_ours_times_out_from_its_first_lease_on(helpdesk: Helpdesk) -> None:
    run = await runs.start_sync(helpdesk.functions, helpdesk.tenant, (await helpdesk.connect()).id, actor=OLGA)
    helpdesk.run("update autopilot.ingestion_runs set created_at = now() - interval '25 hours' where id = %s", run.id)
    assert await runs.claim_run(helpdesk.functions, lease_for=LEASE, actor=WORKER) is not None
    helpdesk.run("update autopilot.ingestion_runs set started_at = now() - interval '25 hours' where id = %s", run.id)
    assert await runs.claim_run(helpdesk.functions, lease_for=LEASE, actor=WORKER) is None
    ended = await runs.read_run(helpdesk.functions, helpdesk.tenant, run.id)
    assert (ended.status, ended.error_message) == (RunStatus.FAILED, "timed_out")


async def test_old_runs_are_deleted_but_the_newest_and_the_newest_completed_ones(helpdesk: Helpdesk) -> None:
    of = [(await helpdesk.connect(name)).id for name in ("A", "B")]
    old = "now() - interval '2 days'"
    for number, (connection, status) in enumerate(
        [(0, "completed"), (0, "completed"), (0, "failed"), (0, "cancelled"), (1, "failed"), (1, "failed")]
    ):
        helpdesk.run(
            "insert into autopilot.ingestion_runs (organization_id, data_source_connection_id, status, created_at,"  # noqa: S608
            f" completed_at, records_processed) values (%s, %s, %s, {old} + make_interval(mins => %s), {old}, %s)",
            helpdesk.tenant, of[connection], status, number, number,
        )  # fmt: skip
    await runs.start_sync(helpdesk.functions, helpdesk.tenant, of[0], actor=OLGA)

    report = await run_retention.run(a_context(helpdesk))
    assert (report.counts, report.problem) == ({"runs": 4}, None)
    left = helpdesk.run(
        "select records_processed, status from autopilot.ingestion_runs where organization_id = %s order by created_at",
        helpdesk.tenant,
    )
    assert left == [(1, "completed"), (5, "failed"), (0, "pending")]
    assert helpdesk.audit()[-1] == "ingestion_runs.forgotten"
    assert (await run_retention.run(a_context(helpdesk))).counts == {"runs": 0}
