"""Proposals: changes of clusters that a training found, for people to decide."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from control_plane.apps.autopilot.clusters import ExampleTicket


class ProposalKind(StrEnum):
    """What a proposal would change."""

    NEW = "new"
    """Tickets without a cluster become one."""
    SPLIT = "split"
    """Some tickets of a cluster become a cluster of their own."""
    MERGE = "merge"
    """All tickets of a cluster join another one; the cluster is gone."""
    MOVE = "move"
    """Some tickets of a cluster join another one."""
    REGROUP = "regroup"
    """A cluster gets another `name`, which it shares with the clusters that are similar to it."""


class ProposalStatus(StrEnum):
    """The state of a proposal."""

    OPEN = "open"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConcernedCluster:
    """A cluster that a proposal concerns, as it is in the active model."""

    cluster_id: UUID | None
    """None: it is gone."""
    lineage_id: UUID
    name: str | None
    subcluster_name: str | None
    label: str | None
    tickets: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A change of clusters, with the evidence for it."""

    id: UUID
    kind: ProposalKind
    status: ProposalStatus
    decided_by: str | None
    decided_at: datetime | None
    created_at: datetime
    tickets: int
    """How many tickets would be in another cluster."""
    name: str
    """The name that the tickets' cluster would have."""
    subcluster_name: str | None
    cohesion_before: float | None
    """The mean cosine of the tickets of the concerned clusters to their centres. None if the tickets are in none."""
    cohesion_after: float
    sources: Sequence[ConcernedCluster]
    """The clusters in which the tickets are now."""
    target: ConcernedCluster | None
    """The cluster that they would join. None: a new one."""
    overlap: Sequence[ConcernedCluster]
    """The present clusters of the tickets that the training put into one group, with how many are in each."""
    examples: Sequence[ExampleTicket]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposedChange:
    """What is needed to carry out a proposal. `sources` and `target` are ids of clusters of the active model; None
    for a cluster that is gone."""

    id: UUID
    kind: ProposalKind
    status: ProposalStatus
    name: str
    subcluster_name: str | None
    sources: Sequence[UUID | None]
    target: UUID | None
    tickets: Sequence[UUID]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewProposal:
    """A proposal that is to be stored. Clusters are named by their lineages."""

    kind: ProposalKind
    sources: Sequence[UUID]
    target: UUID | None
    name: str
    subcluster_name: str | None
    overlap: Mapping[UUID, int]
    examples: Sequence[UUID]
    cohesion_before: float | None
    cohesion_after: float
    tickets: Sequence[UUID]


@dataclass(frozen=True, slots=True, kw_only=True)
class DescribedCluster:
    """The new values of a cluster whose tickets change. The lineage of a new cluster is the id of its proposal."""

    lineage_id: UUID
    centroid: bytes
    """Numbers of 32 bits (IEEE 754, little-endian)."""
    floor: float
    cohesion: float
    examples: Sequence[UUID]


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptedProposals:
    """The model that accepted proposals made."""

    model_id: UUID
    previous_model_id: UUID
    accepted: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PinnedTicket:
    """A ticket that people put into a cluster."""

    ticket_id: UUID
    cluster_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterRules:
    """What people decided for every later model, in ids of clusters of the active model."""

    pins: Sequence[PinnedTicket]
    not_merged: Sequence[tuple[UUID, UUID]]
