"""The job syncs tickets: all of them, once, whatever happens meanwhile. ServiceNow is a mock of the hosted API."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from control_plane.apps.autopilot.connections import ConnectionType
from control_plane.apps.autopilot.jobs import ingestion_runs
from control_plane.apps.autopilot.runs import FailureState, Run, RunStatus
from control_plane.apps.autopilot.store import connections, failures, runs
from services.errors import NotFound, StateConflict
from tests.builders import a_tool
from tests.control_plane.apps.autopilot.api_server import ApiServer, Call, Fault, Reply, fails_with, never_answers
from tests.control_plane.apps.autopilot.helpdesk import OLGA, Helpdesk
from tests.control_plane.apps.autopilot.made_up_tickets import made_up_tickets
from tests.control_plane.apps.autopilot.servicenow_server import ServiceNowServer
from tests.control_plane.apps.autopilot.sync import Syncs

OAUTH = {"client_id": ApiServer.CLIENT_ID, "client_secret": ApiServer.CLIENT_SECRET}
DONE = ("completed", None)


@pytest.fixture
async def server() -> AsyncIterator[ServiceNowServer]:
    async with ServiceNowServer(made_up_tickets(250)) as running:
        yield running


@pytest.fixture
async def syncs(helpdesk: Helpdesk, server: ServiceNowServer, monkeypatch: pytest.MonkeyPatch) -> Syncs:
    """A helpdesk with the model of a workflow, so that no sync has too few tickets."""
    helpdesk.run(
        "insert into autopilot.ml_models (organization_id, external_model_id, model_name, active)"
        " values (%s, 'm', 'Model of a workflow', true)",
        helpdesk.tenant,
    )
    return Syncs(helpdesk, server, monkeypatch)


def meanwhile(syncs: Syncs, query: str, connection: UUID) -> Fault:
    """The database changes while the ticket system answers."""

    def change(_: Call) -> None:
        syncs.desk.run(query, connection)

    return change


def subjects(server: ServiceNowServer) -> dict[str, str]:
    return {record["number"]: record["short_description"] for record in server.records.values()}


def ending(run: Run) -> tuple[str, str | None]:
    return run.status.value, run.error_message


async def failures_of(syncs: Syncs, state: FailureState | None = None) -> list[tuple[str | None, str]]:
    found = await failures.list_failures(syncs.desk.functions, syncs.desk.tenant, state=state)
    return [(each.external_id, each.code) for each in found]


async def test_a_sync_stores_every_ticket_and_knows_how_many_to_expect(syncs: Syncs, server: ServiceNowServer) -> None:
    run = await syncs.sync((await syncs.connect()).id)
    assert ending(run) == DONE
    assert (run.records_processed, run.records_estimated, run.batches) == (250, 250, 3)
    assert syncs.stored() == subjects(server)


@pytest.mark.parametrize("count", ["9" * 12, "9" * 5000])
async def test_a_count_that_cannot_be_true_does_not_end_a_sync(
    syncs: Syncs, server: ServiceNowServer, count: str
) -> None:
    server.faults.append(lambda _: Reply(document={"result": []}, headers={"x-total-count": count}))
    run = await syncs.sync((await syncs.connect()).id)
    assert (ending(run), run.records_processed) == (DONE, 250)


async def test_a_later_sync_reads_only_what_changed(syncs: Syncs, server: ServiceNowServer) -> None:
    connection = (await syncs.connect()).id
    await syncs.sync(connection)
    changed = next(iter(server.records.values()))
    server.put({**changed, "short_description": "Other words", "sys_updated_on": "2027-01-01 00:00:00"})
    second = await syncs.sync(connection)
    assert (second.records_processed < 100, syncs.stored()) == (True, subjects(server))
    asked = len(server.pages_asked)
    await syncs.sync(connection)
    assert len(server.pages_asked) - asked == 2  # an estimate and a page


async def test_each_batch_sends_one_message_and_the_end_another(syncs: Syncs) -> None:
    await syncs.desk.access.operator.catalog.save(
        [a_tool(tenant_id=syncs.desk.tenant, tool_slug="RITA__data_source_status")], actor=OLGA
    )
    await syncs.desk.functions.call(
        "autopilot.save_settings", tenant=syncs.desk.tenant, status_tool_slug="RITA__data_source_status",
        actor_id="olga",
    )  # fmt: skip
    await syncs.sync((await syncs.connect()).id)
    sent = syncs.desk.run(
        "select arguments ->> 'status', (arguments ->> 'records_processed')::int from outbox where tenant_id = %s"
        " order by 1 desc, 2",
        syncs.desk.tenant,
    )
    assert sent == [("running", 100), ("running", 200), ("running", 250), ("completed", 250)]


async def test_what_is_due_is_started_and_done(syncs: Syncs, server: ServiceNowServer) -> None:
    assert not await ingestion_runs.is_needed(syncs.context())
    await syncs.connect(sync_every_minutes=60)
    assert await ingestion_runs.is_needed(syncs.context())
    report = await syncs.work()
    assert (report.counts["started"], report.counts["completed"], report.problem) == (1, 1, None)
    assert not await ingestion_runs.is_needed(syncs.context())
    assert syncs.stored() == subjects(server)


@pytest.mark.parametrize(
    ("fault", "code"),
    [(fails_with(401), "authentication_failed"), (fails_with(403), "permission_denied"),
     (lambda _: Reply(raw=b"[1"), "source_unreadable")],
)  # fmt: skip
async def test_a_run_that_fails_tells_why_and_the_next_goes_on_there(
    syncs: Syncs, server: ServiceNowServer, fault: Any, code: str
) -> None:
    connection = (await syncs.connect()).id
    server.faults.extend([None, None, fault])  # the estimate, the first page, the second page
    failed = await syncs.sync(connection)
    assert (ending(failed), failed.records_processed, "problem" in (failed.error_detail or {})) == (
        ("failed", code), 100, True,
    )  # fmt: skip
    following = await syncs.sync(connection)
    assert (ending(following), following.records_processed) == (DONE, 150)
    assert syncs.stored() == subjects(server)


async def test_wrong_settings_and_a_missing_login_end_the_run(syncs: Syncs) -> None:
    wrong = await syncs.connect(options={"page_size": 0})
    assert ending(await syncs.sync(wrong.id)) == ("failed", "settings_invalid")
    unknown = await syncs.desk.connect("No login", options={"url": syncs.server.url})
    assert ending(await syncs.sync(unknown.id)) == ("failed", "authentication_failed")


async def test_an_expired_token_is_replaced_in_mid_run(syncs: Syncs, server: ServiceNowServer) -> None:
    login = {**OAUTH, "token_url": f"{server.url}/oauth_token.do"}
    connection = await syncs.connect(login=login)
    server.faults.extend([None, None, server.expire_tokens])
    assert ending(await syncs.sync(connection.id)) == DONE
    assert syncs.stored() == subjects(server)


async def test_changes_and_duplicates_during_paging_end_as_the_source_has_them(
    syncs: Syncs, server: ServiceNowServer
) -> None:
    def change(_: Call) -> None:
        for record in list(server.records.values())[:50]:
            server.put({**record, "short_description": "Changed meanwhile", "sys_updated_on": "2027-01-01 00:00:00"})

    twice = {**list(server.records.values())[120], "sys_id": "f" * 32, "short_description": "The same number again"}
    server.put({**twice, "sys_updated_on": "2027-01-02 00:00:00"})
    server.faults.extend([None, None, change])
    run = await syncs.sync((await syncs.connect()).id)
    assert (ending(run), syncs.stored()) == (DONE, subjects(server))


async def test_250_tickets_of_one_second_are_all_read(syncs: Syncs, server: ServiceNowServer) -> None:
    for record in list(server.records.values()):
        server.put({**record, "sys_updated_on": "2026-03-01 09:00:00"})
    await syncs.sync((await syncs.connect()).id)
    assert syncs.stored() == subjects(server)


async def test_other_settings_let_everything_be_read_again(syncs: Syncs, server: ServiceNowServer) -> None:
    connection = (await syncs.connect()).id
    await syncs.sync(connection)
    await connections.change_connection(
        syncs.desk.functions, syncs.desk.tenant, connection, options={"url": server.url, "page_size": 50}, actor=OLGA
    )
    again = await syncs.sync(connection)
    assert (again.records_processed, again.batches) == (250, 5)


async def test_three_tickets_are_stored_and_reported_as_too_few(
    helpdesk: Helpdesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with ServiceNowServer(made_up_tickets(3)) as server:
        syncs = Syncs(helpdesk, server, monkeypatch)
        connection = (await syncs.connect()).id
        run = await syncs.sync(connection)
        assert (ending(run), run.error_detail) == (
            ("failed", "tickets_below_threshold"), {"current_total_tickets": 3, "needed_total_tickets": 100},
        )  # fmt: skip
        assert syncs.stored() == subjects(server)
        shown = await connections.read_connection(helpdesk.functions, helpdesk.tenant, connection)
        assert shown.last_sync_at == run.completed_at


async def test_a_cancelled_run_ends_quietly(syncs: Syncs, server: ServiceNowServer) -> None:
    connection = (await syncs.connect()).id
    started = await runs.start_sync(syncs.desk.functions, syncs.desk.tenant, connection, actor=OLGA)
    cancelled = asyncio.Event()

    def cancel(_: Call) -> None:
        syncs.desk.run(
            "update autopilot.ingestion_runs set status = 'cancelled', completed_at = now() where id = %s", started.id
        )
        cancelled.set()

    server.faults.extend([None, None, cancel])
    report = await syncs.work()
    assert (report.counts["left"], report.problem, cancelled.is_set()) == (1, None, True)
    assert (await syncs.read(started.id)).records_processed == 100


async def test_a_run_whose_connection_was_deleted_does_not_stay_open(syncs: Syncs, server: ServiceNowServer) -> None:
    connection = (await syncs.connect()).id
    started = await runs.start_sync(syncs.desk.functions, syncs.desk.tenant, connection, actor=OLGA)
    delete = "delete from autopilot.data_source_connections where id = %s"
    server.faults.extend([None, None, meanwhile(syncs, delete, connection)])
    assert (await syncs.work()).counts["left"] == 1
    syncs.desk.run("update autopilot.ingestion_runs set lease_until = now() where id = %s", started.id)
    await syncs.work()
    assert ending(await syncs.read(started.id)) == ("failed", "settings_invalid")


async def test_a_connection_that_is_disabled_in_mid_run_is_read_to_the_end(
    syncs: Syncs, server: ServiceNowServer
) -> None:
    connection = (await syncs.connect()).id
    disable = "update autopilot.data_source_connections set is_enabled = false where id = %s"
    server.faults.extend([None, None, meanwhile(syncs, disable, connection)])
    assert ending(await syncs.sync(connection)) == DONE


async def test_a_stopped_worker_gives_its_run_back(syncs: Syncs, server: ServiceNowServer) -> None:
    connection = (await syncs.connect()).id
    started = await runs.start_sync(syncs.desk.functions, syncs.desk.tenant, connection, actor=OLGA)
    reached = asyncio.Event()

    def never(call: Call) -> Reply | None:
        reached.set()
        return never_answers(call)

    server.faults.extend([None, None, never])
    async with asyncio.timeout(60):
        work = asyncio.create_task(syncs.work())
        await reached.wait()
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)
        await syncs.work()
    run = await syncs.read(started.id)
    assert (ending(run), run.lease_token, syncs.stored()) == (DONE, 2, subjects(server))


async def test_a_bug_ends_the_run_and_not_the_job(syncs: Syncs, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(*_: Any) -> None:
        raise ZeroDivisionError

    connection = (await syncs.connect()).id
    monkeypatch.setattr("control_plane.apps.autopilot.sync_tickets.classify_tickets", fail)
    run = await syncs.sync(connection)
    assert (ending(run), run.error_detail) == (
        ("failed", "internal_error"), {"problem": "a bug: ZeroDivisionError: see job.bug in the log"},
    )  # fmt: skip


async def test_a_slow_ticket_system_does_not_delay_another_tenant(
    syncs: Syncs, other: Helpdesk, server: ServiceNowServer
) -> None:
    slow = (await syncs.connect()).id
    run = await runs.start_sync(syncs.desk.functions, syncs.desk.tenant, slow, actor=OLGA)
    theirs = await runs.start_sync(other.functions, other.tenant, (await other.connect()).id, actor=OLGA)
    asked = asyncio.Event()

    def never(call: Call) -> Reply | None:
        asked.set()
        return never_answers(call)

    server.faults.append(never)
    async with asyncio.timeout(60):
        work = asyncio.create_task(syncs.work())
        await asked.wait()
        while (await runs.read_run(other.functions, other.tenant, theirs.id)).status is not RunStatus.FAILED:
            pass  # it has no login, and fails while the first tenant's system is silent
        assert (await syncs.read(run.id)).status is RunStatus.RUNNING
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)


async def test_tickets_that_vanished_are_marked_once_a_day(syncs: Syncs, server: ServiceNowServer) -> None:
    connection = (await syncs.connect()).id
    await syncs.sync(connection)
    [gone, *_] = [sys_id for sys_id, record in server.records.items() if record["number"] == "INC0000007"]
    removed = server.records.pop(gone)
    await syncs.sync(connection)
    vanished = "select external_id from autopilot.tickets where organization_id = %s and vanished_at is not null"
    assert syncs.desk.run(vanished, syncs.desk.tenant) == []  # not yet: less than a day ago all were read
    compare = "update autopilot.data_source_connections set ids_listed_at = now() - interval '1 day' where id = %s"
    syncs.desk.run(compare, connection)
    await syncs.sync(connection)
    assert syncs.desk.run(vanished, syncs.desk.tenant) == [("INC0000007",)]
    server.put(removed)
    syncs.desk.run(compare, connection)
    await syncs.sync(connection)
    assert syncs.desk.run(vanished, syncs.desk.tenant) == []
    assert syncs.desk.audit().count("tickets.compared") == 2


async def test_a_failure_is_kept_once_and_ends_when_its_ticket_comes_well(
    syncs: Syncs, server: ServiceNowServer
) -> None:
    bad = max(server.records.values(), key=lambda record: str(record["sys_updated_on"]))
    server.put({**bad, "sys_created_on": "yesterday"})
    connection = (await syncs.connect()).id
    first = await syncs.sync(connection)
    second = await syncs.sync(connection)  # the last minutes are read twice
    assert (first.records_failed, second.records_failed) == (1, 1)
    assert await failures_of(syncs) == [(bad["number"], "date_invalid")]
    server.put(bad)
    await syncs.sync(connection)
    assert await failures_of(syncs, FailureState.OPEN) == []
    assert await failures_of(syncs, FailureState.REDRIVEN) == [(bad["number"], "date_invalid")]


async def test_a_redrive_reads_the_ticket_again_within_seconds(syncs: Syncs, server: ServiceNowServer) -> None:
    functions, tenant = syncs.desk.functions, syncs.desk.tenant
    first = next(iter(server.records.values()))
    server.put({**first, "sys_created_on": "yesterday"})
    connection = (await syncs.connect()).id
    await syncs.sync(connection)
    [failure] = await failures.list_failures(functions, tenant, state=FailureState.OPEN)
    await failures.redrive_failure(syncs.desk.as_user(tenant_role="reviewer"), tenant, failure.id, actor=OLGA)
    assert await failures_of(syncs, FailureState.REQUESTED) == [(first["number"], "date_invalid")]
    assert await ingestion_runs.is_needed(syncs.context())
    assert (await syncs.work()).counts["completed"] == 1
    assert await failures_of(syncs, FailureState.OPEN) == [(first["number"], "date_invalid")]  # it failed again
    assert not await ingestion_runs.is_needed(syncs.context())

    server.put(first)
    await failures.redrive_failure(functions, tenant, failure.id, actor=OLGA)
    await syncs.work()
    assert await failures_of(syncs, FailureState.REDRIVEN) == [(first["number"], "date_invalid")]
    with pytest.raises(StateConflict, match="processed again already"):
        await failures.redrive_failure(functions, tenant, failure.id, actor=OLGA)


async def test_a_redrive_of_a_ticket_that_is_gone_says_so(syncs: Syncs, server: ServiceNowServer) -> None:
    first = next(iter(server.records.values()))
    server.put({**first, "sys_created_on": "yesterday"})
    await syncs.sync((await syncs.connect()).id)
    [failure] = await failures.list_failures(syncs.desk.functions, syncs.desk.tenant)
    await failures.redrive_failure(syncs.desk.functions, syncs.desk.tenant, failure.id, actor=OLGA)
    server.records.pop(first["sys_id"])
    await syncs.work()
    assert await failures_of(syncs, FailureState.OPEN) == [(first["number"], "ticket_vanished")]
    dismissed = await failures.dismiss_failure(syncs.desk.functions, syncs.desk.tenant, failure.id, actor=OLGA)
    assert (dismissed.dismissed_by, await failures_of(syncs, FailureState.OPEN)) == ("olga", [])


async def test_a_redrive_that_cannot_work_is_refused(syncs: Syncs) -> None:
    functions, tenant = syncs.desk.functions, syncs.desk.tenant
    connection = (await syncs.connect()).id
    rows = "insert into autopilot.message_processing_failures (organization_id, source, code) values (%s, %s, 'bad')"
    for source in (str(connection), str(uuid4()), "data_source_status"):
        syncs.desk.run(rows, tenant, source)
    for failure in await failures.list_failures(functions, tenant):
        with pytest.raises(StateConflict, match=r"has no number|nothing here|was not kept"):
            await failures.redrive_failure(functions, tenant, failure.id, actor=OLGA)
    with pytest.raises(NotFound):
        await failures.redrive_failure(functions, tenant, uuid4(), actor=OLGA)


async def test_unchanged_files_leave_the_cursor_as_it_was(syncs: Syncs, tmp_path: Path) -> None:
    (tmp_path / "tickets.csv").write_text("external_id,subject,external_status\n1,No network,open\n")
    added = await connections.add_connection(
        syncs.desk.functions, syncs.desk.tenant, "Files", ConnectionType.CSV, actor=OLGA
    )
    syncs.environment.setenv("ACP_AUTOPILOT_LOGINS", FILES % (syncs.desk.tenant, added.id, tmp_path))
    counts = [(await syncs.sync(added.id)).records_processed for _ in range(3)]
    assert counts == [1, 0, 0]


FILES = '{"files": {"tenant_id": "%s", "connection_id": "%s", "connection_type": "csv", "folder": "%s"}}'
