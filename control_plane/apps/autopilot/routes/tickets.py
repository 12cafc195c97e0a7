"""`/v1/autopilot/tickets`: the tickets, in which cluster they are, and which of them are pinned."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel

from control_plane.api.bodies import StrictRoute
from control_plane.api.identity import Person, Reader, TenantId
from control_plane.api.pages import After, Cursors, Limit, Page
from control_plane.apps.autopilot.store import clusters, functions_of
from control_plane.apps.autopilot.store.list_tickets import list_tickets, read_ticket
from control_plane.apps.autopilot.tickets import ListedTicket, StoredTicket, TicketFilter

router = APIRouter(prefix="/v1/autopilot/tickets", route_class=StrictRoute, tags=["tickets"])
Words = Annotated[str | None, Query(min_length=1, max_length=255)]


class Pin(BaseModel, extra="forbid"):
    """The cluster in which the ticket stays."""

    cluster_id: UUID


@router.get("")
async def list_all(
    caller: Reader,
    tenant_id: TenantId = None,
    *,
    cluster_id: Annotated[UUID | None, Query(description="Only the tickets of this cluster.")] = None,
    unclassified: Annotated[bool, Query(description="Only tickets in no cluster.")] = False,
    status: Annotated[Words, Query(description="Only this status, as the ticket system words it.")] = None,
    connection_id: Annotated[UUID | None, Query(description="Only the tickets of this connection.")] = None,
    search: Annotated[Words, Query(description="Text in the subject, or a whole ticket number.")] = None,
    limit: Limit = 50,
    after: After = None,
) -> Page[ListedTicket]:
    """The tickets, those that were opened last first.

    With `status`, `connection_id` or `search` a page may have fewer rows than `limit`, or none: go on while `next` is
    not null.
    """
    tenant = await caller.known_tenant(tenant_id)
    wanted = TicketFilter(
        cluster=cluster_id, unclassified=unclassified, status=status, connection=connection_id, search=search
    )
    cursors = Cursors("tickets", tenant, wanted)
    page = await list_tickets(functions_of(caller.backends), tenant, wanted, before=cursors.read(after), limit=limit)
    end = page.searched_to
    return Page(items=list(page.tickets), next=None if end is None else cursors.write((end.at, end.id)))


@router.get("/{ticket_id}")
async def get(ticket_id: UUID, caller: Reader, tenant_id: TenantId = None) -> StoredTicket:
    """One ticket, and in which cluster each model has it."""
    return await read_ticket(functions_of(caller.backends), caller.one_tenant(tenant_id), ticket_id)


@router.put("/{ticket_id}/pin", status_code=204)
async def pin(ticket_id: UUID, body: Pin, caller: Person, tenant_id: TenantId = None) -> None:
    """Put the ticket into a cluster of the active model and keep it there, also in later models. For owners and
    reviewers."""
    await clusters.pin_ticket(
        functions_of(caller.backends), caller.one_tenant(tenant_id), ticket_id, body.cluster_id, actor=caller.actor
    )


@router.delete("/{ticket_id}/pin", status_code=204)
async def unpin(ticket_id: UUID, caller: Person, tenant_id: TenantId = None) -> None:
    """Take the pin away. The ticket stays in its cluster for now. For owners and reviewers."""
    await clusters.pin_ticket(
        functions_of(caller.backends), caller.one_tenant(tenant_id), ticket_id, None, actor=caller.actor
    )
