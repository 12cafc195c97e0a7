"""Clusters of tickets, as they are stored, and the models that made them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
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
    """None where only one cluster is read."""
    articles: int | None = None


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
class NewProposal:
    """A change of clusters that a training found, for people to decide."""

    kind: str
    """`new`, `split`, `merge`, `move` or `regroup`."""
    content: Mapping[str, Any]


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
