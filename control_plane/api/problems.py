"""Errors as `application/problem+json` (RFC 9457).

An answer never contains the text of an unexpected exception, and never repeats a rejected value.
"""

from collections.abc import Callable, Mapping
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from services.errors import (
    ControlPlaneError,
    DecisionConflict,
    InvalidInput,
    Locked,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    NotReady,
    StateConflict,
)
from services.guardrails.fields import shorten
from services.validation import plain_problem

MEDIA_TYPE = "application/problem+json"
TITLES = {
    400: "Bad request",
    401: "Not authenticated",
    403: "Not allowed",
    404: "Not found",
    405: "Method not allowed",
    406: "Not acceptable",
    409: "Conflict",
    412: "Precondition failed",
    413: "Too large",
    415: "Unsupported media type",
    422: "Invalid input",
    428: "Precondition required",
    429: "Too many requests",
    500: "Internal error",
    503: "Not ready",
}
SCHEMA = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "request_id"],
    "properties": {
        "type": {"type": "string", "description": "Always about:blank; `title` and `status` say the kind."},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "One line: the field, what is wrong with it, what to do."},
        "request_id": {"type": "string", "description": "As in the header X-Request-Id and in the logs."},
        "current_digest": {"type": "string", "description": "With 409 to a decision: the current digest of the call."},
        "decided_by": {"type": ["string", "null"], "description": "With 409 to a decision: who decided before."},
        "decided_at": {"type": ["string", "null"], "format": "date-time"},
        "errors": {
            "type": "array",
            "description": "With 422: every field that is wrong.",
            "items": {
                "type": "object",
                "required": ["field", "problem"],
                "properties": {"field": {"type": "string"}, "problem": {"type": "string"}},
            },
        },
    },
}

UNEXPECTED = 500
"""The status of an error that the caller cannot correct."""
NOT_READY = "the database is not available; try again"
FAILED = "the server failed; its log has the reason under this request_id"

log = structlog.get_logger("api")


class Problem(Exception):
    """An error answer with its HTTP status, raised by a route."""

    def __init__(self, status: int, detail: str, *, headers: Mapping[str, str] | None = None, **members: Any) -> None:
        super().__init__(detail)
        self.status, self.detail, self.headers, self.members = status, detail, headers, members


class BodyTooLarge(HTTPException):
    """A body is larger than allowed. An HTTPException: FastAPI hides other exceptions raised while it reads a body."""

    def __init__(self, max_bytes: int) -> None:
        super().__init__(413, f"body: is larger than {max_bytes:,} bytes")


class MalformedBody(HTTPException):
    """A body is not a JSON object, or has a key twice. An HTTPException for the same reason as BodyTooLarge."""

    def __init__(self, problem: InvalidInput) -> None:
        super().__init__(422, str(problem))
        self.problem = problem


Show = Callable[[Request, JSONResponse], Response]
"""Turns a problem into the response that the caller of this app gets."""


def add_handlers(app: FastAPI, *, show: Show = lambda _request, problem: problem) -> None:
    """Answer every error of this app with a problem."""

    @app.exception_handler(Problem)
    async def answer_problem(request: Request, exc: Problem) -> Response:
        return show(request, answer_error(request, exc))

    @app.exception_handler(ControlPlaneError)
    async def answer_known_error(request: Request, exc: ControlPlaneError) -> Response:
        return show(request, answer_error(request, exc))

    @app.exception_handler(BodyTooLarge)
    async def answer_too_large(request: Request, exc: BodyTooLarge) -> Response:
        return show(request, _answer(request, exc.status_code, exc.detail))

    @app.exception_handler(MalformedBody)
    async def answer_malformed_body(request: Request, exc: MalformedBody) -> Response:
        return show(request, answer_error(request, exc.problem))

    @app.exception_handler(RequestValidationError)
    async def answer_invalid_fields(request: Request, exc: RequestValidationError) -> Response:
        errors = [{"field": _path(error["loc"]), "problem": plain_problem(error)} for error in exc.errors()]
        detail = "; ".join(f"{error['field']}: {error['problem']}" for error in errors[:5])
        return show(request, _answer(request, 422, detail, errors=errors[:50]))

    @app.exception_handler(HTTPException)
    async def answer_http_error(request: Request, exc: HTTPException) -> Response:
        detail = f"{request.method} {shorten(request.url.path)}: {TITLES.get(exc.status_code, 'error').lower()}"
        return show(request, _answer(request, exc.status_code, detail, headers=exc.headers))

    @app.exception_handler(Exception)
    async def answer_unexpected_error(request: Request, exc: Exception) -> Response:
        log.error("api.failed", path=request.url.path, exc_info=exc)
        return show(request, _answer(request, 500, FAILED))


def request_id(request: Request) -> str:
    """The id of this request in logs, spans and answers."""
    return str(getattr(request.state, "request_id", ""))


STATUSES: tuple[tuple[type[ControlPlaneError], int], ...] = (
    (InvalidInput, 422), (NotFound, 404), (StateConflict, 409), (NotAuthenticated, 401), (NotAllowed, 403),
    (NotReady, 503),
)  # fmt: skip


def status_of(exc: ControlPlaneError) -> int:
    """The HTTP status for one of our errors."""
    return next((status for kind, status in STATUSES if isinstance(exc, kind)), UNEXPECTED)


def describe_error(exc: ControlPlaneError) -> str:
    """The text about an error for the caller. Details of errors that only operators can correct are left out."""
    if isinstance(exc, NotReady) and not isinstance(exc, Locked):
        return NOT_READY
    return FAILED if status_of(exc) == UNEXPECTED else str(exc)


def log_error(request: Request, exc: ControlPlaneError) -> None:
    """Log for operators what `describe_error` leaves out."""
    if isinstance(exc, NotReady) and not isinstance(exc, Locked):
        log.warning("api.not_ready", path=request.url.path, reason=str(exc))
    elif status_of(exc) == UNEXPECTED:
        log.error("api.failed", path=request.url.path, exc_info=exc)


def answer_error(request: Request, exc: Problem | ControlPlaneError) -> JSONResponse:  # noqa: PLR0911  # a table
    """The problem that one of our errors is answered with."""
    if isinstance(exc, Problem):
        return _answer(request, exc.status, exc.detail, headers=exc.headers, **exc.members)
    log_error(request, exc)
    match exc:
        case InvalidInput():
            return _answer(request, 422, str(exc), errors=_fields(exc))
        case NotAuthenticated():
            return _answer(request, 401, str(exc), headers={"WWW-Authenticate": 'Bearer error="invalid_token"'})
        case Locked():
            return _answer(request, 503, str(exc), headers={"Retry-After": "1"})
        case NotReady():
            return _answer(request, 503, describe_error(exc), headers={"Retry-After": "5"})
        case NotFound() | StateConflict() | NotAllowed():
            return _answer(request, status_of(exc), str(exc), **_members(exc))
    return _answer(request, UNEXPECTED, describe_error(exc))


def _answer(
    request: Request, status: int, detail: str, *, headers: Mapping[str, str] | None = None, **members: Any
) -> JSONResponse:
    body = {
        "type": "about:blank", "title": TITLES.get(status, "Error"), "status": status, "detail": detail,
        "request_id": request_id(request), **members,
    }  # fmt: skip
    return JSONResponse(body, status, headers=dict(headers or {}), media_type=MEDIA_TYPE)


def _members(exc: ControlPlaneError) -> dict[str, Any]:
    """The additional fields of a DecisionConflict: the present digest, and who decided and when."""
    if not isinstance(exc, DecisionConflict):
        return {}
    decided_at = None if exc.decided_at is None else exc.decided_at.isoformat()
    return {"current_digest": exc.current_digest, "decided_by": exc.decided_by, "decided_at": decided_at}


def _fields(exc: InvalidInput) -> list[dict[str, str]]:
    return [{"field": field, "problem": problem} for field, problem in exc.problems]


def _path(loc: tuple[Any, ...]) -> str:
    """`("body", "scopes", 0)` → `scopes[0]`."""
    first, *rest = loc
    parts = rest if first in {"body", "query", "path", "header"} else loc
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{shorten(str(part))}" for part in parts)
    return text.removeprefix(".") or "body"
