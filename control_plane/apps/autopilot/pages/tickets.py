"""`/console/tickets`: the tickets of a tenant, and one with its history."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import Response

from control_plane.api.pages import After, Cursors
from control_plane.apps.autopilot.clusters import Verdict
from control_plane.apps.autopilot.store import clusters, functions_of
from control_plane.apps.autopilot.store.list_tickets import count_tickets, list_tickets, read_ticket
from control_plane.apps.autopilot.tickets import TicketFilter
from control_plane.console.own_tenant import choose_tenant, linker, may, whose
from control_plane.console.render import changed, render
from control_plane.console.session import Viewer
from services.tenants import TenantRole

router = APIRouter(prefix="/tickets")
PAGE_SIZE = 50
Words = Annotated[str, Query(max_length=255)]


@router.get("")
async def show_list(
    request: Request, viewer: Viewer, tenant_id: UUID | None = None, cluster: UUID | None = None,
    unclassified: bool = False, status: Words = "", search: Words = "", after: After = None,
) -> Response:  # fmt: skip
    """The tickets, those that were opened last first."""
    if viewer.tenant_or_all(tenant_id) is None:
        return await choose_tenant(request, viewer, "Tickets")
    tenant = await viewer.known_tenant(tenant_id)
    functions = functions_of(viewer.backends)
    wanted = TicketFilter(
        cluster=cluster, unclassified=unclassified, status=status.strip() or None, search=search.strip() or None
    )
    cursors = Cursors("console.tickets", tenant, wanted)
    page = await list_tickets(functions, tenant, wanted, before=cursors.read(after), limit=PAGE_SIZE)
    end = page.searched_to
    return render(
        request, "autopilot/tickets.html", tickets=page.tickets, counts=await count_tickets(functions, tenant),
        unclassified=unclassified, next=None if end is None else cursors.write((end.at, end.id)),
        cluster_link=linker(viewer, "clusters", tenant), **await whose(viewer, "tickets", tenant),
    )  # fmt: skip


@router.get("/{ticket_id}")
async def show_one(request: Request, ticket_id: UUID, viewer: Viewer, tenant_id: UUID | None = None) -> Response:
    """One ticket, and in which cluster each model has it."""
    tenant = await viewer.known_tenant(tenant_id)
    functions = functions_of(viewer.backends)
    return render(
        request, "autopilot/ticket.html", ticket=await read_ticket(functions, tenant, ticket_id),
        clusters=await clusters.list_clusters(functions, tenant),
        may_judge=may(viewer, TenantRole.OWNER, TenantRole.REVIEWER),
        cluster_link=linker(viewer, "clusters", tenant), envelope_link=linker(viewer, "envelopes", tenant),
        **await whose(viewer, "tickets", tenant),
    )  # fmt: skip


@router.post("/{ticket_id}/judge")
async def judge(
    ticket_id: UUID, viewer: Viewer, verdict: Annotated[Verdict, Form()], tenant_id: UUID | None = None
) -> Response:
    """Say whether the ticket belongs to its cluster."""
    await clusters.judge_ticket(
        functions_of(viewer.backends), viewer.one_tenant(tenant_id), ticket_id, verdict, actor=viewer.actor
    )
    return changed("Judged.")


@router.post("/{ticket_id}/pin")
async def pin(
    ticket_id: UUID, viewer: Viewer, cluster: Annotated[UUID, Form()], tenant_id: UUID | None = None
) -> Response:
    """Keep the ticket in a cluster, also in later models."""
    await clusters.pin_ticket(
        functions_of(viewer.backends), viewer.one_tenant(tenant_id), ticket_id, cluster, actor=viewer.actor
    )
    return changed("Pinned. Later models keep it there.")


@router.post("/{ticket_id}/unpin")
async def unpin(ticket_id: UUID, viewer: Viewer, tenant_id: UUID | None = None) -> Response:
    """Remove the pin."""
    await clusters.pin_ticket(
        functions_of(viewer.backends), viewer.one_tenant(tenant_id), ticket_id, None, actor=viewer.actor
    )
    return changed("The pin is gone. The ticket stays in its cluster for now.")
