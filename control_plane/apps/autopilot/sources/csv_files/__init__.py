"""The connector `csv`: rows of CSV files in a folder that the operator names. Its settings."""

import codecs
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from control_plane.apps.autopilot.sources import SourceCode, SourceError, TicketSource
from control_plane.apps.autopilot.sources.spec import SourceContext, SourceSpec

TicketColumn = Literal[
    "external_id", "subject", "external_status", "description", "priority", "requester", "assignee", "resolution",
    "source_created_at", "source_updated_at", "resolved_at",
]  # fmt: skip


def _check_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("must be a time zone such as Europe/Berlin") from None
    return name


def _check_encoding(name: str) -> str:
    try:
        is_text = codecs.lookup(name)._is_text_encoding  # noqa: SLF001  # no public name, and `open` checks it too
    except (LookupError, ValueError):
        is_text = False
    if not is_text:
        raise ValueError("must be an encoding such as utf-8 or cp1252")
    return name


def _check_format(form: str) -> str:
    moment = datetime(2001, 2, 3, 4, 5, 6, tzinfo=UTC)
    try:
        found = datetime.strptime(moment.strftime(form), form)  # noqa: DTZ007  # only to see whether it can be read
    except ValueError:
        found = None
    if found is None or found.date() != moment.date():
        raise ValueError("must be a format with year, month and day, such as %m/%d/%y %H:%M")
    return form


class CsvSettings(BaseModel):
    """The settings of a connection to CSV files."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    path: str = Field(default=".", max_length=1000)
    """A file, or a folder of files that end with `.csv` or `.tsv`, below the folder of the connection."""
    columns: dict[TicketColumn, str] = Field(default_factory=dict)
    """For a field of a ticket, the name of its column in the files, if that is not the name of the field."""
    delimiter: str | None = Field(default=None, pattern=r"^[^\"\r\n\x00]$")
    """None: detected for each file."""
    encoding: Annotated[str, AfterValidator(_check_encoding)] | None = None
    """None: detected for each file."""
    date_format: Annotated[str, AfterValidator(_check_format)] | None = Field(default=None, max_length=100)
    """The form of dates, with the directives of Python's `strptime`; None for ISO 8601."""
    time_zone: Annotated[str, AfterValidator(_check_zone)] = "UTC"
    """The time zone of dates without an offset."""
    empty_values: tuple[str, ...] = Field(default=("null",), max_length=20)
    """Texts that mean "no value", in any case."""


@asynccontextmanager
async def _open(settings: CsvSettings, context: SourceContext) -> AsyncIterator[TicketSource]:
    from control_plane.apps.autopilot.sources.csv_files.source import CsvSource  # noqa: PLC0415

    if context.login.folder is None:
        raise SourceError(SourceCode.AUTHENTICATION_FAILED, "the login of this connection names no folder")
    yield CsvSource(settings, context.login.folder)


CSV = SourceSpec(name="csv", settings=CsvSettings, open=_open)
