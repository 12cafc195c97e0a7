"""Build the app: routes, errors, and what every request has."""

import re
import secrets
from datetime import timedelta
from time import perf_counter

import structlog
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from control_plane.api import (
    accounts,
    api_tokens,
    approvals,
    audit,
    catalog,
    dead_letters,
    envelopes,
    events,
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
from services.follow_audit_log import POLL_EVERY, AuditFeed

ROUTERS = tuple(
    noun.router
    for noun in (
        envelopes, events, approvals, dead_letters, objectives, guardrails, pauses, replays, catalog, accounts,
        evidence, audit, api_tokens, tenants, jobs, health,
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
    app.state.feed = AuditFeed(access.operator.audit_log, poll_every=_poll_every(access))
    add_handlers(app)
    for router in ROUTERS:
        app.include_router(router)
    app.add_middleware(_RequestId)
    app.openapi = lambda: _describe(app)  # type: ignore[method-assign]  # FastAPI's documented way
    return app


def _poll_every(access: Access) -> timedelta:
    """The Data API is asked less often: each call is a request of its own."""
    return POLL_EVERY if access.operator.outbox.can_notify else POLL_EVERY * 10


class _RequestId:
    """Give each request an id, bound to its log lines, and log its answer. Passes a stream on as it comes."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get("x-request-id", "")
        request_id = given if _REQUEST_ID.fullmatch(given) else secrets.token_hex(8)
        scope.setdefault("state", {})["request_id"] = request_id
        started = perf_counter()

        async def send_answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["X-Request-Id"] = request_id
                headers["Cache-Control"] = "no-store"
                log.info(
                    "api.answered", method=scope["method"], path=scope["path"], status=message["status"],
                    milliseconds=round((perf_counter() - started) * 1000, 1),
                )  # fmt: skip
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            await self._app(scope, receive, send_answer)


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
