"""Near-duplicates: open tickets of one cluster that say nearly the same, so one answer may solve them all."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from control_plane.apps.autopilot.clustering.texts import clean_text
from control_plane.apps.autopilot.clustering.values import TicketText
from control_plane.apps.autopilot.store.insight import OpenTicket, list_open_tickets
from services.backends.functions import Functions

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]

MAX_TICKETS = 2000
"""How many open tickets are compared, at most: the newest ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DuplicateTicket:
    """One ticket of a group of near-duplicates."""

    id: UUID
    external_id: str
    subject: str
    opened_at: datetime
    similarity: float
    """The cosine to the first ticket of the group."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DuplicateGroup:
    """Open tickets of one cluster that say nearly the same, the oldest first."""

    cluster_id: UUID
    tickets: Sequence[DuplicateTicket]


async def list_near_duplicates(
    functions: Functions, tenant: UUID, *, within: timedelta, now: datetime, cluster: UUID | None = None
) -> list[DuplicateGroup]:
    """The near-duplicates among the open tickets that were opened within this time, the largest groups first."""
    tickets = await list_open_tickets(functions, tenant, cluster=cluster, since=now - within, limit=MAX_TICKETS)
    return await asyncio.to_thread(_group, tickets)


def _group(tickets: Sequence[OpenTicket]) -> list[DuplicateGroup]:
    from control_plane.text.embeddings import embed  # noqa: PLC0415  # loads a model of 100 MB

    by_cluster: defaultdict[UUID, list[OpenTicket]] = defaultdict(list)
    for ticket in tickets:
        by_cluster[ticket.cluster_id].append(ticket)
    groups: list[DuplicateGroup] = []
    for members in by_cluster.values():
        texts = [clean_text(TicketText(str(each.id), each.subject, each.description or "")) for each in members]
        groups += find_duplicates(members, embed(texts, [None] * len(texts)))
    return sorted(groups, key=lambda group: (-len(group.tickets), group.tickets[0].opened_at, group.tickets[0].id))


def find_duplicates(tickets: Sequence[OpenTicket], vectors: "Vectors") -> list[DuplicateGroup]:
    """The groups of tickets of one cluster. `vectors` has a row of length 1 for each ticket; a ticket without words has
    a row of zeros, and no duplicates. Pure.

    Each ticket, the oldest first, joins the first group of whose oldest ticket it is a near-duplicate, or begins a
    group. So tickets of which each differs a little from the one before do not all end up in one group.
    """
    import numpy as np  # noqa: PLC0415  # most commands need neither

    from control_plane.apps.autopilot.clustering.neighbours import NEAR_DUPLICATE  # noqa: PLC0415

    order = sorted(range(len(tickets)), key=lambda at: (tickets[at].opened_at, tickets[at].id))
    members: list[list[tuple[int, float]]] = []
    first_vectors = np.empty((len(tickets), vectors.shape[1]), np.float32)
    for at in order:
        cosines = first_vectors[: len(members)] @ vectors[at]
        group = int(np.argmax(cosines >= NEAR_DUPLICATE)) if members else 0
        if members and cosines[group] >= NEAR_DUPLICATE:
            members[group].append((at, float(cosines[group])))
        else:
            first_vectors[len(members)] = vectors[at]
            members.append([(at, 1.0)])
    return [
        DuplicateGroup(
            cluster_id=tickets[group[0][0]].cluster_id,
            tickets=[
                DuplicateTicket(
                    id=tickets[at].id, external_id=tickets[at].external_id, subject=tickets[at].subject,
                    opened_at=tickets[at].opened_at, similarity=round(min(1.0, similarity), 3),
                )
                for at, similarity in group
            ],
        )
        for group in members if len(group) > 1
    ]  # fmt: skip
