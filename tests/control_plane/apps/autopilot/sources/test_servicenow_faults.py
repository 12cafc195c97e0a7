"""Whatever a ServiceNow instance answers, a run goes on or ends with a code that says why."""

from datetime import timedelta
from typing import Any

import pytest

from control_plane.apps.autopilot.sources import SourceCode, SourceError
from control_plane.apps.autopilot.sources import api as api_module
from tests.control_plane.apps.autopilot.api_server import Call, Reply, fails_with, never_answers, web_page
from tests.control_plane.apps.autopilot.servicenow_server import ServiceNowServer
from tests.control_plane.apps.autopilot.sources.conftest import Connection, ids_in, read_all
from tests.control_plane.apps.autopilot.sources.servicenow import (
    KEYS,
    a_record,
    connection,
    numbers,
    refusal,
    server,
    the_only_page,
)

__all__ = ["connection", "server"]  # fixtures


@pytest.mark.usefixtures("waits")
@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (fails_with(401), "authentication_failed"),
        (fails_with(403), "permission_denied"),
        (fails_with(404), "settings_invalid"),
        (fails_with(302, location="https://login.example"), "settings_invalid"),
        (web_page("Please log in"), "authentication_failed"),
        (web_page("Your instance is hibernating"), "source_unavailable"),
        (lambda _: Reply(raw=b"{nope"), "source_unreadable"),
        (lambda _: Reply(raw=b"[" * 100_000), "source_unreadable"),
        (lambda _: Reply(document=[]), "source_unreadable"),
        (lambda _: Reply(document={"result": {}}), "source_unreadable"),
        (lambda _: Reply(document={"error": {"message": "User Not Authenticated"}}), "authentication_failed"),
        (lambda _: Reply(document={"result": [], "error": {"message": "Insufficient rights"}}), "permission_denied"),
        (lambda _: Reply(document={"result": [], "error": "odd"}), "source_unreadable"),
        (lambda _: Reply(document={"result": [{"number": "1"}]}), "permission_denied"),
        (lambda _: Reply(document={"result": [{**KEYS, "sys_id": "a^NQb"}]}), "source_unreadable"),
        (lambda _: Reply(document={"result": [{**KEYS, "sys_updated_on": "soon"}]}), "source_unreadable"),
        (lambda _: Reply(document={"result": [KEYS]}), "permission_denied"),
    ],
)  # fmt: skip
async def test_each_refusal_has_its_code(
    server: ServiceNowServer, connection: Connection, fault: Any, code: str
) -> None:
    server.faults.append(fault)
    assert (await refusal(connection)).code == code


async def test_a_repeated_page_is_an_error(server: ServiceNowServer, connection: Connection) -> None:
    first: list[Reply] = []

    def keep(call: Call) -> Reply:
        first.append(server.answer(call))
        return first[0]

    server.faults.extend([keep, lambda _: first[0]])
    async with connection.open() as source:
        with pytest.raises(SourceError, match="order"):
            await read_all(source)


async def test_busy_and_broken_answers_are_asked_for_again(
    server: ServiceNowServer, connection: Connection, waits: list[float]
) -> None:
    server.faults.extend([fails_with(429, retry_after="7"), fails_with(500), None, fails_with(503)])
    async with connection.open() as source:
        assert set(ids_in(await read_all(source))) == numbers(server)
    assert waits == [7, 2, 1]


async def test_a_source_that_asks_to_wait_long_ends_the_run(
    server: ServiceNowServer, connection: Connection, waits: list[float]
) -> None:
    server.faults.append(fails_with(429, retry_after="3600"))
    error = await refusal(connection)
    assert (error.code, error.retry_after, waits) == (SourceCode.SOURCE_UNAVAILABLE, timedelta(hours=1), [])


async def test_a_source_that_stays_broken_ends_the_run(
    server: ServiceNowServer, connection: Connection, waits: list[float]
) -> None:
    server.faults.extend([fails_with(502)] * 9)
    assert (await refusal(connection)).code == SourceCode.SOURCE_UNAVAILABLE
    assert waits == [1, 2, 4, 8]


async def test_an_answer_that_does_not_come_is_asked_for_again(
    server: ServiceNowServer, connection: Connection, waits: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api_module, "ANSWER_WITHIN", timedelta(seconds=0.2))
    server.faults.append(never_answers)
    a_record(server)
    assert len((await the_only_page(connection)).tickets) == 1
    assert waits == [1]


async def test_an_answer_that_is_too_long_is_asked_for_in_smaller_parts(
    server: ServiceNowServer, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api_module, "MAX_BODY_BYTES", 50_000)
    huge = next(iter(server.records.values()))
    huge["description"] = "x" * 60_000
    async with connection.open() as source:
        pages = await read_all(source)
    assert set(ids_in(pages)) == numbers(server) - {huge["number"]}
    [problem] = [problem for page in pages for problem in page.problems]
    assert (problem.external_id, problem.code) == (huge["number"], "record_too_large")


async def test_a_text_of_megabytes_is_read_and_cut(server: ServiceNowServer, connection: Connection) -> None:
    a_record(server, description="x" * 1_000_000, short_description="y" * 1_000_000)
    [ticket] = (await the_only_page(connection)).tickets
    assert (len(ticket.subject), len(ticket.description or "")) == (1000, 100_000)
    assert ticket.source_metadata["_notes"] == [
        "subject: was cut after 1,000 of 1,000,000 characters",
        "description: was cut after 100,000 of 1,000,000 characters",
        "the record was cut to 1 MiB",
    ]


async def test_a_query_that_takes_too_long_is_asked_in_smaller_parts(
    server: ServiceNowServer, connection: Connection
) -> None:
    slow = {"error": {"message": "Transaction cancelled: maximum execution time exceeded"}, "result": []}
    server.faults.append(lambda _: Reply(document=slow))
    async with connection.open() as source:
        assert set(ids_in(await read_all(source))) == numbers(server)
    assert [call.query["sysparm_limit"] for call in server.pages_asked][:3] == ["100", "25", "100"]
