"""`/v1/autopilot/responses`: the answers that autopilot proposed to new tickets, and what became of them."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from control_plane.api.bodies import StrictRoute
from control_plane.api.identity import Reader, TenantId
from control_plane.api.pages import After, Cursors, Limit, Page, page_of
from control_plane.apps.autopilot.readiness import ResponseState, TicketResponse
from control_plane.apps.autopilot.store import functions_of, responses

router = APIRouter(prefix="/v1/autopilot/responses", route_class=StrictRoute, tags=["ticket responses"])


@router.get("")
async def list_all(
    caller: Reader,
    tenant_id: TenantId = None,
    cluster_id: Annotated[UUID | None, Query(description="Only those to tickets of this cluster.")] = None,
    state: Annotated[ResponseState | None, Query(description="Only those in this state.")] = None,
    limit: Limit = 50,
    after: After = None,
) -> Page[TicketResponse]:
    """The automatic responses, the newest first: ticket, answer, article, and what became of it."""
    tenant = await caller.known_tenant(tenant_id)
    cursors = Cursors("ticket responses", tenant, cluster_id, state)
    rows = await responses.list_responses(
        functions_of(caller.backends), tenant, cluster=cluster_id, state=state, limit=limit + 1,
        before=cursors.read(after),
    )  # fmt: skip
    shown, has_more = page_of(rows, limit)
    return Page(
        items=list(shown), next=cursors.write((shown[-1].created_at, shown[-1].ticket_id)) if has_more else None
    )
