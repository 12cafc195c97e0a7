"""Read tickets for people: lists, counts, and one with its history."""

from datetime import datetime
from uuid import UUID

from pydantic import TypeAdapter

from control_plane.apps.autopilot.tickets import StoredTicket, TicketCounts, TicketFilter, TicketPage
from services.backends.functions import Functions
from services.errors import NotFound

_PAGE = TypeAdapter(TicketPage)
_TICKET = TypeAdapter(StoredTicket)
_COUNTS = TypeAdapter(TicketCounts)


async def list_tickets(
    functions: Functions, tenant: UUID, wanted: TicketFilter, *, before: tuple[datetime, UUID] | None = None,
    limit: int = 50,
) -> TicketPage:  # fmt: skip
    """A page of tickets, those that were opened last first, after `before`, the `searched_to` of the page before."""
    before_at, before_id = before or (None, None)
    page = await functions.call(
        "autopilot.list_tickets", tenant=tenant, cluster=wanted.cluster, unclassified=wanted.unclassified,
        status=wanted.status, connection=wanted.connection, search=wanted.search, before_at=before_at,
        before_id=before_id, max_tickets=limit,
    )  # fmt: skip
    return _PAGE.validate_python(page)


async def read_ticket(functions: Functions, tenant: UUID, ticket: UUID) -> StoredTicket:
    """One ticket. Raises NotFound."""
    row = await functions.call("autopilot.read_ticket", tenant=tenant, ticket=ticket)
    if row is None:
        raise NotFound("ticket", ticket)
    return _TICKET.validate_python(row)


async def count_tickets(functions: Functions, tenant: UUID) -> TicketCounts:
    """How many tickets the tenant has: all, those in no cluster, and those in each status."""
    return _COUNTS.validate_python(await functions.call("autopilot.count_tickets", tenant=tenant))
