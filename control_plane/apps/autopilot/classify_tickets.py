"""Put new tickets, and those whose text changed, into the nearest cluster of the active model."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from control_plane.apps.autopilot.clustering.place import Place, classify
from control_plane.apps.autopilot.clustering.values import Cluster, TicketText
from control_plane.apps.autopilot.clusters import ActiveModel, Member
from control_plane.apps.autopilot.store import models, tickets
from control_plane.apps.autopilot.store.tickets import StoredText
from control_plane.apps.autopilot.stored_clusters import as_clusters
from services.backends.functions import Functions
from services.errors import NotFound


@dataclass(slots=True)
class Classified:
    """How many tickets were compared with the clusters."""

    placed: int = 0
    unclassified: int = 0
    """Tickets that are similar to no cluster or have no words. They wait for the next training."""


async def classify_tickets(functions: Functions, tenant: UUID) -> Classified:
    """Find the cluster of each ticket of the tenant that waits for it, a page at a time. Without an active model, or
    if a workflow made it, the tickets still wait."""
    counts = Classified()
    model = await models.read_active_model(functions, tenant)
    after = UUID(int=0)
    while model is not None and model.clusters:
        page = await tickets.list_tickets_to_classify(functions, tenant, after=after)
        if not page:
            break
        members = await asyncio.to_thread(_classify, page, as_clusters(model))
        if await _save(functions, tenant, model, members):
            placed = sum(member.cluster_id is not None for member in members)
            counts.placed += placed
            counts.unclassified += len(members) - placed
            after = page[-1].id
        else:  # another model is active by now: classify the same page with the clusters of that model
            model = await models.read_active_model(functions, tenant)
    return counts


async def _save(functions: Functions, tenant: UUID, model: ActiveModel, members: Sequence[Member]) -> bool:
    """Save the members of a page; False if the model was deleted or is no longer active."""
    try:
        saved = await models.save_members(functions, tenant, model.model_id, members)
    except NotFound:
        return False
    return saved.is_active


def _classify(page: Sequence[StoredText], clusters: Sequence[Cluster]) -> list[Member]:
    found = classify([TicketText(str(each.id), each.subject, each.description) for each in page], clusters)
    return [_member(each, found.get(str(each.id))) for each in page]


def _member(ticket: StoredText, place: Place | None) -> Member:
    return Member(
        ticket_id=ticket.id,
        cluster_id=None if place is None else UUID(place.cluster),
        score=None if place is None else place.distance,
        content_hash=ticket.content_hash,
    )
