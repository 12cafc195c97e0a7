"""Clusters of tickets, as they are stored, and the models that made them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID


class KnowledgeStatus(StrEnum):
    """Whether knowledge answers the tickets of a cluster. The values are a published contract."""

    PENDING = "PENDING"
    """Nobody has searched yet."""
    FOUND = "FOUND"
    GAP = "GAP"


class Verdict(StrEnum):
    """What a person says of a ticket's cluster."""

    TRUSTED = "trusted"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExampleTicket:
    """A ticket that is shown as an example."""

    id: UUID
    external_id: str
    subject: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredCluster:
    """A cluster of a stored model."""

    organization_id: UUID
    id: UUID
    model_id: UUID
    lineage_id: UUID
    """Stays the same from model to model."""
    name: str
    subcluster_name: str | None
    label: str | None
    """The name that a person gave."""
    config: Mapping[str, Any]
    kb_status: KnowledgeStatus
    validation_target: int | None
    validation_current: int
    """How many of its tickets people have judged as `trusted`."""
    examples: Sequence[UUID] = ()
    tickets: int | None = None
    """How many tickets it has. None in the answer to a change of the cluster."""
    articles: int | None = None
    cohesion: float | None = None
    """The mean cosine of its tickets to its centre: 1 if all say the same. None if a workflow made the cluster, and in
    the answer to a change of the cluster."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Predecessor:
    """A cluster of the previous model, from which a cluster of this model got tickets."""

    lineage_id: UUID
    kind: str
    """`same`, `split`, `merge` or `move`."""
    shared_tickets: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCluster:
    """A cluster of a model that is to be stored."""

    name: str
    subcluster_name: str | None = None
    lineage_id: UUID | None = None
    """The lineage of the earlier cluster that this one continues; None for a new cluster."""
    centroid: bytes
    """Numbers of 32 bits (IEEE 754, little-endian)."""
    floor: float
    cohesion: float
    examples: Sequence[UUID] = ()
    predecessors: Sequence[Predecessor] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NewModel:
    """A model that is to be stored."""

    external_model_id: str
    model_name: str
    training_start_date: date | None = None
    training_end_date: date | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A ticket in a cluster of a model."""

    ticket_id: UUID
    cluster_id: UUID | None
    """None: it is similar to no cluster, and waits for the next training."""
    score: float | None = None
    """The distance to the centre: 0 is the centre."""
    content_hash: int | None = None
    """The hash of the text that was read. If the ticket has another one by now, the member is not saved."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedMembers:
    """What became of members that were saved."""

    saved: int
    """How many are new, changed or gone."""
    is_active: bool
    """Whether the model is the active one, so that the tickets moved."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainedCluster:
    """A cluster of the active model, with what a classification or training needs."""

    id: UUID
    lineage_id: UUID
    name: str
    subcluster_name: str | None
    centroid: bytes
    """Numbers of 32 bits (IEEE 754, little-endian)."""
    floor: float
    cohesion: float
    examples: Sequence[UUID]


@dataclass(frozen=True, slots=True, kw_only=True)
class ActiveModel:
    """The active model. That of a workflow has no clusters here, because they have no centroids."""

    model_id: UUID
    clusters: Sequence[TrainedCluster]


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchedModel:
    """The model that is active now, and the one that was active before."""

    model_id: UUID
    previous_model_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredModel:
    """A model of a tenant."""

    id: UUID
    external_model_id: str
    model_name: str
    training_start_date: date | None
    training_end_date: date | None
    metadata: Mapping[str, Any]
    active: bool
    activated_at: datetime | None
    previous_model_id: UUID | None
    """The model that was active before. A rollback activates it."""
    created_at: datetime
    clusters: int
    open_proposals: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterPredecessor:
    """From which cluster of an earlier model a cluster got tickets."""

    lineage_id: UUID
    kind: str
    """`same`, `split`, `merge` or `move`."""
    shared_tickets: int
    name: str | None
    """The name of that cluster. None if no model that has it is stored any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterDetail(StoredCluster):
    """A cluster with what people look at before they decide about it."""

    is_active: bool
    """Whether its model is the active one."""
    statuses: Mapping[str, int]
    """How many of its tickets are in each status, as the ticket system words it."""
    example_tickets: Sequence[ExampleTicket]
    predecessors: Sequence[ClusterPredecessor]
    not_merged_with: Sequence[UUID]
    """Clusters of the same model that are never merged with it."""
    pins: int
    """How many tickets people pinned to it."""
    etag: str
    """Changes with the label."""
