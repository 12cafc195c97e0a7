"""What clustering takes and returns."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vector = NDArray[np.float32]
    """256 numbers, of length 1."""


@dataclass(frozen=True, slots=True)
class TicketText:
    """A ticket, as far as clustering reads it."""

    key: str
    """Identifies the ticket within its tenant."""
    subject: str
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """Tickets of one kind. Clusters with the same `name` differ in their `subcluster_name`."""

    id: str
    name: str
    subcluster_name: str | None
    """None if the tickets of this name are not divided further."""
    size: int
    centroid: "Vector"
    floor: float
    """A ticket joins the cluster only if its cosine to the centroid is at least this."""
    cohesion: float
    """The mean cosine of the tickets to the centroid: 1 if all say the same."""
    examples: tuple[str, ...]
    """Keys of the tickets that are nearest to the centroid, the nearest first."""


@dataclass(frozen=True, slots=True)
class ClusterModel:
    """Clusters, and which ticket is in which of them."""

    clusters: tuple[Cluster, ...]
    members: Mapping[str, str]
    """For the key of each ticket that is in a cluster, the id of this cluster."""
    distances: Mapping[str, float] = field(default_factory=dict)
    """For the key of each ticket that was measured, 1 − its cosine to the centroid of its cluster."""


@dataclass(frozen=True, slots=True)
class TooFewTickets:
    """There is no model, because too few tickets have a text."""

    current_total_tickets: int
    needed_total_tickets: int
    code: str = "tickets_below_threshold"
