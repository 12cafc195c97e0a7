"""What a new training would change, for people to decide."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Literal

from control_plane.apps.autopilot.clustering.values import Cluster

Kind = Literal["new", "split", "merge", "move", "regroup"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Why a change is proposed."""

    overlap: Mapping[str, int]
    """How many tickets of each present cluster a new training puts into one group."""
    examples: tuple[str, ...]
    """Keys of tickets that would change or get their cluster, the most typical ones first."""
    cohesion_before: float | None
    """The mean cohesion of the clusters that the tickets are in, weighted by size; None if they are in none. For a
    regrouped cluster: the mean cosine of its tickets to the mean of all tickets with its name."""
    cohesion_after: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Tickets that would be in another cluster."""

    id: str
    kind: Kind
    sources: tuple[str, ...]
    """The clusters that the tickets are in now. After a merge, its source is gone."""
    cluster: Cluster
    """The cluster that the tickets would be in. A new cluster has an id such as `new-1`, which the store replaces."""
    tickets: tuple[str, ...]
    """The tickets that would be in another cluster. Empty if a cluster is regrouped: then only its names change."""
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Plan:
    """What a new training found."""

    placed: Mapping[str, str]
    """The cluster of each ticket that had none and joins one."""
    unclassified: tuple[str, ...]
    """The tickets that have words and are similar to no cluster."""
    changes: tuple[Change, ...]
    distances: Mapping[str, float] = field(default_factory=dict)
    """1 − the cosine to the centroid, for each placed ticket."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What people decided about clusters. No plan contradicts these rules."""

    pins: Mapping[str, str] = field(default_factory=dict)
    """The cluster in which a ticket must be."""
    cannot_link: Collection[frozenset[str]] = ()
    """Pairs of clusters that are never merged."""
