"""Answer the new tickets of clusters that may answer by themselves. Each answer is an envelope under guardrails."""

import asyncio
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from uuid_utils.compat import uuid7

from control_plane.apps.autopilot.answers import (
    Abstention,
    Answer,
    Passages,
    answer_ticket,
    article_link,
    read_passages,
)
from control_plane.apps.autopilot.store import dry_runs, functions_of, responses
from control_plane.apps.autopilot.store.responses import AwaitingTicket
from control_plane.apps.autopilot.store.settings import read_settings
from services.backends import Backends
from services.envelope import Actor
from services.errors import ControlPlaneError, concerns_one_tenant
from services.propose import read_proposal

LIMIT = 50
"""The most tickets of a tenant in one run."""


@dataclass(frozen=True, slots=True)
class Responded:
    """How many answers were proposed, for how many tickets autopilot abstained, and why proposals failed."""

    proposed: int
    abstained: int
    problems: tuple[str, ...]


async def respond_to_tickets(backends: Backends, tenant: UUID, *, actor: Actor) -> Responded:
    """Propose an answer to each ticket that awaits one, or record that autopilot abstained. Raises NotReady."""
    functions = functions_of(backends)
    tool_slug = (await read_settings(functions, tenant)).response_tool_slug
    by_cluster: dict[UUID, Passages] = {}
    proposed = abstained = 0
    problems: list[str] = []
    if tool_slug is None:
        return Responded(0, 0, ())
    for ticket in await responses.list_awaiting_tickets(functions, tenant, limit=LIMIT):
        if ticket.cluster_id not in by_cluster:
            articles = await dry_runs.list_answer_articles(functions, tenant, ticket.cluster_id)
            by_cluster[ticket.cluster_id] = await asyncio.to_thread(read_passages, articles)
        answer = answer_ticket(
            by_cluster[ticket.cluster_id], subject=ticket.subject, description=ticket.description,
            requester=ticket.requester,
        )  # fmt: skip
        try:
            if isinstance(answer, Abstention):
                abstained += await responses.abstain_from_response(functions, tenant, ticket, answer, actor=actor)
                continue
            document = response_document(tenant, tool_slug, ticket, answer)
            proposal, _, _ = await read_proposal(backends, document)
            proposed += await responses.propose_response(functions, tenant, ticket, answer, proposal, actor=actor)
        except ControlPlaneError as exc:
            if not concerns_one_tenant(exc):
                raise
            problems.append(f"ticket {ticket.ticket_id}: {exc}")
    return Responded(proposed, abstained, tuple(problems))


def response_document(tenant: UUID, tool_slug: str, ticket: AwaitingTicket, answer: Answer) -> dict[str, Any]:
    """The envelope that answers the ticket, as a proposal."""
    return {
        "envelope_id": str(uuid7()),
        "tenant_id": str(tenant),
        "tool_slug": tool_slug,
        "arguments": {
            "ticket": ticket.number,
            "text": answer.text,
            "article": answer.article.external_id,
            "connection": None if ticket.connection_id is None else str(ticket.connection_id),
        },
        "external_id": f"autopilot:response:{ticket.ticket_id}",
        "trust_context": {"score": answer.score, "evidence": [article_link(answer.article)]},
        "metadata": {"ordering_key": f"autopilot:response:{ticket.ticket_id}"},
    }
