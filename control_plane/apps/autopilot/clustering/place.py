"""Find the clusters of tickets: by the nearest centroid or, if all tickets are given, by the most similar tickets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from control_plane.apps.autopilot.clustering.corpus import UNIT, Corpus, read, whole
from control_plane.apps.autopilot.clustering.partition import Partition
from control_plane.apps.autopilot.clustering.values import Cluster, TicketText

if TYPE_CHECKING:
    from numpy.typing import NDArray

ROUNDS = 5
"""How many times tickets without a cluster get the cluster of their most similar tickets. A ticket whose similar
tickets have no cluster either may get one in a later round, when those have one."""


@dataclass(frozen=True, slots=True)
class Place:
    """The cluster of a ticket."""

    cluster: str
    """Its id."""
    distance: float
    """1 − the cosine to the centroid: 0 is the centre."""


def classify(tickets: Sequence[TicketText], clusters: Sequence[Cluster]) -> dict[str, Place | None]:
    """The nearest cluster for each ticket that has words; None if it is similar to none."""
    corpus = read(tickets)
    return dict(zip(corpus.keys, assign(corpus.vectors, clusters), strict=True))


def assign(vectors: "NDArray[np.float32]", clusters: Sequence[Cluster]) -> list[Place | None]:
    """The cluster with the nearest centroid for each row; None if the cosine is below the cluster's floor."""
    if not clusters:
        return [None] * len(vectors)
    cosines = vectors @ _centroids(clusters).T / np.float32(UNIT)
    nearest = cosines.argmax(axis=1)
    return [
        Place(clusters[best].id, distance_of(float(cosines[row, best])))
        if cosines[row, best] >= clusters[best].floor else None
        for row, best in enumerate(nearest.tolist())
    ]  # fmt: skip


def measure(corpus: Corpus, clusters: Sequence[Cluster], members: Mapping[str, str]) -> dict[str, float]:
    """The distance of each member to the centroid of its cluster."""
    number = {each.id: n for n, each in enumerate(clusters)}
    rows = [row for row, key in enumerate(corpus.keys) if key in members]
    if not rows:
        return {}
    centroids = _centroids(clusters)[[number[members[corpus.keys[row]]] for row in rows]]
    cosines = (corpus.vectors[rows] * centroids).sum(axis=1) / np.float32(UNIT)
    return {corpus.keys[row]: distance_of(float(cosine)) for row, cosine in zip(rows, cosines, strict=True)}


def distance_of(cosine: float) -> float:
    """The distance to a centroid: from 0 to 2."""
    return round(max(0.0, 1 - cosine), 6)


def place(labels: "NDArray[np.int64]", found: Partition, corpus: Corpus, clusters: Sequence[Cluster]) -> dict[int, str]:
    """The cluster of each row, by the labels of the nodes. A row has none if its cosine to the centroid of that cluster
    is below the lowest floor of all clusters."""
    if not clusters:
        return {}
    best = labels[found.node]
    cosines = (corpus.vectors * _centroids(clusters)[best]).sum(axis=1) / np.float32(UNIT)
    lowest = min(each.floor for each in clusters)
    near = np.flatnonzero((best >= 0) & (cosines >= lowest))
    return {row: clusters[best[row]].id for row in near.tolist()}


def spread(found: Partition, known: "NDArray[np.int64]", count: int) -> "NDArray[np.int64]":
    """A label for each node of the graph: that of most of its rows or, if none of them has a label, that of the most
    similar nodes; -1 if these have none either.

    `known` has the label of each row: a number from 0 to `count` - 1, or -1 for a row without a label.
    """
    nodes = found.graph.shape[0]
    labelled = np.flatnonzero(known >= 0)
    pairs = (found.node[labelled], known[labelled])
    votes = sparse.csr_matrix((np.ones(len(labelled)), pairs), (nodes, count)).toarray()
    fixed = votes.any(axis=1)
    labels = np.where(fixed, _best(votes), -1)
    for _ in range(ROUNDS):
        labelled_nodes = np.flatnonzero(labels >= 0)
        chosen = sparse.csr_matrix(
            (np.ones(len(labelled_nodes)), (labelled_nodes, labels[labelled_nodes])), (nodes, count)
        )
        labels = np.where(fixed, labels, _best((found.graph @ chosen).toarray()))
    return labels


def _best(votes: "NDArray[np.float64]") -> "NDArray[np.int64]":
    if votes.shape[1] == 0:
        return np.full(len(votes), -1)
    return np.where(votes.any(axis=1), votes.argmax(axis=1), -1)


def _centroids(clusters: Sequence[Cluster]) -> "NDArray[np.float32]":
    return whole(np.stack([each.centroid for each in clusters]))
