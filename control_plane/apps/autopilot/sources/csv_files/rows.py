"""A row of a CSV file as a ticket. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import get_args
from zoneinfo import ZoneInfo

from control_plane.apps.autopilot.sources import SourceCode, SourceError
from control_plane.apps.autopilot.sources.csv_files import CsvSettings, TicketColumn
from control_plane.apps.autopilot.sources.tickets import RawTicket, make_ticket, utc
from control_plane.apps.autopilot.values import Ticket, TicketProblem

REQUIRED: tuple[TicketColumn, ...] = ("external_id", "subject")


@dataclass(frozen=True, slots=True)
class Header:
    """The columns of a file."""

    names: list[str]
    """Unique names: a name that comes again gets a number."""
    places: Mapping[TicketColumn, int]
    """For each field of a ticket, the position of its column."""


def read_header(fields: Sequence[str], settings: CsvSettings, file_name: str) -> Header:
    """The columns in the first record. Raises SourceError if a column is missing."""
    names: list[str] = []
    for place, text in enumerate(fields, 1):
        name = text.strip() or f"column {place}"
        number = 2
        while name in names:
            name, number = f"{text.strip() or f'column {place}'} ({number})", number + 1
        names.append(name)
    by_name: dict[str, int] = {}
    for place, name in enumerate(names):
        by_name.setdefault(name.casefold(), place)
    places: dict[TicketColumn, int] = {}
    for column in get_args(TicketColumn):
        wanted = settings.columns.get(column, column)
        found = by_name.get(wanted.strip().casefold())
        if found is not None:
            places[column] = found
        elif column in settings.columns or column in REQUIRED:
            raise SourceError(
                SourceCode.SETTINGS_INVALID, f"settings.columns.{column}: {file_name!r} has no column {wanted!r}"
            )
    return Header(names, places)


def read_row(
    fields: Sequence[str], header: Header, settings: CsvSettings, where: str
) -> tuple[Ticket | None, tuple[TicketProblem, ...]]:
    """The ticket in a row, and the problems of the row. `where` names the file and the line."""
    if len(fields) != len(header.names):
        detail = f"{where}has {len(fields)} fields, and the header has {len(header.names)}"
        return None, (TicketProblem(external_id=None, code="row_length", detail=detail),)
    empty = {"", *(each.strip().casefold() for each in settings.empty_values)}
    invalid: list[str] = []

    def value(column: TicketColumn) -> str | None:
        place = header.places.get(column)
        text = "" if place is None else fields[place]
        return None if text.strip().casefold() in empty else text

    def moment(column: TicketColumn) -> datetime | None:
        text = value(column)
        try:
            return None if text is None else parse_date(text.strip(), settings)
        except ValueError:
            invalid.append(column)
            return None

    created_at, updated_at = moment("source_created_at"), moment("source_updated_at")
    resolved_at = moment("resolved_at")
    return make_ticket(
        RawTicket(
            external_id=value("external_id"),
            subject=value("subject"),
            status=value("external_status"),
            description=value("description"),
            priority=value("priority"),
            requester=value("requester"),
            assignee=value("assignee"),
            resolution=value("resolution"),
            created_at=created_at,
            updated_at=updated_at,
            resolved_at=resolved_at,
            record=dict(zip(header.names, fields, strict=True)),
            invalid_dates=tuple(invalid),
        ),
        where=where,
    )


def parse_date(text: str, settings: CsvSettings) -> datetime:
    """The date in UTC. Raises ValueError."""
    moment = (
        datetime.fromisoformat(text) if settings.date_format is None else datetime.strptime(text, settings.date_format)  # noqa: DTZ007
    )
    return utc(moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(settings.time_zone)))
