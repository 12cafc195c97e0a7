"""`/console/envelopes`: the list, and the whole life of one envelope."""

from datetime import datetime, timedelta
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import RedirectResponse, Response

from control_plane.api.identity import Principal
from control_plane.api.pages import After, Cursors, as_utc, page_of
from control_plane.console.arguments import order_arguments
from control_plane.console.filters import Chosen
from control_plane.console.history import list_steps, trace_id_of
from control_plane.console.paths import ROOT
from control_plane.console.render import changed, render
from control_plane.console.session import Viewer
from services.clock import utc_now
from services.envelope import DEAD_STATUSES, WAITING_STATUSES, Envelope, Status
from services.explain import explain
from services.list_envelopes import page_end, search_within
from services.outbox import Resolution
from services.outbox.lists import EnvelopeFilter
from services.show_envelopes import find_tools_of, show_envelopes, tool_key
from services.tenants import TenantRole

router = APIRouter(prefix="/envelopes")
PAGE_SIZE = 50
SEARCH_FOR = timedelta(milliseconds=250)
"""How long a page searches before it shows what it has found."""
MAX_STEPS = 500
"""Steps of a timeline; of an envelope with more, the newest."""
SPANS = {"1h": timedelta(hours=1), "24h": timedelta(hours=24), "7d": timedelta(days=7)}
Text = Annotated[Chosen[str], Query(max_length=300)]


@router.get("")
async def show_list(
    request: Request,
    viewer: Viewer,
    tenant_id: Annotated[Chosen[UUID], Query()] = None,
    words: Text = None,
    status: Annotated[Chosen[Status], Query()] = None,
    tool_slug: Text = None,
    agent: Text = None,
    objective_id: Annotated[Chosen[UUID], Query()] = None,
    within: Annotated[Chosen[Literal["1h", "24h", "7d"]], Query()] = None,
    since: Annotated[Chosen[datetime], Query()] = None,
    until: Annotated[Chosen[datetime], Query()] = None,
    after: After = None,
) -> Response:
    """The newest envelopes that meet the conditions. Dead letters have a page of their own."""
    if status in DEAD_STATUSES:
        return RedirectResponse(f"{ROOT}/dead-letters?{request.url.query}", 303)
    tenant = viewer.tenant_or_all(tenant_id)
    cursors = Cursors("console.envelopes", tenant, words, status, tool_slug, agent, objective_id, within, since, until)
    wanted = EnvelopeFilter(
        status=status, tool_slug=tool_slug, proposed_by=principal_of(agent), objective_id=objective_id,
        since=utc_now() - SPANS[within] if within else as_utc(since), until=as_utc(until), words=words,
    )  # fmt: skip
    found = await search_within(
        viewer.backends, tenant, wanted, limit=PAGE_SIZE + 1, after=cursors.read(after), within=SEARCH_FOR
    )
    page, has_more = page_of(found.envelopes, PAGE_SIZE)
    end = page_end(page[-1]) if has_more else found.searched_to
    return render(
        request, "envelopes/list.html", envelopes=await show_envelopes(viewer.backends, page), statuses=list(Status),
        next=end and cursors.write(end), searched_to=found.searched_to and found.searched_to[0],
        overview=await viewer.backends.overviews.read(tenant),
    )  # fmt: skip


@router.get("/{tenant_id}/{envelope_id}")
async def show_one(request: Request, tenant_id: UUID, envelope_id: UUID, viewer: Viewer) -> Response:
    """One envelope: why it is in its state, the guardrails' verdicts, and everything that happened to it."""
    tenant = viewer.one_tenant(tenant_id)
    explanation = await explain(viewer.backends, tenant, envelope_id, now=utc_now())
    tool = (await find_tools_of(viewer.backends, [explanation.envelope])).get(tool_key(explanation.envelope))
    known = [] if tool is None else [tool]
    [envelope] = await show_envelopes(viewer.backends, [explanation.envelope], known=known)
    rows = await viewer.backends.audit_log.of_envelope(tenant, envelope_id, limit=MAX_STEPS)
    return render(
        request, "envelopes/one.html", envelope=order_arguments(envelope, tool), explanation=explanation,
        steps=list_steps(rows, envelope_id), trace=_trace(request, envelope),
        can_cancel=envelope.status in WAITING_STATUSES,
        can_resolve=envelope.status is Status.UNKNOWN and may_decide(viewer), resolutions=list(Resolution),
        is_dead=envelope.status in DEAD_STATUSES,
    )  # fmt: skip


@router.post("/{tenant_id}/{envelope_id}/cancel")
async def cancel(
    tenant_id: UUID, envelope_id: UUID, viewer: Viewer, reason: Annotated[str, Form(max_length=4000)] = ""
) -> Response:
    """Cancel the envelope."""
    tenant = viewer.one_tenant(tenant_id)
    await viewer.backends.outbox.cancel(tenant, envelope_id, actor=viewer.actor, reason=reason or None)
    return changed("Envelope cancelled.")


@router.post("/{tenant_id}/{envelope_id}/resolve")
async def resolve(
    tenant_id: UUID,
    envelope_id: UUID,
    viewer: Viewer,
    decision: Annotated[Resolution, Form()],
    reason: Annotated[str, Form(max_length=4000)] = "",
) -> Response:
    """Record what a call without an answer did."""
    tenant = viewer.one_tenant(tenant_id)
    resolved = await viewer.backends.outbox.resolve(
        tenant, envelope_id, decision=decision, actor=viewer.actor, reason=reason or None
    )
    return changed(f"Resolved: it is {resolved.status} now.")


def may_decide(viewer: Principal) -> bool:
    """Whether to offer changes that operators, owners and reviewers may make. The database decides."""
    return viewer.tenant_id is None or viewer.role in {TenantRole.OWNER, TenantRole.REVIEWER}


def principal_of(agent: str | None) -> str | None:
    """The principal of an agent: `agent:bot` for both `bot` and `agent:bot`."""
    return agent if agent is None or ":" in agent else f"agent:{agent}"


def _trace(request: Request, envelope: Envelope) -> tuple[str, str | None] | None:
    """The trace of the envelope: its id, and its URL in the tracing system (None if not set). None without a trace."""
    trace_id = trace_id_of(envelope.metadata)
    template: str | None = request.app.state.trace_url
    return None if trace_id is None else (trace_id, template and template.replace("{trace_id}", trace_id))
