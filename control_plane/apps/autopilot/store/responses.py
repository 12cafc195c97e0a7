"""Automatic responses to tickets."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter

from control_plane.apps.autopilot.answers import Abstention, Answer
from control_plane.apps.autopilot.readiness import ResponseState, TicketResponse
from services.backends.functions import Functions
from services.envelope import Actor
from services.outbox import Proposal


@dataclass(frozen=True, slots=True, kw_only=True)
class AwaitingTicket:
    """An open ticket that awaits an automatic response."""

    ticket_id: UUID
    cluster_id: UUID
    content_hash: int
    """If the text of the ticket changes meanwhile, nothing is proposed."""
    number: str
    """Its number in the ticket system."""
    connection_id: UUID | None
    subject: str
    description: str | None
    requester: str | None


_AWAITING = TypeAdapter(list[AwaitingTicket])
_RESPONSES = TypeAdapter(list[TicketResponse])
_TENANTS = TypeAdapter(list[UUID])


async def list_responding_tenants(functions: Functions, tenant: UUID | None) -> list[UUID]:
    """The tenants with tickets that await a response; only this one if it is given."""
    return _TENANTS.validate_python(await functions.call("autopilot.list_responding_tenants", tenant=tenant))


async def list_awaiting_tickets(functions: Functions, tenant: UUID, *, limit: int = 50) -> list[AwaitingTicket]:
    """The oldest tickets that await a response."""
    rows = await functions.call("autopilot.list_awaiting_tickets", tenant=tenant, max_tickets=limit)
    return _AWAITING.validate_python(rows)


async def propose_response(
    functions: Functions, tenant: UUID, ticket: AwaitingTicket, answer: Answer, proposal: Proposal, *, actor: Actor
) -> bool:
    """Enqueue the envelope and record the response at the ticket, both or none. Returns False if the ticket is no
    longer to be answered. Raises StateConflict if another envelope has the same `external_id`."""
    found = await functions.call(
        "autopilot.propose_response", tenant=tenant, ticket=ticket.ticket_id, cluster=ticket.cluster_id,
        content_hash=ticket.content_hash, answer=answer.text, article=answer.article.id, score=answer.score,
        envelope={
            "id": str(proposal.id), "tool_slug": proposal.tool_slug, "tool_version": proposal.tool_version,
            "arguments": dict(proposal.arguments), "risk": proposal.risk,
            "trust_context": dict(proposal.trust_context),
        },
        actor_id=actor.id, door=actor.door, as_of=functions.as_of(),
    )  # fmt: skip
    return bool(found["proposed"])


async def abstain_from_response(
    functions: Functions, tenant: UUID, ticket: AwaitingTicket, abstention: Abstention, *, actor: Actor
) -> bool:
    """Record that no article answers the ticket. Returns False if it is no longer to be answered."""
    found = await functions.call(
        "autopilot.abstain_from_response", tenant=tenant, ticket=ticket.ticket_id, cluster=ticket.cluster_id,
        content_hash=ticket.content_hash, reason=abstention.reason, score=abstention.score, actor_id=actor.id,
        door=actor.door, as_of=functions.as_of(),
    )  # fmt: skip
    return bool(found["abstained"])


async def list_responses(
    functions: Functions, tenant: UUID, *, cluster: UUID | None = None, state: ResponseState | None = None,
    limit: int = 50, before: tuple[datetime, UUID] | None = None,
) -> list[TicketResponse]:  # fmt: skip
    """The responses of a tenant, or of one cluster, the newest first. `before` has the creation time and ticket of the
    last one shown."""
    position: dict[str, Any] = {} if before is None else {"before": before[0], "before_id": before[1]}
    rows = await functions.call(
        "autopilot.list_responses", tenant=tenant, cluster=cluster, state=state, max_responses=limit, **position
    )
    return _RESPONSES.validate_python(rows)
