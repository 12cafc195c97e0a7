"""Batches of tickets: each once, unchanged ones untouched, bad ones told, figures never doubled."""

from datetime import UTC, datetime
from typing import Any

import pytest

from control_plane.apps.autopilot.store import failures, runs
from control_plane.apps.autopilot.values import TicketProblem
from services.errors import InvalidInput
from tests.control_plane.apps.autopilot.helpdesk import WORKER, Helpdesk, a_ticket

OPENED = datetime(2026, 1, 5, 23, 30, tzinfo=UTC)


def tickets_of(helpdesk: Helpdesk, columns: str = "external_id, subject") -> list[tuple[Any, ...]]:
    return helpdesk.run(
        f"select {columns} from autopilot.tickets where organization_id = %s order by external_id",  # noqa: S608
        helpdesk.tenant,
    )


def classify(helpdesk: Helpdesk) -> None:
    """All tickets of the tenant are in one cluster."""
    helpdesk.run(
        "insert into autopilot.ml_models (organization_id, external_model_id, model_name) values (%s, 'm', 'M')",
        helpdesk.tenant,
    )
    helpdesk.run(
        "with c as (insert into autopilot.clusters (organization_id, model_id, name, kb_status)"
        " select organization_id, id, 'Network', 'GAP' from autopilot.ml_models where organization_id = %s"
        " returning organization_id, id)"
        " update autopilot.tickets as t set cluster_id = c.id from c where t.organization_id = c.organization_id",
        helpdesk.tenant,
    )


def figures(helpdesk: Helpdesk) -> list[tuple[Any, ...]]:
    return helpdesk.run(
        "select day::text, total_tickets, automated_count, kb_gap_count from autopilot.analytics_cluster_daily"
        " where organization_id = %s order by day",
        helpdesk.tenant,
    )


async def test_of_two_tickets_with_one_number_the_last_counts(helpdesk: Helpdesk) -> None:
    run = await helpdesk.sync((await helpdesk.connect()).id)
    stored = await helpdesk.store(
        run, a_ticket("INC2"), a_ticket("INC1", subject="old"), a_ticket("INC1", subject="new")
    )
    assert (stored.stored, stored.unchanged, stored.failed, stored.run.records_processed) == (2, 0, 0, 2)
    assert tickets_of(helpdesk) == [("INC1", "new"), ("INC2", "No network")]


async def test_every_field_of_a_ticket_is_stored(helpdesk: Helpdesk) -> None:
    connection = (await helpdesk.connect()).id
    whole = a_ticket(
        "INC1", description="It is down", priority="1 - Critical", requester="Kim", assignee="Rita",
        resolution="Plugged in", source_created_at=OPENED, source_updated_at=OPENED, resolved_at=OPENED,
        source_metadata={"sys_id": "x"},
    )  # fmt: skip
    await helpdesk.store(await helpdesk.sync(connection), whole)
    assert tickets_of(
        helpdesk,
        "data_source_connection_id, description, external_status, priority, requester, assignee, resolution,"
        " source_created_at, source_updated_at, resolved_at, source_metadata",
    ) == [(connection, "It is down", "New", "1 - Critical", "Kim", "Rita", "Plugged in", OPENED, OPENED, OPENED,
           {"sys_id": "x"})]  # fmt: skip


async def test_a_second_sync_writes_no_row_and_doubles_no_figure(helpdesk: Helpdesk) -> None:
    connection = (await helpdesk.connect()).id
    batch = [a_ticket(f"INC{number}", source_created_at=OPENED) for number in range(3)]
    first = await helpdesk.store(await helpdesk.sync(connection), *batch)
    classify(helpdesk)
    changed = await helpdesk.store(first.run, a_ticket("INC0", source_created_at=OPENED, subject="New subject"))
    await runs.complete_run(helpdesk.functions, changed.run, actor=WORKER)
    assert figures(helpdesk) == [("2026-01-05", 3, 0, 3)]
    before = tickets_of(helpdesk, "external_id, updated_at, xmin::text")

    again = await helpdesk.store(
        await helpdesk.sync(connection), a_ticket("INC0", source_created_at=OPENED, subject="New subject"), *batch[1:]
    )
    assert (again.stored, again.unchanged) == (0, 3)
    assert tickets_of(helpdesk, "external_id, updated_at, xmin::text") == before
    assert figures(helpdesk) == [("2026-01-05", 3, 0, 3)]
    assert helpdesk.audit().count("tickets.stored") == 2


async def test_a_ticket_that_moves_to_another_day_is_counted_there_only(helpdesk: Helpdesk) -> None:
    run = await helpdesk.sync((await helpdesk.connect()).id)
    first = await helpdesk.store(run, a_ticket(source_created_at=OPENED))
    classify(helpdesk)
    second = await helpdesk.store(first.run, a_ticket(source_created_at=OPENED, subject="x"))
    await helpdesk.store(second.run, a_ticket(source_created_at=OPENED.replace(day=6), subject="x"))
    assert figures(helpdesk) == [("2026-01-05", 0, 0, 0), ("2026-01-06", 1, 0, 1)]


async def test_the_same_batch_again_changes_nothing(helpdesk: Helpdesk) -> None:
    run = await helpdesk.sync((await helpdesk.connect()).id)
    problem = TicketProblem(external_id="INC9", code="subject_missing", detail="short_description is empty")
    first = await helpdesk.store(run, a_ticket(), problems=(problem,), cursor={"page": 2})
    again = await helpdesk.store(run, a_ticket(), problems=(problem,), cursor={"page": 2})
    assert again.run == first.run
    assert (first.run.records_processed, first.run.records_failed, first.run.batches) == (1, 1, 1)


async def test_a_bad_ticket_becomes_a_failure_and_the_others_are_stored(helpdesk: Helpdesk) -> None:
    run = await helpdesk.sync((await helpdesk.connect()).id)
    problem = TicketProblem(external_id=None, code="Not a code", detail="row 7 has no number")
    bad = [
        a_ticket("", subject="x"), a_ticket("X" * 247), a_ticket("INC2", subject=""),
        a_ticket("INC3", external_status=""),
        a_ticket("INC4", source_metadata={"x": "y" * 1048576}), a_ticket("INC5", description="y" * 1048577),
    ]  # fmt: skip
    stored = await helpdesk.store(run, *bad, a_ticket(), problems=(problem,))
    assert (stored.stored, stored.failed, stored.run.records_failed) == (1, 7, 7)
    assert tickets_of(helpdesk) == [("INC1", "No network")]
    found = await failures.list_failures(helpdesk.functions, helpdesk.tenant, run=run.id)
    assert sorted((each.code, each.external_id or "") for each in found) == [
        ("external_id_missing", ""), ("external_id_too_long", "X" * 247), ("record_invalid", ""),
        ("record_too_large", "INC4"), ("record_too_large", "INC5"), ("status_missing", "INC3"),
        ("subject_missing", "INC2"),
    ]  # fmt: skip


async def test_one_number_of_two_connections_is_two_tickets(helpdesk: Helpdesk) -> None:
    one, two = (await helpdesk.connect("One")).id, (await helpdesk.connect("Two")).id
    other = f"{str(two)[:8]}:INC1"
    await helpdesk.store(await helpdesk.sync(one), a_ticket(subject="of one"))
    run = await helpdesk.sync(two)
    first = await helpdesk.store(run, a_ticket(subject="of two"), a_ticket("INC2", subject="of two"))
    helpdesk.run("delete from autopilot.tickets where external_id = 'INC1' and organization_id = %s", helpdesk.tenant)
    again = await helpdesk.store(first.run, a_ticket(subject="of two, changed"))
    assert (first.stored, again.stored) == (2, 1)
    assert sorted(tickets_of(helpdesk)) == sorted([(other, "of two, changed"), ("INC2", "of two")])


async def test_a_ticket_that_a_workflow_wrote_belongs_to_the_connection_that_sends_it(helpdesk: Helpdesk) -> None:
    connection = (await helpdesk.connect()).id
    helpdesk.run(
        "insert into autopilot.tickets (organization_id, external_id, subject, external_status)"
        " values (%s, 'INC1', 'x', 'New')",
        helpdesk.tenant,
    )
    await helpdesk.store(await helpdesk.sync(connection), a_ticket())
    assert tickets_of(helpdesk, "external_id, data_source_connection_id") == [("INC1", connection)]


async def test_a_batch_has_at_most_a_thousand_tickets_and_comes_in_order(helpdesk: Helpdesk) -> None:
    run = await helpdesk.sync((await helpdesk.connect()).id)
    with pytest.raises(InvalidInput, match="at most 1000"):
        await helpdesk.store(run, *(a_ticket(f"INC{number}") for number in range(1001)))
    with pytest.raises(InvalidInput, match="batch: must be 1"):
        await helpdesk.functions.call(
            "autopilot.store_tickets", tenant=helpdesk.tenant, run=run.id, lease_token=run.lease_token, batch=3,
            tickets=[],
        )  # fmt: skip
