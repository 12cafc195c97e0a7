"""Code that both transports share: how each SQL function may be called, and how a worker waits for work."""

import re
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Protocol

from services.database.sql_files import DB_DIR
from services.errors import ControlPlaneError

FUNCTIONS_DIR = DB_DIR / "functions"
_CALL_PATTERN = re.compile(
    r"^-- call: (replica|repeatable|not repeatable|internal)(?:, columns (\d) deep)?\ncreate ", re.MULTILINE
)
_FOR_TENANTS_PATTERN = re.compile(
    r"(?:\bsecurity definer\b|^(?:returns jsonb? )?language sql stable set search_path\b).*"
    r"^grant execute on function \S+ to [\w, ]*\bauthenticated\b",
    re.MULTILINE | re.DOTALL,
)
_RETURNS_VOID_PATTERN = re.compile(r"^returns void$", re.MULTILINE)


@dataclass(frozen=True)
class CallDeclaration:
    """How a function may be called: the line above its `create`, such as `-- call: repeatable, columns 4 deep`."""

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
    text = _read_file(name, schema)
    if (line := _CALL_PATTERN.search(text)) is None:
        kinds = "replica, repeatable, not repeatable or internal"
        raise ControlPlaneError(f"db/functions/{schema}/{name}.sql: no line `-- call: …` above its create: {kinds}")
    return CallDeclaration(
        may_use_replica=line[1] == "replica",
        is_repeatable=line[1] in {"replica", "repeatable"},
        is_void=_RETURNS_VOID_PATTERN.search(text) is not None,
        columns_deep=int(line[2]) if line[2] else None,
    )


@cache
def may_set_caller_in_call(name: str, schema: str) -> bool:
    """Whether the statement that calls the function may set role and claims of the caller too.

    True for functions that every tenant may call and that PostgreSQL plans and checks only when they run. These
    functions either run as their owner and check the claims, or have a `set` clause: then PostgreSQL never merges them
    into the statement.
    """
    return _FOR_TENANTS_PATTERN.search(_read_file(name, schema)) is not None


def _read_file(name: str, schema: str) -> str:
    return (FUNCTIONS_DIR / schema / f"{name}.sql").read_text(encoding="utf-8")


class Wake(Protocol):
    """How an idle worker waits for new work."""

    can_notify: bool
    """True if `wait` returns as soon as there is work; False if it always takes the whole timeout."""

    async def wait(self, timeout: timedelta) -> None:  # noqa: ASYNC109  # reaching the timeout is not an error
        """Return when work may be due, at the latest after `timeout`."""
