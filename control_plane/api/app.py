"""Build the app: routes, errors, and what every request has."""

import re
import secrets
from collections.abc import Awaitable, Callable
from time import perf_counter

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.openapi.utils import get_openapi

from control_plane.api import (
    accounts,
    api_tokens,
    approvals,
    audit,
    catalog,
    dead_letters,
    envelopes,
    evidence,
    guardrails,
    health,
    jobs,
    objectives,
    pauses,
    replays,
    tenants,
)
from control_plane.api.problems import MEDIA_TYPE, SCHEMA, add_handlers
from control_plane.auth import Verifier
from control_plane.jobs import JobContext
from services.backends import Access
from services.distribution import VERSION

ROUTERS = tuple(
    noun.router
    for noun in (
        envelopes, approvals, dead_letters, objectives, guardrails, pauses, replays, catalog, accounts, evidence, audit,
        api_tokens, tenants, jobs, health,
    )
)  # fmt: skip
MOST_BYTES = 16 * 1024 * 1024
_REQUEST_ID = re.compile(r"[\w.:-]{1,64}")

log = structlog.get_logger("api")


def create_app(
    access: Access, verifier: Verifier, *, cursor_key: bytes | None = None, job_context: JobContext | None = None
) -> FastAPI:
    """The API over these services. `cursor_key` signs cursors; replicas of one API need the same.

    Without `job_context` the routes that run jobs or call tools answer 503.
    """
    app = FastAPI(
        title="Agent Control Plane",
        version=VERSION,
        description="Agents propose, guardrails judge, people approve, a worker executes once, everything is audited.",
        docs_url="/docs",
        redoc_url=None,
    )
    app.state.access = access
    app.state.verifier = verifier
    app.state.job_context = job_context
    app.state.cursor_key = cursor_key or secrets.token_bytes(32)
    add_handlers(app)
    for router in ROUTERS:
        app.include_router(router)
    app.middleware("http")(_with_request_id)
    app.openapi = lambda: _describe(app)  # type: ignore[method-assign]  # FastAPI's documented way
    return app


async def _with_request_id(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    """Give the request an id, bound to its log lines, and log its end."""
    given = request.headers.get("x-request-id", "")
    request.state.request_id = given if _REQUEST_ID.fullmatch(given) else secrets.token_hex(8)
    started = perf_counter()
    with structlog.contextvars.bound_contextvars(request_id=request.state.request_id):
        response = await call_next(request)
        log.info(
            "api.answered", method=request.method, path=request.url.path, status=response.status_code,
            milliseconds=round((perf_counter() - started) * 1000, 1),
        )  # fmt: skip
    response.headers["X-Request-Id"] = request.state.request_id
    response.headers["Cache-Control"] = "no-store"
    return response


def _describe(app: FastAPI) -> dict[str, object]:
    """OpenAPI 3.1 with the problems that every route can answer."""
    if app.openapi_schema:
        return app.openapi_schema
    document = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
    components = document.setdefault("components", {})
    components.setdefault("schemas", {})["Problem"] = SCHEMA
    for unused in ("HTTPValidationError", "ValidationError"):
        components["schemas"].pop(unused, None)
    components["securitySchemes"] = {
        "token": {"type": "http", "scheme": "bearer", "description": "A JWT of a user, or an API token (acp_…)."}
    }
    problem = {"content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}}
    for path, methods in document["paths"].items():
        for operation in methods.values():
            operation["responses"].pop("422", None)
            operation["responses"]["default"] = {"description": "A problem (RFC 9457)", **problem}
            if path.startswith("/v1/"):
                operation["security"] = [{"token": []}]
    app.openapi_schema = document
    return document
