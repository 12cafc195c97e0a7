"""Tickets in CSV files. Files are read in the order of their names. A file is read again only if it has changed.

The position is a number of records in one version of a file. A version does not change, so the number always means the
same place.
"""

import asyncio
from collections.abc import AsyncIterator, Collection, Generator, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from itertools import chain, islice
from pathlib import Path

from control_plane.apps.autopilot.sources import Cursor, Found, Page
from control_plane.apps.autopilot.sources.csv_files import CsvSettings
from control_plane.apps.autopilot.sources.csv_files.files import TicketFile, find_encoding, find_files, open_lines
from control_plane.apps.autopilot.sources.csv_files.records import Record, find_delimiter, read_records
from control_plane.apps.autopilot.sources.csv_files.rows import Header, read_header, read_row
from control_plane.apps.autopilot.values import Ticket, TicketProblem

ROWS_AT_ONCE = 500
"""Rows of a page."""
CHARACTERS_AT_ONCE = 8 * 1024 * 1024
"""A page ends earlier when its rows have more characters, so that it fits into memory."""
SAMPLE_LINES = 100
"""Lines from which the delimiter is detected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Where a run is."""

    done: Mapping[str, list[int]] = field(default_factory=dict)
    """The versions of the files that were read to their end."""
    file: str | None = None
    """The file that is being read."""
    version: list[int] | None = None
    records: int = 0
    """How many records of the file were read, without the header."""


class CsvSource:
    """Implements `TicketSource` for the files of a folder."""

    def __init__(self, settings: CsvSettings, folder: Path) -> None:
        self._settings, self._folder = settings, folder

    async def check(self) -> None:
        """See `TicketSource`."""
        await asyncio.to_thread(self._check)

    async def estimate(self, since: datetime | None = None) -> int | None:
        """See `TicketSource`. Counts the rows of the files that were changed since this time."""
        return await asyncio.to_thread(self._count, since)

    async def pages(self, cursor: Cursor | None = None) -> AsyncIterator[Page]:
        """See `TicketSource`."""
        position = Position() if cursor is None else Position(**cursor)
        files = await asyncio.to_thread(find_files, self._folder, self._settings.path)
        names = {file.name for file in files}
        position = replace(position, done={name: done for name, done in position.done.items() if name in names})
        for file in files:
            version = await asyncio.to_thread(file.version)
            if position.done.get(file.name) == version:
                continue
            if (position.file, position.version) != (file.name, version):
                position = Position(done=position.done, file=file.name, version=version)
            with closing(self._pages_of(file, position)) as reading:
                while (page := await asyncio.to_thread(next, reading, None)) is not None:
                    position = Position(**page.cursor)
                    yield page

    async def find(self, external_ids: Collection[str]) -> Found:
        """See `TicketSource`."""
        tickets: dict[str, Ticket] = {}
        problems: dict[str, list[TicketProblem]] = {}
        for file in await asyncio.to_thread(find_files, self._folder, self._settings.path):
            with closing(self._pages_of(file, Position(file=file.name))) as reading:
                while (page := await asyncio.to_thread(next, reading, None)) is not None:
                    for ticket in page.tickets:
                        if ticket.external_id in external_ids:  # the last row of a number counts
                            tickets[ticket.external_id] = ticket
                            problems[ticket.external_id] = []
                    for problem in page.problems:
                        if problem.external_id is not None and problem.external_id in external_ids:
                            problems.setdefault(problem.external_id, []).append(problem)
        return Found(tickets=tuple(tickets.values()), problems=tuple(chain.from_iterable(problems.values())))

    async def list_ids(self) -> AsyncIterator[tuple[str, ...]]:
        """See `TicketSource`."""
        for file in await asyncio.to_thread(find_files, self._folder, self._settings.path):
            with closing(self._pages_of(file, Position(file=file.name))) as reading:
                while (page := await asyncio.to_thread(next, reading, None)) is not None:
                    yield tuple(ticket.external_id for ticket in page.tickets)

    def _check(self) -> None:
        for file in find_files(self._folder, self._settings.path):
            with self._open(file):
                pass

    def _count(self, since: datetime | None) -> int:
        total = 0
        for file in find_files(self._folder, self._settings.path):
            if since is None or file.version()[0] >= since.timestamp() * 1e9:
                with self._open(file) as (_, records, _):
                    total += sum(1 for _ in records)
        return total

    def _pages_of(self, file: TicketFile, position: Position) -> Generator[Page, None, None]:
        """The pages of a file after the position. The last one marks the file as done."""
        with self._open(file) as (header, records, encoding):
            for _ in islice(records, position.records):
                pass
            problems: list[TicketProblem] = []
            if encoding != "utf-8" and self._settings.encoding is None and position.records == 0:
                detail = f"{file.name}: is read as {encoding}, because it is not UTF-8"
                problems.append(TicketProblem(external_id=None, code="encoding_guessed", detail=detail))
            tickets: list[Ticket] = []
            characters = rows = 0
            for record in records:
                ticket, found = self._read(record, header, file)
                problems += found
                if ticket is not None:
                    tickets.append(ticket)
                rows, characters = rows + 1, characters + sum(map(len, record.fields))
                if rows >= ROWS_AT_ONCE or characters > CHARACTERS_AT_ONCE:
                    position = replace(position, records=position.records + rows)
                    yield Page(tickets=tuple(tickets), problems=tuple(problems), cursor=asdict(position))
                    tickets, problems, characters, rows = [], [], 0, 0
            done = {**position.done, file.name: position.version or []}
            yield Page(tickets=tuple(tickets), problems=tuple(problems), cursor=asdict(Position(done=done)))

    def _read(
        self, record: Record, header: Header | None, file: TicketFile
    ) -> tuple[Ticket | None, tuple[TicketProblem, ...]]:
        where = f"{file.name}, line {record.line}: "
        if record.problem is not None or header is None:
            problem = TicketProblem(external_id=None, code="row_unreadable", detail=f"{where}{record.problem}")
            return None, (problem,)
        return read_row(record.fields, header, self._settings, where)

    @contextmanager
    def _open(self, file: TicketFile) -> Iterator[tuple[Header | None, Iterator[Record], str]]:
        """The header of a file (None if the file is empty), its records, and its encoding."""
        encoding = self._settings.encoding or find_encoding(file)
        delimiter = self._settings.delimiter
        if delimiter is None:
            with open_lines(file, encoding) as lines:
                delimiter = find_delimiter(islice(lines, SAMPLE_LINES))
        with open_lines(file, encoding) as lines:
            records = read_records(lines, delimiter)
            first = next(records, None)
            header = None if first is None else read_header(first.fields, self._settings, file.name)
            yield header, records, encoding
