"""CSV files of any dialect become tickets, and a row that cannot be read hides no other."""

import csv
import io
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from control_plane.apps.autopilot.sources import Page, SourceCode, SourceError
from control_plane.apps.autopilot.sources.csv_files import records as records_module
from control_plane.apps.autopilot.sources.csv_files import source as source_module
from control_plane.apps.autopilot.sources.csv_files.records import Line, find_delimiter, read_records
from control_plane.apps.autopilot.sources.logins import Login, resolver
from control_plane.apps.autopilot.sources.registry import open_source
from control_plane.apps.autopilot.values import Ticket
from services.tools.outgoing import AllowedHosts
from tests.control_plane.apps.autopilot.sources.conftest import CONNECTION, TENANT, ids_in, read_all

HEADER = "external_id,subject,external_status"


def open_csv(folder: Path, **settings: Any) -> Any:
    login = Login(tenant_id=TENANT, connection_id=CONNECTION, connection_type="csv", folder=folder)
    return open_source(
        "csv", settings, tenant_id=TENANT, connection_id=CONNECTION, resolve=resolver({"files": login}),
        allowed_hosts=AllowedHosts(),
    )  # fmt: skip


async def read(folder: Path, cursor: Any = None, **settings: Any) -> list[Page]:
    async with open_csv(folder, **settings) as source:
        await source.check()
        return await read_all(source, cursor)


async def error_of(folder: Path, **settings: Any) -> SourceError:
    with pytest.raises(SourceError) as caught:
        await read(folder, **settings)
    return caught.value


async def only(folder: Path, content: str | bytes, **settings: Any) -> Page:
    (folder / "t.csv").write_bytes(content if isinstance(content, bytes) else content.encode())
    [page] = await read(folder, **settings)
    return page


async def test_rows_become_tickets_by_the_columns_of_the_settings(tmp_path: Path) -> None:
    page = await only(
        tmp_path,
        'No.;Short text;State;Opened;Closed;Who;Account\r\n00712;"VPN; down";Open;3/1/26 09:30;null;;007\r\n',
        columns={
            "external_id": "No.", "subject": "short text", "external_status": "State", "source_created_at": "Opened",
            "resolved_at": "Closed", "requester": "Who",
        },
        date_format="%m/%d/%y %H:%M",
        time_zone="Europe/Berlin",
    )  # fmt: skip
    record = {
        "No.": "00712", "Short text": "VPN; down", "State": "Open", "Opened": "3/1/26 09:30", "Closed": "null",
        "Who": "", "Account": "007",
    }  # fmt: skip
    assert page.tickets == (
        Ticket(
            external_id="00712", subject="VPN; down", external_status="Open",
            source_created_at=datetime(2026, 3, 1, 8, 30, tzinfo=UTC), source_metadata=record,
        ),
    )  # fmt: skip
    assert page.problems == ()


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
async def test_the_delimiter_is_found_out(tmp_path: Path, delimiter: str) -> None:
    rows = (("external_id", "subject"), ("1", '"a, b; c"'), ("2", "d"))
    content = "\n".join(delimiter.join(row) for row in rows)
    page = await only(tmp_path, content)
    assert [ticket.subject for ticket in page.tickets] == ["a, b; c", "d"]


GERMAN = ("Größe geändert für Müller", "Drucker im Büro hört nicht auf", "Passwort läuft ab und bitte zurücksetzen")
RUSSIAN = ("Не работает принтер в офисе", "Пожалуйста сбросьте мой пароль", "Нет доступа к общей папке отдела")


@pytest.mark.parametrize(
    ("encoding", "words"),
    [("utf-8", RUSSIAN), ("utf-8-sig", GERMAN), ("utf-16", RUSSIAN), ("cp1252", GERMAN), ("cp1251", RUSSIAN)],
)
async def test_the_encoding_is_found_out(tmp_path: Path, encoding: str, words: tuple[str, ...]) -> None:
    rows = "".join(f"{number},{subject},open\n" for number, subject in enumerate(words * 10))
    page = await only(tmp_path, f"{HEADER}\n{rows}".encode(encoding))
    assert {ticket.subject for ticket in page.tickets} == set(words)
    assert [problem.code for problem in page.problems] == ([] if encoding == "utf-8" else ["encoding_guessed"])


async def test_rows_with_problems_are_reported_with_their_line(tmp_path: Path) -> None:
    content = (
        'external_id,subject,external_status,resolved_at\n1,"two\nlines",open,\n2,short\n\n,none,open,\n'
        "3,late,open,31.12.2026\n4,fine,open,2026-03-01T00:00:00Z\n5,,open,\n"
    )
    page = await only(tmp_path, content)
    assert [(ticket.external_id, ticket.subject) for ticket in page.tickets] == [
        ("1", "two lines"), ("3", "late"), ("4", "fine"), ("5", "(no subject)"),
    ]  # fmt: skip
    assert [(problem.external_id, problem.code, problem.detail) for problem in page.problems] == [
        (None, "row_length", "t.csv, line 4: has 2 fields, and the header has 4"),
        (None, "external_id_missing", "t.csv, line 6: external_id: has no value"),
        ("3", "date_invalid", "t.csv, line 7: resolved_at: is no date that can be read"),
        ("5", "subject_missing", "t.csv, line 9: subject: has no value; stored as (no subject)"),
    ]


async def test_a_quote_that_is_never_closed_costs_one_row(tmp_path: Path) -> None:
    page = await only(tmp_path, f'{HEADER}\n1,a,open\n2,"never closed,open\n3,c,open\n4,d,open\n')
    assert ids_in([page]) == ["1", "3", "4"]
    assert [problem.detail for problem in page.problems] == [
        "t.csv, line 3: has a quote that is not closed before the end of the file"
    ]


@pytest.mark.parametrize("row", ["2," + "x" * 200 + ",open", '2,"' + "x\n" * 100])
async def test_a_row_that_is_too_long_is_reported_and_hides_no_other(
    tmp_path: Path, row: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(records_module, "MAX_RECORD", 100)
    monkeypatch.setattr("control_plane.apps.autopilot.sources.csv_files.files.MAX_RECORD", 100)
    page = await only(tmp_path, f"{HEADER}\n1,a,open\n{row}\n3,c,open\n")
    assert ids_in([page]) == ["1", "3"]
    assert "line 3: is longer than 100 characters" in page.problems[0].detail


async def test_columns_with_the_same_name_or_none_are_kept(tmp_path: Path) -> None:
    page = await only(tmp_path, "external_id,subject,Tag,Tag,\n1,a,x,y,z\n")
    assert page.tickets[0].source_metadata == {
        "external_id": "1", "subject": "a", "Tag": "x", "Tag (2)": "y", "column 5": "z"
    }  # fmt: skip


@pytest.mark.parametrize("content", ["", "\n\n", HEADER, f"{HEADER}\n"])
async def test_a_file_without_rows_is_no_error(tmp_path: Path, content: str) -> None:
    assert (await only(tmp_path, content)).tickets == ()


# -- files and positions


def write(folder: Path, name: str, ids: range) -> None:
    rows = "".join(f"{number},s,open\n" for number in ids)
    (folder / name).write_text(f"{HEADER}\n{rows}", encoding="utf-8")


@pytest.mark.parametrize("stop_after", range(1, 7))
async def test_a_killed_run_continues_exactly_there(
    tmp_path: Path, stop_after: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source_module, "ROWS_AT_ONCE", 4)
    write(tmp_path, "a.csv", range(10))
    write(tmp_path, "b.csv", range(10, 17))
    stored: list[Page] = []
    async with open_csv(tmp_path) as source:
        async for page in source.pages():
            stored.append(page)
            if len(stored) == stop_after:
                break
    stored += await read(tmp_path, stored[-1].cursor)
    assert ids_in(stored) == [str(number) for number in range(17)]


async def test_a_later_run_reads_only_files_that_changed(tmp_path: Path) -> None:
    write(tmp_path, "a.csv", range(3))
    write(tmp_path, "b.csv", range(3, 5))
    (tmp_path / "notes.txt").write_text("no tickets", encoding="utf-8")
    cursor = (await read(tmp_path))[-1].cursor
    assert await read(tmp_path, cursor) == []
    write(tmp_path, "b.csv", range(3, 7))
    assert ids_in(await read(tmp_path, cursor)) == ["3", "4", "5", "6"]


async def test_a_file_that_changed_during_a_run_is_read_from_its_beginning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source_module, "ROWS_AT_ONCE", 2)
    write(tmp_path, "a.csv", range(5))
    async with open_csv(tmp_path) as source:
        first = await anext(source.pages())
    write(tmp_path, "a.csv", range(10, 13))
    assert ids_in(await read(tmp_path, first.cursor)) == ["10", "11", "12"]


async def test_rows_are_looked_up_by_number_and_the_last_row_counts(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(f"{HEADER}\n1,old,open\n2,two,open\n3,three,open\n5,,open\n", encoding="utf-8")
    (tmp_path / "b.csv").write_text(f"{HEADER}\n1,new,closed\n4,,open\n5,five,open\n", encoding="utf-8")
    os.utime(tmp_path / "a.csv", (0, 0))
    async with open_csv(tmp_path) as source:
        found = await source.find({"1", "3", "4", "5", "9"})
    assert {ticket.external_id: ticket.subject for ticket in found.tickets} == {
        "1": "new", "3": "three", "4": "(no subject)", "5": "five",
    }  # fmt: skip
    assert [(problem.external_id, problem.code) for problem in found.problems] == [("4", "subject_missing")]


async def test_ids_and_the_estimate_count_all_rows(tmp_path: Path) -> None:
    write(tmp_path, "a.csv", range(3))
    write(tmp_path, "b.csv", range(3, 5))
    os.utime(tmp_path / "a.csv", (0, 0))
    async with open_csv(tmp_path) as source:
        assert [part async for part in source.list_ids()] == [("0", "1", "2"), ("3", "4")]
        assert await source.estimate() == 5
        assert await source.estimate(datetime(2000, 1, 1, tzinfo=UTC)) == 2


@pytest.mark.parametrize(
    ("settings", "code", "detail"),
    [
        ({"path": "../secret.csv"}, "permission_denied", "outside"),
        ({"path": "/etc/passwd"}, "permission_denied", "outside"),
        ({"path": "link.csv"}, "permission_denied", "outside"),
        ({"path": "gone.csv"}, "settings_invalid", "gone.csv"),
        ({"path": "a\x00b"}, "settings_invalid", "path"),
        ({"path": "pipe.csv"}, "settings_invalid", "neither"),
        ({"columns": {"subject": "Title"}}, "settings_invalid", "has no column 'Title'"),
        ({"columns": {"title": "x"}}, "settings_invalid", "settings.columns.title"),
        ({"date_format": "%H"}, "settings_invalid", "settings.date_format"),
        ({"date_format": "%Q"}, "settings_invalid", "settings.date_format"),
        ({"encoding": "base64"}, "settings_invalid", "settings.encoding"),
        ({"time_zone": "../etc/passwd"}, "settings_invalid", "settings.time_zone"),
        ({"delimiter": '"'}, "settings_invalid", "settings.delimiter"),
    ],
)
async def test_invalid_settings_are_named(tmp_path: Path, settings: dict[str, Any], code: str, detail: str) -> None:
    folder = tmp_path / "tickets"
    folder.mkdir()
    write(folder, "t.csv", range(1))
    (tmp_path / "secret.csv").write_text("secret", encoding="utf-8")
    (folder / "link.csv").symlink_to(tmp_path / "secret.csv")
    os.mkfifo(folder / "pipe.csv")
    error = await error_of(folder, **settings)
    assert error.code == SourceCode(code)
    assert detail in error.detail


async def test_links_and_pipes_in_a_folder_are_passed_over(tmp_path: Path) -> None:
    folder = tmp_path / "tickets"
    folder.mkdir()
    write(folder, "t.csv", range(1))
    write(tmp_path, "secret.csv", range(7, 9))
    (folder / "a.csv").symlink_to(tmp_path / "secret.csv")
    os.mkfifo(folder / "pipe.csv")
    assert ids_in(await read(folder)) == ["0"]


async def test_a_missing_column_is_an_invalid_setting(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("id,subject\n1,a\n", encoding="utf-8")
    error = await error_of(tmp_path)
    assert str(error) == "settings_invalid: settings.columns.external_id: 't.csv' has no column 'external_id'"


# -- the reader of records


TEXTS = st.text(st.sampled_from('ab",;\t|\n\r é'), max_size=8)


def lines_of(content: str) -> list[Line]:
    return [Line(number, line) for number, line in enumerate(io.StringIO(content, newline=""), 1)]


@given(st.lists(st.lists(TEXTS, min_size=2, max_size=4), max_size=6), st.sampled_from(",;\t|"), st.booleans())
def test_what_pythons_module_writes_is_read_back(rows: list[list[str]], delimiter: str, quote_all: bool) -> None:
    written = io.StringIO(newline="")
    csv.writer(written, delimiter=delimiter, quoting=csv.QUOTE_ALL if quote_all else csv.QUOTE_MINIMAL).writerows(rows)
    assert [record.fields for record in read_records(lines_of(written.getvalue()), delimiter)] == rows


@given(st.text(st.sampled_from('a",\n'), max_size=30))
def test_any_text_is_read_as_pythons_module_reads_it_or_reported(content: str) -> None:
    found = list(read_records(lines_of(content), ","))
    if all(record.problem is None for record in found):
        expected = [row for row in csv.reader(io.StringIO(content, newline="")) if row]
        assert [record.fields for record in found] == expected
    assert [record.line for record in found] == sorted({record.line for record in found})


def test_the_delimiter_of_texts_with_many_commas_is_found() -> None:
    content = "id;text\n1;a, b, c\n2;d, e\n3;f\n"
    assert find_delimiter(lines_of(content)) == ";"
