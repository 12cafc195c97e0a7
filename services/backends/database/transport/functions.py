"""The SQL functions of schema `worker_api`, however they are reached: every service of both database backends is made
of these calls, and nothing but the transport differs."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Protocol

from services.database.sql_files import DB_DIR
from services.errors import ControlPlaneError

FOLDER = DB_DIR / "functions" / "worker_api"
_CALL = re.compile(r"^-- call: (report|repeatable|once|inside)(?:, columns (\d) deep)?\ncreate ", re.MULTILINE)
_VOID = re.compile(r"^returns void$", re.MULTILINE)


@dataclass(frozen=True)
class Call:
    """How a function may be called, as the line above its `create` says: `-- call: repeatable, columns 4 deep`."""

    is_report: bool
    """People and pages ask for it: served by the read-only database where there is one, a moment behind perhaps."""
    is_repeatable: bool
    """Sent a second time it does nothing more, as every report: where no answer came, it may go again."""
    is_void: bool
    """It answers with nothing; from any other an empty answer is no answer."""
    columns_deep: int | None
    """How many lists and objects are around a column of its answer; None: 2 in a list of rows, 1 in a row."""


@cache
def declared(name: str) -> Call:
    """What the function's file says, read once. Raises ControlPlaneError where it says nothing."""
    text = (FOLDER / f"{name}.sql").read_text(encoding="utf-8")
    if (line := _CALL.search(text)) is None:
        raise ControlPlaneError(f"db/functions/worker_api/{name}.sql: no line `-- call: …` above its create")
    return Call(
        is_report=line[1] == "report",
        is_repeatable=line[1] in {"report", "repeatable"},
        is_void=_VOID.search(text) is not None,
        columns_deep=int(line[2]) if line[2] else None,
    )


class Functions(Protocol):
    """Calls SQL functions by name, with their arguments by name; every error leaves here as one of `services.errors`.

    An argument may be any JSON value, a UUID, a datetime, a timedelta or a Decimal.
    """

    def as_of(self) -> datetime | None:
        """The moment to pass on, or None for the database's own."""

    async def call(self, name: str, /, **arguments: object) -> Any:
        """What a function returns: one JSON document, or None for void.

        Never a set of rows: PostgREST would cut it short without saying so.
        """


class Wake(Protocol):
    """How an idle worker learns of work."""

    can_notify: bool
    """Whether `wait` returns as soon as there is some, or only when its time is up."""

    async def wait(self, timeout: timedelta) -> None:  # noqa: ASYNC109  # its end is no error
        """Return when something may be due, at the latest after `timeout`."""
