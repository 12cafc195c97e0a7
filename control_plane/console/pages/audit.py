"""`/console/audit`: what happened to a tenant, whether its chain is intact, and its export."""

import json
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import Response, StreamingResponse

from control_plane.api.audit import NDJSON, export_lines
from control_plane.api.identity import Principal
from control_plane.api.pages import as_utc
from control_plane.console.filters import Chosen
from control_plane.console.history import TITLES
from control_plane.console.own_tenant import whose
from control_plane.console.pages.envelopes import SEARCH_FOR, SPANS
from control_plane.console.render import environment, render
from control_plane.console.session import Viewer
from services.audit_log import AuditFilter, FoundAuditRows
from services.audit_log.envelopes import envelopes_of
from services.audit_log.problems import Findings
from services.clock import utc_now
from services.export_audit_log import export_audit_log
from services.search_audit_log import search_audit_log
from services.verify_audit_log import Verified, verify_by_steps

router = APIRouter(prefix="/audit")
PAGE_SIZE = 50
MAX_TENANTS = 200
"""How many tenants the page offers to an operator who has not named one."""
CATEGORIES = [
    ("envelope.", "Envelopes"), ("approval.", "Approvals"), ("guardrails.", "Guardrails"),
    ("tool_catalog.", "Catalog"), ("connected_accounts.", "Accounts"), ("grant.", "Grants"), ("pause.", "Pauses"),
    ("tenants.", "Tenant"), ("objectives.", "Objectives"), ("event_subscription.", "Subscriptions"),
    ("inbound_webhook.", "Inbound webhooks"), ("slack_user.", "Slack users"), ("evidence.", "Evidence"),
    ("api_token.", "API tokens"),
]  # fmt: skip
Text = Annotated[Chosen[str], Query(max_length=300)]
TenantId = Annotated[Chosen[UUID], Query()]
Moment = Annotated[Chosen[datetime], Query()]


@router.get("")
async def show_list(
    request: Request,
    viewer: Viewer,
    tenant_id: TenantId = None,
    category: Text = None,
    actor: Text = None,
    envelope_id: Annotated[Chosen[UUID], Query()] = None,
    within: Annotated[Chosen[Literal["1h", "24h", "7d"]], Query()] = None,
    since: Moment = None,
    until: Moment = None,
    to_seq: Annotated[Chosen[int], Query(ge=1, lt=2**62)] = None,
    after: Annotated[Chosen[int], Query(ge=1, lt=2**62)] = None,
) -> Response:
    """The newest rows of a tenant that meet the conditions. An operator first chooses the tenant."""
    tenant = viewer.tenant_or_all(tenant_id)
    if tenant is None:
        tenants = await viewer.backends.tenants.list_tenants()
        return render(request, "audit/tenants.html", tenants=tenants[:MAX_TENANTS], has_more=len(tenants) > MAX_TENANTS)
    tenant = await viewer.known_tenant(tenant)
    if envelope_id is not None:
        rows = (await viewer.backends.audit_log.of_envelope(tenant, envelope_id, limit=1000))[::-1]
        found, end = FoundAuditRows(rows=rows, searched_to=None), None
    else:
        wanted = AuditFilter(
            category=category, actor=actor, since=utc_now() - SPANS[within] if within else as_utc(since),
            until=as_utc(until),
        )  # fmt: skip
        found = await search_audit_log(
            viewer.backends, tenant, wanted, limit=PAGE_SIZE, before=after or (to_seq and to_seq + 1), within=SEARCH_FOR
        )
        end = found.rows[-1].seq if len(found.rows) == PAGE_SIZE and found.rows[-1].seq > 1 else found.searched_to
    heads = await viewer.backends.audit_log.heads(tenant)
    return render(
        request, "audit/list.html", rows=found.rows, next=end, searched_to=found.searched_to, titles=TITLES,
        envelopes_of=envelopes_of, categories=_categories(category), newest=heads[0].newest if heads else 0,
        **await whose(viewer, "audit", tenant),
    )  # fmt: skip


@router.post("/verify")
async def verify(viewer: Viewer, tenant_id: Annotated[UUID, Form()]) -> Response:
    """Verify the chain. The answer gets a line of JSON after every thousand rows: {rows, of}. The last line has the
    findings as HTML for the page. They are not stored, because somebody may change a row after the verification.
    """
    tenant = viewer.one_tenant(tenant_id)
    steps = verify_by_steps(viewer.backends, tenant)
    first = await anext(steps)  # a tenant without rows is refused before the answer begins
    lines = _progress_lines(viewer, first, steps)
    return StreamingResponse(lines, media_type=NDJSON, headers={"X-Accel-Buffering": "no"})


@router.get("/export")
async def export(
    viewer: Viewer, tenant_id: TenantId = None, since: Moment = None, until: Moment = None
) -> StreamingResponse:
    """All rows as a file for `audit verify --file`."""
    tenant = viewer.one_tenant(tenant_id)
    rows = export_audit_log(
        viewer.backends, tenant, after=None, since=as_utc(since), until=as_utc(until), say=lambda _line: None
    )
    first = await anext(rows, None)  # an unknown tenant is refused before the file begins
    name = f"audit-{tenant}.ndjson"
    return StreamingResponse(
        export_lines(first, rows), media_type=NDJSON, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


async def _progress_lines(
    viewer: Principal, step: Verified | Findings | None, others: AsyncIterator[Verified | Findings]
) -> AsyncIterator[str]:
    while step is not None:
        if isinstance(step, Findings):
            found = environment().get_template("audit/verified.html")
            html = found.render(findings=step, at=utc_now(), by=viewer.actor.principal)
            yield json.dumps({"rows": step.rows, "of": step.rows, "intact": step.intact, "html": html}) + "\n"
        else:
            yield json.dumps({"rows": step.rows, "of": step.of}) + "\n"
        step = await anext(others, None)


def _categories(chosen: str | None) -> list[tuple[str, str]]:
    """The categories that the filter offers. The chosen category is added if it is another one, as a link may name
    any."""
    return [*CATEGORIES, *([(chosen, chosen)] if chosen and chosen not in dict(CATEGORIES) else [])]
