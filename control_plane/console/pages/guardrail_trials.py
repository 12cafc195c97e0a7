"""`/console/guardrails/dry-run` and `/replay`: how guardrails would judge one call, or the calls of the last days."""

from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import orjson
import structlog
from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse
from starlette.responses import Response

from control_plane.console.pages.guardrails import candidate_of, common, read_typed
from control_plane.console.render import environment, render
from control_plane.console.schema_form import text_in
from control_plane.console.session import Viewer
from control_plane.strict_json import parse_object
from services.clock import utc_now
from services.dry_run import DryRun, dry_run
from services.envelope import Risk
from services.errors import ControlPlaneError, InvalidInput, NotFound
from services.replay_guardrails import Replay, replay_guardrails

router = APIRouter(prefix="/guardrails")
MAX_DAYS = 90
log = structlog.get_logger("console")


@router.get("/dry-run")
async def show_dry_run(request: Request, viewer: Viewer, tenant_id: UUID | None = None) -> Response:
    """An empty form."""
    return await _dry_run_page(request, viewer, await viewer.known_tenant(tenant_id), {}, "guardrails/dry_run.html")


@router.post("/dry-run")
async def try_call(request: Request, viewer: Viewer, tenant_id: UUID | None = None) -> Response:
    """Judge one call, and write nothing."""
    tenant = viewer.one_tenant(tenant_id)
    typed = await read_typed(request)
    problems: dict[str, str] = {}
    result = None
    try:
        result = await dry_run(viewer.backends, _proposal(tenant, typed), actor=viewer.actor, now=utc_now())
    except InvalidInput as exc:
        problems = dict(exc.problems)
    except NotFound as exc:
        problems = {exc.field: str(exc).partition(": ")[2]}
    return await _dry_run_page(request, viewer, tenant, typed, "guardrails/dry_run_form.html", result, problems)


@router.post("/replay")
async def replay(request: Request, viewer: Viewer, tenant_id: UUID | None = None) -> Response:
    """Judge the envelopes of the last days by the current guardrails and by the typed ones, and stream the comparison.

    Events of type `progress` and `report` have `html`; `problem` ends a stream that failed.
    """
    tenant = await viewer.known_tenant(tenant_id)
    typed = await read_typed(request)
    now = utc_now()
    since = now - timedelta(days=_days_in(typed))
    of_now = replay_guardrails(viewer.backends, tenant, {}, since=since, until=now)
    of_candidate = replay_guardrails(viewer.backends, tenant, candidate_of(typed), since=since, until=now)
    first = await anext(of_candidate)  # so that an invalid candidate is refused before the stream begins
    return StreamingResponse(_comparison_events(of_now, first, of_candidate), media_type="text/event-stream")


async def _comparison_events(
    of_now: AsyncIterator[Replay], first: Replay, others: AsyncIterator[Replay]
) -> AsyncIterator[bytes]:
    try:
        async for before in of_now:
            yield _server_sent_event("progress", done=_judged_share(before) / 2, envelopes=before.envelopes)
        after = first
        yield _server_sent_event("progress", done=0.5 + _judged_share(after) / 2, envelopes=after.envelopes)
        async for after in others:
            yield _server_sent_event("progress", done=0.5 + _judged_share(after) / 2, envelopes=after.envelopes)
        html = environment().get_template("guardrails/replay_report.html").render(before=before, after=after)
        yield _server_sent_event("report", html=html)
    except ControlPlaneError as exc:
        log.warning("console.replay_failed", error=str(exc))
        yield _server_sent_event("problem", detail=str(exc))


def _server_sent_event(kind: str, **data: object) -> bytes:
    return b"event: " + kind.encode() + b"\ndata: " + orjson.dumps(data) + b"\n\n"


def _judged_share(found: Replay) -> float:
    """The share of the time range that has been judged so far, from 0 to 1."""
    whole: timedelta = found.until - found.since
    judged: timedelta = found.judged_until - found.since
    return 1.0 if found.is_done else min(0.99, judged / whole)


def _days_in(typed: Mapping[str, Any]) -> int:
    text = text_in(typed, "days") or "7"
    if not (text.isdecimal() and len(text) < 10 and 1 <= int(text) <= MAX_DAYS):
        raise InvalidInput("days", f"must be a whole number from 1 to {MAX_DAYS}")
    return int(text)


def _proposal(tenant: UUID, typed: Mapping[str, Any]) -> dict[str, Any]:
    """The proposal that was typed into the form."""
    text = {name: text_in(typed, name) for name in ("tool_slug", "connected_account_id", "risk", "score")}
    document: dict[str, Any] = {
        "tenant_id": str(tenant), "tool_slug": text["tool_slug"], "external_id": f"dry-run-{uuid4()}",
        "arguments": parse_object(text_in(typed, "arguments") or "{}", name="arguments"),
    }  # fmt: skip
    document |= {name: text[name] for name in ("connected_account_id", "risk") if text[name]}
    if text["score"]:
        try:
            document["trust_context"] = {"score": float(text["score"])}
        except ValueError as exc:
            raise InvalidInput("trust_context.score", "must be a number from 0 to 1") from exc
    return document


async def _dry_run_page(
    request: Request,
    viewer: Viewer,
    tenant: UUID,
    typed: Mapping[str, Any],
    template: str,
    result: DryRun | None = None,
    problems: Mapping[str, str] | None = None,
) -> Response:
    tools = await viewer.backends.catalog.list_tools(tenant)
    found = problems or {}
    shown = {"tool_slug", "arguments", "connected_account_id", "risk", "trust_context.score"}
    return render(
        request, template, typed=typed, result=result, problems=found, risks=list(Risk), now=utc_now(),
        others={path: problem for path, problem in found.items() if path not in shown},
        slugs=sorted({tool.tool_slug for tool in tools}),
        accounts=await viewer.backends.accounts.list_accounts(tenant), **await common(viewer, tenant),
    )  # fmt: skip
