"""The interface for calling the SQL functions of schemas `worker_api` and `tenant_api`.

The services of both database backends consist of these calls; only the transport differs.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Protocol

from services.database.sql_files import DB_DIR
from services.envelope import Actor
from services.errors import ControlPlaneError

FUNCTIONS_DIR = DB_DIR / "functions"
_CALL_PATTERN = re.compile(
    r"^-- call: (replica|repeatable|not repeatable|internal)(?:, columns (\d) deep)?\ncreate ", re.MULTILINE
)
_RETURNS_VOID_PATTERN = re.compile(r"^returns void$", re.MULTILINE)


@dataclass(frozen=True)
class CallDeclaration:
    """How a function may be called. Declared above its `create`, such as `-- call: repeatable, columns 4 deep`."""

    may_use_replica: bool
    """The function only reads, and its answer may be slightly old, so a read replica may answer the call."""
    is_repeatable: bool
    """A second call with the same arguments changes nothing more, so a call without an answer may be sent again."""
    is_void: bool
    """The function returns nothing. An empty answer from any other function is an error."""
    columns_deep: int | None
    """How many lists and objects enclose a column in the answer (4 above); see `rows.answers.read_answer`."""


@cache
def read_declaration(name: str, schema: str = "worker_api") -> CallDeclaration:
    """The declaration in the file of the function. Raises ControlPlaneError if the file has none."""
    text = (FUNCTIONS_DIR / schema / f"{name}.sql").read_text(encoding="utf-8")
    if (line := _CALL_PATTERN.search(text)) is None:
        kinds = "replica, repeatable, not repeatable or internal"
        raise ControlPlaneError(f"db/functions/{schema}/{name}.sql: no line `-- call: …` above its create: {kinds}")
    return CallDeclaration(
        may_use_replica=line[1] == "replica",
        is_repeatable=line[1] in {"replica", "repeatable"},
        is_void=_RETURNS_VOID_PATTERN.search(text) is not None,
        columns_deep=int(line[2]) if line[2] else None,
    )


class Functions(Protocol):
    """Calls SQL functions by name, with named arguments. Raises only the exceptions of `services.errors`.

    An argument may be any JSON value, a UUID, a datetime, a timedelta or a Decimal.
    """

    def as_of(self) -> datetime | None:
        """The value of the argument `as_of`; None makes the function use the clock of the database."""

    async def call(self, name: str, /, **arguments: object) -> Any:
        """Call a function. Returns its JSON document as Python values, or None if it returns void.

        Functions return one document instead of a set of rows because PostgREST silently truncates long sets.
        """


def by(actor: Actor) -> dict[str, object]:
    """The arguments that describe this actor. Every function that changes something takes them."""
    return {"actor_type": actor.type, "actor_id": actor.id, "door": actor.door}


class Wake(Protocol):
    """How an idle worker waits for new work."""

    can_notify: bool
    """True if `wait` returns as soon as there is work; False if it always takes the whole timeout."""

    async def wait(self, timeout: timedelta) -> None:  # noqa: ASYNC109  # reaching the timeout is not an error
        """Return when work may be due, at the latest after `timeout`."""
