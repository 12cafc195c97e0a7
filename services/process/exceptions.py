"""Exceptions in log records: types and stacks only, because messages and local variables may hold arguments and
tokens."""

import sys
import traceback
from collections.abc import Iterator
from itertools import islice
from typing import Any

from structlog.typing import EventDict

from services.errors import ControlPlaneError

MAX_EXCEPTIONS = 10
"""Exceptions in one log record: the logged one, its causes, and the parts of exception groups."""
MAX_FRAMES = 30
"""Frames of each stack in the log: the innermost ones."""


def show_exceptions(_logger: object, _method: str, event: EventDict) -> EventDict:
    """A processor of structlog: replace `exc_info` by `exceptions`, a list that begins with the logged exception."""
    exception = _logged_exception(event.pop("exc_info", None))
    if exception is not None:
        shown = islice(_with_causes(exception, set()), MAX_EXCEPTIONS)
        event["exceptions"] = [_describe(exception) for exception in shown]
        event["event"] = str(event.get("event", "")).partition("\n")[0]  # later lines may hold arguments
    return event


def _logged_exception(exc_info: object) -> BaseException | None:
    if isinstance(exc_info, tuple):
        exc_info = exc_info[1]
    elif exc_info and not isinstance(exc_info, BaseException):
        exc_info = sys.exc_info()[1]
    return exc_info if isinstance(exc_info, BaseException) else None


def _with_causes(exception: BaseException, seen: set[int]) -> Iterator[BaseException]:
    if id(exception) in seen:
        return
    seen.add(id(exception))
    yield exception
    inner = list(exception.exceptions) if isinstance(exception, BaseExceptionGroup) else []
    cause = exception.__cause__ or (None if exception.__suppress_context__ else exception.__context__)
    for part in [*inner, *([] if cause is None else [cause])]:
        yield from _with_causes(part, seen)


def _describe(exception: BaseException) -> dict[str, Any]:
    kind = type(exception)
    described: dict[str, Any] = {"type": f"{kind.__module__}.{kind.__qualname__}".removeprefix("builtins.")}
    if isinstance(exception, ControlPlaneError):
        described["message"] = str(exception)  # without arguments, results or secrets; see services/errors.py
    sqlstate = getattr(exception, "sqlstate", None)
    if isinstance(sqlstate, str):
        described["sqlstate"] = sqlstate
    frames = list(traceback.walk_tb(exception.__traceback__))[-MAX_FRAMES:]
    described["stack"] = [
        f"{frame.f_globals.get('__name__', '?')}:{line} in {frame.f_code.co_qualname}" for frame, line in frames
    ]
    return described
