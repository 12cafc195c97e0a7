"""Build the app: routes, error answers, and middleware."""

import re
import secrets
from collections.abc import Mapping, Sequence
from datetime import timedelta
from time import perf_counter
from typing import Any

import structlog
from fastapi import FastAPI
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from control_plane.api import (
    accounts,
    api_tokens,
    approvals,
    approvals_decide,
    audit,
    catalog,
    dead_letters,
    email_notices,
    envelopes,
    events,
    evidence,
    grants,
    guardrails,
    health,
    inbound_webhooks,
    jobs,
    objectives,
    overview,
    pauses,
    replays,
    shadow_runs,
    slack,
    tenants,
    webhooks,
)
from control_plane.api.description import describe, operation_id
from control_plane.api.event_webhooks import event_webhooks
from control_plane.api.middleware import IdentifyCaller, LimitBody
from control_plane.api.open_streams import OpenStreams
from control_plane.api.problems import add_handlers
from control_plane.api.request_limiter import RequestLimiter
from control_plane.apps import offered
from control_plane.auth import Verifier
from control_plane.jobs import JobContext
from services.backends import Access
from services.distribution import VERSION
from services.follow_audit_log import POLL_EVERY, AuditFeed
from services.request_limits import RequestLimits
from services.tools.email import SmtpServer
from services.tools.http.slack import SlackApp

NOUNS = (
    envelopes, events, approvals, approvals_decide, grants, dead_letters, objectives, guardrails, pauses, replays,
    shadow_runs, catalog, accounts, evidence, audit, api_tokens, webhooks, inbound_webhooks, slack, email_notices,
    tenants, jobs,
    overview, health,
)  # fmt: skip
"""The core's modules with routes. The docstring of the first module with a tag describes the tag."""
_REQUEST_ID_PATTERN = re.compile(r"[\w.:-]{1,64}")

log = structlog.get_logger("api")


def create_app(
    access: Access,
    verifier: Verifier,
    *,
    job_context: JobContext | None = None,
    webhook_key: str | None = None,
    slack_apps: Mapping[str, SlackApp] | None = None,
    notice_server: SmtpServer | None = None,
    limits: RequestLimits | None = None,
    failed_tokens: int = 0,
) -> FastAPI:
    """The API over these services. The secrets of webhooks are computed from `webhook_key`. `notice_server` sends
    notices by e-mail.

    `limits` are the request limits of tenants without limits of their own; None: no limits. `failed_tokens` is how many
    wrong tokens an address may send in a minute; 0 for no limit.

    Without `job_context` the routes that run jobs or call tools answer 503.
    """
    nouns = [*NOUNS, *offered("routes", "NOUNS")]
    app = FastAPI(
        title="Agent Control Plane",
        version=VERSION,
        description="Agents propose, guardrails judge, people approve, a worker executes once, everything is audited.",
        docs_url="/docs",
        redoc_url=None,
        openapi_tags=[{"name": tag, "description": text} for tag, text in _tags(nouns).items()],
        generate_unique_id_function=operation_id,
        webhooks=event_webhooks(),
    )
    app.state.access = access
    app.state.verifier = verifier
    app.state.limiter = RequestLimiter(
        access.operator.request_limits, limits or RequestLimits(), failures=failed_tokens
    )
    app.state.streams = OpenStreams()
    app.state.job_context = job_context
    app.state.webhook_key = webhook_key
    app.state.slack_apps = slack_apps or {}
    app.state.notice_server = notice_server
    app.state.feed = AuditFeed(access.operator.audit_log, poll_every=_poll_every(access))
    add_handlers(app)
    for noun in nouns:
        app.include_router(noun.router)
    app.include_router(slack.callbacks)
    app.include_router(inbound_webhooks.callbacks)
    app.add_middleware(LimitBody)
    app.add_middleware(IdentifyCaller)
    app.add_middleware(_RequestId)  # the middleware that was added last runs first
    app.openapi = lambda: describe(app)  # type: ignore[method-assign]  # FastAPI's documented way
    return app


def _tags(nouns: Sequence[Any]) -> dict[str, str]:
    """The description of each tag in the OpenAPI document."""
    return {str(noun.router.tags[0]): (noun.__doc__ or "").partition(": ")[2] for noun in reversed(nouns)}


def _poll_every(access: Access) -> timedelta:
    """The time between two polls of the audit log: longer over the Data API, where each poll is an HTTP request."""
    return POLL_EVERY if access.operator.outbox.can_notify else POLL_EVERY * 10


class _RequestId:
    """Give each request an id, which its log lines have too, and log its answer. Does not buffer streams."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        sent_id = Headers(scope=scope).get("x-request-id", "")
        request_id = sent_id if _REQUEST_ID_PATTERN.fullmatch(sent_id) else secrets.token_hex(8)
        scope.setdefault("state", {})["request_id"] = request_id
        started = perf_counter()

        async def send_answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["X-Request-Id"] = request_id
                headers.setdefault("Cache-Control", "no-store")
                headers.update(scope["state"].get("rate_limit_headers", {}))
                log.info(
                    "api.answered", method=scope["method"], path=scope["path"], status=message["status"],
                    milliseconds=round((perf_counter() - started) * 1000, 1),
                )  # fmt: skip
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            await self._app(scope, receive, send_answer)
