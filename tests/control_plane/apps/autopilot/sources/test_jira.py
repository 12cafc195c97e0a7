"""Jira Cloud is read completely, and no search runs for ever. The site is a mock of the hosted API."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from control_plane.apps.autopilot.sources import Page, SourceCode, SourceError
from control_plane.apps.autopilot.sources import api as api_module
from control_plane.apps.autopilot.sources.jira.source import MAX_IDLE_PAGES, local_minute
from control_plane.apps.autopilot.values import Ticket
from tests.control_plane.apps.autopilot.api_server import ApiServer, Call, Reply, fails_with
from tests.control_plane.apps.autopilot.jira_server import JiraServer, an_issue, rich_text
from tests.control_plane.apps.autopilot.made_up_tickets import made_up_tickets
from tests.control_plane.apps.autopilot.sources.conftest import Connection, ids_in, read_all

FIRST = next(made_up_tickets(1))


@pytest.fixture
async def server() -> AsyncIterator[JiraServer]:
    async with JiraServer(made_up_tickets(250)) as running:
        yield running


@pytest.fixture
def connection(server: JiraServer) -> Connection:
    return Connection(server, "jira")


def an_issue_with(key: str = "IT-1", **fields: Any) -> dict[str, Any]:
    issue = an_issue(FIRST)
    return {**issue, "key": key, "fields": {**issue["fields"], **fields}}


async def error_of(connection: Connection, **values: Any) -> SourceError:
    async def read() -> None:
        async with connection.open(**values) as source:
            await read_all(source)

    with pytest.raises(SourceError) as caught:
        await read()
    return caught.value


async def test_an_issue_becomes_a_ticket_with_times_in_utc(server: JiraServer, connection: Connection) -> None:
    server.issues.clear()
    server.put(
        an_issue_with(
            summary="VPN down", description=rich_text("Since noon.", "Help!"), priority={"name": "High"},
            status={"name": "Erledigt", "statusCategory": {"key": "done"}}, reporter={"displayName": "Maria"},
            assignee=None, resolution={"name": "Fixed"}, created="2026-03-01T09:00:00.000+0100",
            updated="2026-03-01T10:30:00.250+0100", resolutiondate=None,
        )
    )  # fmt: skip
    async with connection.open() as source:
        [page] = await read_all(source)
    [ticket] = page.tickets
    assert ticket == Ticket(
        external_id="IT-1",
        subject="VPN down",
        external_status="Erledigt",
        description="Since noon.\nHelp!",
        priority="High",
        requester="Maria",
        assignee=None,
        resolution="Fixed",
        source_created_at=datetime(2026, 3, 1, 8, tzinfo=UTC),
        source_updated_at=datetime(2026, 3, 1, 9, 30, 0, 250_000, tzinfo=UTC),
        resolved_at=None,
        source_metadata=ticket.source_metadata,
    )
    assert ticket.source_metadata["fields"]["status"]["statusCategory"] == {"key": "done"}


@pytest.mark.parametrize("largest_page", [7, 100])
async def test_all_issues_come_once_also_when_pages_are_shorter_than_asked(
    server: JiraServer, connection: Connection, largest_page: int
) -> None:
    server.largest_page = largest_page
    for issue in server.issues.values():
        issue["fields"]["updated"] = "2026-03-01T10:30:00.000+0000"
    async with connection.open() as source:
        await source.check()
        found = ids_in(await read_all(source))
        assert await source.estimate() == 250
    assert (len(found), set(found)) == (250, set(server.issues))


@given(
    minutes=st.lists(st.integers(0, 3), min_size=1, max_size=20), page_size=st.integers(1, 6),
    stop_after=st.integers(0, 8), forgets=st.booleans(),
)  # fmt: skip
@settings(max_examples=40, deadline=None)
async def test_a_killed_run_continues_and_skips_nothing(
    minutes: list[int], page_size: int, stop_after: int, forgets: bool
) -> None:
    async with JiraServer(made_up_tickets(len(minutes))) as server:
        for issue, minute in zip(server.issues.values(), minutes, strict=True):
            issue["fields"]["updated"] = f"2026-03-01T10:0{minute}:30.000+0000"
        connection = Connection(server, "jira")
        stored: list[Page] = []
        async with connection.open(page_size=page_size) as source:
            async for page in source.pages():
                stored.append(page)
                if len(stored) > stop_after:
                    break
        was_interrupted = not stored[-1].cursor["is_last"]
        if forgets:
            server.forget_tokens()
        async with connection.open(page_size=page_size) as source:
            stored += await read_all(source, stored[-1].cursor)
        found = ids_in(stored)
        assert set(found) == set(server.issues)
        if was_interrupted and not forgets:
            assert len(found) == len(set(found))


async def test_a_token_that_expires_during_the_run_costs_no_issue(server: JiraServer, connection: Connection) -> None:
    server.faults.extend([None, server.forget_tokens])
    async with connection.open(page_size=100) as source:
        assert set(ids_in(await read_all(source))) == set(server.issues)


async def test_a_search_that_cannot_pass_a_minute_ends_with_an_error(
    server: JiraServer, connection: Connection
) -> None:
    for issue in server.issues.values():
        issue["fields"]["updated"] = "2026-03-01T10:30:00.000+0000"
    server.faults.extend([None, server.forget_tokens, None, server.forget_tokens])
    error = await error_of(connection, page_size=100)
    assert (error.code, "token" in error.detail) == (SourceCode.SETTINGS_INVALID, True)


async def test_a_later_run_begins_before_the_last_change_in_the_time_zone_of_the_login(
    server: JiraServer, connection: Connection
) -> None:
    server.issues.clear()
    server.put(an_issue_with(updated="2026-03-01T10:30:59.000+0000"))
    async with connection.open() as source:
        [page] = await read_all(source)
        await read_all(source, page.cursor)
    assert server.pages_asked[-1].document["jql"] == 'updated >= "2026-03-01 05:25" ORDER BY updated ASC, key ASC'


async def test_a_query_of_the_settings_is_part_of_every_search(server: JiraServer, connection: Connection) -> None:
    server.put(an_issue_with("OPS-1", project={"key": "OPS"}))
    async with connection.open(jql="project = IT OR project = IT") as source:
        assert "OPS-1" not in ids_in(await read_all(source))
        assert "OPS-1" not in {key for part in [part async for part in source.list_ids()] for key in part}
    assert server.pages_asked[0].document["jql"].startswith("(project = IT OR project = IT) AND ")


async def test_keys_of_all_issues_are_listed(server: JiraServer, connection: Connection) -> None:
    async with connection.open() as source:
        parts = [part async for part in source.list_ids()]
    assert [len(part) for part in parts] == [100, 100, 50]
    assert {key for part in parts for key in part} == set(server.issues)


# -- searches that never end


def a_page(*issues: dict[str, Any], following: str | None) -> Reply:
    return Reply(document={"issues": list(issues), "nextPageToken": following})


async def test_empty_and_repeated_pages_are_passed_over(server: JiraServer, connection: Connection) -> None:
    replies = iter([
        a_page(an_issue_with("IT-1"), following="a"), a_page(following="b"),
        a_page(an_issue_with("IT-1"), following="c"),
        a_page(an_issue_with("IT-1"), an_issue_with("IT-2"), following=None),
    ])  # fmt: skip
    server.faults.extend([lambda _: next(replies)] * 4)
    async with connection.open() as source:
        assert ids_in(await read_all(source)) == ["IT-1", "IT-2"]


def pages_with_one_token() -> Iterator[Reply]:
    return (a_page(an_issue_with(f"IT-{number}"), following="same") for number in count())


def empty_pages() -> Iterator[Reply]:
    return (a_page(following=f"token {number}") for number in count())


def one_page_again_and_again() -> Iterator[Reply]:
    return (a_page(an_issue_with("IT-1"), an_issue_with("IT-2"), following=f"token {number}") for number in count())


def two_pages_in_turn() -> Iterator[Reply]:
    return (a_page(an_issue_with(f"IT-{number % 2}"), following=f"token {number}") for number in count())


@pytest.mark.parametrize("pages", [pages_with_one_token, empty_pages, one_page_again_and_again, two_pages_in_turn])
async def test_a_search_that_never_ends_is_an_error(server: JiraServer, connection: Connection, pages: Any) -> None:
    replies = pages()
    server.faults.extend([lambda _: next(replies)] * (MAX_IDLE_PAGES + 5))
    assert (await error_of(connection)).code == SourceCode.SOURCE_UNREADABLE
    assert server.faults


# -- hostile and unlucky answers


@pytest.mark.usefixtures("waits")
@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (fails_with(401), "authentication_failed"),
        (fails_with(403), "permission_denied"),
        (lambda _: Reply(document={"issues": 7}), "source_unreadable"),
        (lambda _: Reply(document={"issues": ["x"]}), "source_unreadable"),
        (lambda _: Reply(document={"issues": [], "nextPageToken": 7}), "source_unreadable"),
    ],
)
async def test_each_refusal_has_its_code(server: JiraServer, connection: Connection, fault: Any, code: str) -> None:
    server.faults.append(fault)
    assert (await error_of(connection)).code == code


async def test_a_query_that_jira_refuses_is_an_invalid_setting(connection: Connection) -> None:
    error = await error_of(connection, jql="bogus = 1")
    assert str(error) == "settings_invalid: Jira refuses the query: Field 'bogus' does not exist."


async def test_a_wrong_password_is_refused_before_anything_is_read(server: JiraServer, connection: Connection) -> None:
    error = await error_of(connection, login={"user": ApiServer.USER, "password": "wrong"})
    assert (error.code, server.pages_asked) == (SourceCode.AUTHENTICATION_FAILED, [])


async def test_a_time_zone_that_nobody_knows_is_an_error(server: JiraServer, connection: Connection) -> None:
    server.zone = "../../etc/passwd"
    assert (await error_of(connection)).code == SourceCode.SOURCE_UNREADABLE
    server.zone = ApiServer.PASSWORD
    assert ApiServer.PASSWORD not in str(await error_of(connection))


@pytest.mark.parametrize("wrong", ["0001-01-01T00:00:00.000+0000", "9999-12-31T23:59:59.000+0000"])
async def test_an_issue_with_a_wrong_date_does_not_hide_later_changes(
    server: JiraServer, connection: Connection, wrong: str
) -> None:
    server.issues.clear()
    server.put(an_issue_with(updated=wrong))
    async with connection.open() as source:
        cursor = (await read_all(source))[-1].cursor
        server.issues.clear()
        server.put(an_issue_with("IT-2", updated=datetime.now(UTC).isoformat()))
        assert ids_in(await read_all(source, cursor)) == ["IT-2"]


async def test_busy_answers_are_asked_for_again(server: JiraServer, connection: Connection, waits: list[float]) -> None:
    server.faults.extend([None, fails_with(429, retry_after="3"), fails_with(500)])
    async with connection.open() as source:
        assert set(ids_in(await read_all(source))) == set(server.issues)
    assert waits == [3, 2]


async def test_a_token_of_an_oauth_client_is_renewed_during_the_run(server: JiraServer, connection: Connection) -> None:
    server.faults.extend([None, server.expire_tokens])
    login = {
        "client_id": ApiServer.CLIENT_ID, "client_secret": ApiServer.CLIENT_SECRET,
        "token_url": f"{server.url}/oauth/token",
    }  # fmt: skip
    async with connection.open(login=login) as source:
        assert set(ids_in(await read_all(source))) == set(server.issues)


async def test_an_issue_that_is_too_long_is_reported_and_hides_no_other(
    server: JiraServer, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api_module, "MAX_BODY_BYTES", 50_000)
    server.issues["IT-7"]["fields"]["description"] = rich_text("x" * 60_000)
    async with connection.open() as source:
        pages = await read_all(source)
    assert set(ids_in(pages)) == set(server.issues) - {"IT-7"}
    [problem] = [problem for page in pages for problem in page.problems]
    assert (problem.external_id, problem.code) == ("IT-7", "record_too_large")


async def test_odd_issues_are_kept_with_what_is_wrong(server: JiraServer, connection: Connection) -> None:
    def odd(_: Call) -> Reply:
        return a_page(
            {"key": "IT-1"}, an_issue_with("IT-2", summary=None, created="soon", status="open", reporter=["x"]),
            {"fields": {}}, following=None,
        )  # fmt: skip

    server.faults.append(odd)
    async with connection.open() as source:
        [page] = await read_all(source)
    assert [(each.external_id, each.subject, each.external_status) for each in page.tickets] == [
        ("IT-1", "(no subject)", "(no status)"), ("IT-2", "(no subject)", "open"),
    ]  # fmt: skip
    assert [(each.external_id, each.code) for each in page.problems] == [
        ("IT-1", "subject_missing"), ("IT-1", "external_status_missing"), ("IT-2", "date_invalid"),
        ("IT-2", "subject_missing"), (None, "external_id_missing"),
    ]  # fmt: skip


# -- minutes in the time zone of the login


@given(
    moment=st.datetimes(datetime(1975, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    zone=st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"]),
)
def test_a_minute_in_jql_is_never_later_than_the_moment(moment: datetime, zone: str) -> None:
    wall = datetime.strptime(local_minute(moment, ZoneInfo(zone)), "%Y-%m-%d %H:%M")  # noqa: DTZ007
    readings = [wall.replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC) for fold in (0, 1)]
    assert all(moment - timedelta(hours=3) <= reading <= moment for reading in readings)


def test_in_the_hour_that_comes_twice_a_search_begins_before_it() -> None:
    first, second = (datetime(2026, 10, 25, hour, 30, tzinfo=UTC) for hour in (0, 1))
    berlin = ZoneInfo("Europe/Berlin")
    assert local_minute(first, berlin) == local_minute(second, berlin) == "2026-10-25 01:30"


async def test_issues_are_looked_up_by_key(server: JiraServer, connection: Connection) -> None:
    server.put(an_issue_with("IT-2", summary=None))
    async with connection.open() as source:
        found = await source.find({"IT-1", "IT-2", "IT-999", "../../myself"})
    assert [ticket.external_id for ticket in found.tickets] == ["IT-1", "IT-2"]
    assert [(problem.external_id, problem.code) for problem in found.problems] == [("IT-2", "subject_missing")]
    asked = [call.path for call in server.calls if call.path.startswith("/rest/api/3/issue/")]
    assert asked == [f"/rest/api/3/issue/{key}" for key in ("IT-1", "IT-2", "IT-999")]


async def test_an_issue_that_is_too_long_is_reported_when_it_is_looked_up(
    server: JiraServer, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api_module, "MAX_BODY_BYTES", 50_000)
    server.issues["IT-7"]["fields"]["description"] = rich_text("x" * 60_000)
    async with connection.open() as source:
        found = await source.find({"IT-7", "IT-8"})
    assert [ticket.external_id for ticket in found.tickets] == ["IT-8"]
    assert [(problem.external_id, problem.code) for problem in found.problems] == [("IT-7", "record_too_large")]


async def test_a_login_that_jira_refuses_is_an_error_of_the_look_up(connection: Connection) -> None:
    wrong = {"user": ApiServer.USER, "password": "wrong"}
    async with connection.open(login=wrong) as source:
        with pytest.raises(SourceError) as caught:
            await source.find({"IT-1"})
    assert caught.value.code == "authentication_failed"
