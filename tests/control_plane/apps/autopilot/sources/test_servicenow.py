"""ServiceNow is read completely and in order, whatever happens meanwhile. The instance is a mock of the hosted API."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from control_plane.apps.autopilot.sources import Page, SourceCode
from control_plane.apps.autopilot.values import Ticket, TicketProblem
from tests.control_plane.apps.autopilot.api_server import Call, Reply
from tests.control_plane.apps.autopilot.made_up_tickets import made_up_tickets
from tests.control_plane.apps.autopilot.servicenow_server import ServiceNowServer, an_incident
from tests.control_plane.apps.autopilot.sources.conftest import Connection, ids_in, read_all
from tests.control_plane.apps.autopilot.sources.servicenow import (
    FIRST,
    a_record,
    connection,
    numbers,
    refusal,
    server,
    the_only_page,
)

__all__ = ["connection", "server"]  # fixtures


async def test_a_record_becomes_a_ticket_with_times_in_utc(server: ServiceNowServer, connection: Connection) -> None:
    a_record(
        server, number="INC007", short_description=" VPN  down ", description="Since\r\nnoon", state="6", priority="2",
        caller_id=("a" * 32, "Maria Lopez"), assigned_to="", close_notes="Restarted",
        sys_created_on="2026-03-01 09:00:00", sys_updated_on="2026-03-02 10:00:00", resolved_at="",
    )  # fmt: skip
    [ticket] = (await the_only_page(connection)).tickets
    assert ticket == Ticket(
        external_id="INC007",
        subject="VPN down",
        external_status="Resolved",
        description="Since\nnoon",
        priority="2 - High",
        requester="Maria Lopez",
        assignee=None,
        resolution="Restarted",
        source_created_at=datetime(2026, 3, 1, 9, tzinfo=UTC),
        source_updated_at=datetime(2026, 3, 2, 10, tzinfo=UTC),
        resolved_at=None,
        source_metadata=ticket.source_metadata,
    )
    assert ticket.source_metadata["caller_id"] == {"display_value": "Maria Lopez", "value": "a" * 32}


@pytest.mark.parametrize(
    ("reference", "shown"),
    [
        ({"display_value": "Maria", "value": "1"}, "Maria"),
        ({"link": "https://x.example/1", "value": "1"}, "1"),
        ({"display_value": "", "value": ""}, None),
        ("Maria", "Maria"),
        ("", None),
        (None, None),
    ],
)
async def test_a_reference_may_be_an_object_a_text_or_empty(
    server: ServiceNowServer, connection: Connection, reference: Any, shown: str | None
) -> None:
    record = {**an_incident(FIRST), "caller_id": reference}
    server.faults.append(lambda _: Reply(document={"result": [record]}, headers={"X-Total-Count": "1"}))
    [ticket] = (await the_only_page(connection)).tickets
    assert ticket.requester == shown


@pytest.mark.parametrize("page_size", [9, 100, 249, 250, 251])
async def test_records_of_one_second_are_neither_skipped_nor_repeated(
    server: ServiceNowServer, connection: Connection, page_size: int
) -> None:
    for record in server.records.values():
        record["sys_updated_on"] = "2026-03-01 09:00:00"
    async with connection.open(page_size=page_size) as source:
        found = ids_in(await read_all(source))
    assert (len(found), set(found)) == (250, numbers(server))


@given(
    seconds=st.lists(st.integers(0, 4), max_size=30), page_size=st.integers(1, 8), counts=st.booleans(),
    stop_after=st.integers(0, 10),
)  # fmt: skip
@settings(max_examples=40, deadline=None)
async def test_a_run_continues_exactly_where_it_was_killed(
    seconds: list[int], page_size: int, counts: bool, stop_after: int
) -> None:
    async with ServiceNowServer(made_up_tickets(len(seconds))) as server:
        server.counts = counts
        for record, second in zip(server.records.values(), seconds, strict=True):
            record["sys_updated_on"] = f"2026-03-01 09:00:0{second}"
        connection = Connection(server, "servicenow")
        stored: list[Page] = []
        async with connection.open(page_size=page_size) as source:
            async for page in source.pages():
                stored.append(page)
                if len(stored) > stop_after:
                    break
        if not stored[-1].cursor["is_last"]:
            async with connection.open(page_size=page_size) as source:
                stored += await read_all(source, stored[-1].cursor)
        expected = sorted(server.records.values(), key=lambda each: (each["sys_updated_on"], each["sys_id"]))
        assert ids_in(stored) == [record["number"] for record in expected]


async def test_a_record_that_changes_during_the_run_comes_again_and_hides_no_other(
    server: ServiceNowServer, connection: Connection
) -> None:
    first, last = sorted(server.records.values(), key=lambda each: each["sys_updated_on"])[:: len(server.records) - 1]

    def update(_: Call) -> None:
        first.update(sys_updated_on="2026-12-01 00:00:00", short_description="changed")
        last["sys_updated_on"] = "2026-12-01 00:00:01"

    server.faults.extend([None, update])
    async with connection.open(page_size=100) as source:
        pages = await read_all(source)
    found = ids_in(pages)
    assert (set(found), len(found)) == (numbers(server), 251)
    assert pages[-1].tickets[-2].subject == "changed"


async def test_a_later_run_reads_what_changed_and_the_last_minutes_again(
    server: ServiceNowServer, connection: Connection
) -> None:
    async with connection.open() as source:
        cursor = (await read_all(source))[-1].cursor
        last_change = datetime.fromisoformat(cursor["updated_on"])
        late, early, new = list(server.records.values())[:3]
        late["sys_updated_on"] = str(last_change - timedelta(minutes=5))  # stored after a later change was read
        early["sys_updated_on"] = str(last_change - timedelta(minutes=5, seconds=1))
        new["sys_updated_on"] = str(last_change + timedelta(seconds=1))
        found = ids_in(await read_all(source, cursor))
    assert late["number"] in found
    assert new["number"] in found
    assert early["number"] not in found


@pytest.mark.parametrize("wrong", ["0001-01-01 00:00:00", "9999-12-31 23:59:59"])
async def test_a_record_with_a_wrong_date_does_not_hide_later_changes(
    server: ServiceNowServer, connection: Connection, wrong: str
) -> None:
    a_record(server, sys_updated_on=wrong)
    async with connection.open() as source:
        cursor = (await read_all(source))[-1].cursor
        a_record(server, number="INC9", sys_updated_on=datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S"))
        assert ids_in(await read_all(source, cursor)) == ["INC9"]


async def test_a_query_of_the_settings_holds_for_every_page(server: ServiceNowServer, connection: Connection) -> None:
    async with connection.open(query="category=Network", page_size=10) as source:
        expected = {record["number"] for record in server.records.values() if record["category"] == "Network"}
        assert set(ids_in(await read_all(source))) == expected
        assert await source.estimate() == len(expected)
        assert {number for part in [part async for part in source.list_ids()] for number in part} == expected


async def test_columns_name_the_fields_of_another_table(server: ServiceNowServer, connection: Connection) -> None:
    a_record(server, u_who="Olga")
    page = await the_only_page(connection, columns={"requester": "u_who"})
    assert page.tickets[0].requester == "Olga"


async def test_the_estimate_counts_what_changed_since(server: ServiceNowServer, connection: Connection) -> None:
    since = datetime(2026, 1, 6, tzinfo=UTC)
    async with connection.open() as source:
        assert await source.estimate() == 250
        assert await source.estimate(since) == sum(
            record["sys_updated_on"] >= "2026-01-06 00:00:00" for record in server.records.values()
        )


async def test_ids_of_all_records_are_listed(
    server: ServiceNowServer, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("control_plane.apps.autopilot.sources.servicenow.source.IDS_AT_ONCE", 100)
    async with connection.open() as source:
        parts = [part async for part in source.list_ids()]
    assert [len(part) for part in parts] == [100, 100, 50]
    assert {number for part in parts for number in part} == numbers(server)


async def test_records_that_access_rules_hide_are_reported_and_hide_no_others(
    server: ServiceNowServer, connection: Connection
) -> None:
    in_order = sorted(server.records.values(), key=lambda each: each["sys_updated_on"])
    server.hidden = {record["sys_id"] for record in in_order[95:150]} | {in_order[-1]["sys_id"]}
    async with connection.open() as source:
        pages = await read_all(source)
    assert len(ids_in(pages)) == 250 - 56
    problems = [problem for page in pages for problem in page.problems]
    assert {problem.code for problem in problems} == {"records_hidden"}


async def test_a_page_of_only_hidden_records_ends_the_run_with_permission_denied(
    server: ServiceNowServer, connection: Connection
) -> None:
    server.hidden = set(server.records)
    assert (await refusal(connection)).code == SourceCode.PERMISSION_DENIED


async def test_odd_records_are_kept_with_what_is_wrong(server: ServiceNowServer, connection: Connection) -> None:
    a_record(server, number="INC1", short_description="", state="", sys_created_on="0000-00-00 00:00:00")
    page = await the_only_page(connection)
    assert [(each.subject, each.external_status, each.source_created_at) for each in page.tickets] == [
        ("(no subject)", "(no status)", None)
    ]
    assert [(each.external_id, each.code) for each in page.problems] == [
        ("INC1", "date_invalid"), ("INC1", "subject_missing"), ("INC1", "external_status_missing"),
    ]  # fmt: skip


async def test_a_record_without_a_number_is_no_ticket(server: ServiceNowServer, connection: Connection) -> None:
    a_record(server, number="")
    page = await the_only_page(connection)
    assert (page.tickets, page.problems) == (
        (), (TicketProblem(external_id=None, code="external_id_missing", detail="external_id: has no value"),),
    )  # fmt: skip


async def test_five_thousand_tickets_are_read(connection: Connection) -> None:
    async with ServiceNowServer(made_up_tickets()) as server:
        connection = Connection(server, "servicenow")
        async with connection.open(page_size=1000) as source:
            await source.check()
            assert set(ids_in(await read_all(source))) == numbers(server)
