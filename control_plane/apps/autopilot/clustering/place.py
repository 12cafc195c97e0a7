"""Where tickets belong: with the nearest centroid or, if all tickets are at hand, with those that are similar."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from control_plane.apps.autopilot.clustering.corpus import UNIT, Corpus, read, whole
from control_plane.apps.autopilot.clustering.partition import Partition
from control_plane.apps.autopilot.clustering.values import Cluster, TicketText

if TYPE_CHECKING:
    from numpy.typing import NDArray

ROUNDS = 5
"""How often tickets without a cluster ask the tickets that are similar to them, of which some had none either."""


def classify(tickets: Sequence[TicketText], clusters: Sequence[Cluster]) -> dict[str, str | None]:
    """The id of the nearest cluster for each ticket that has words; None if it is similar to none."""
    corpus = read(tickets)
    return dict(zip(corpus.keys, assign(corpus.vectors, clusters), strict=True))


def assign(vectors: "NDArray[np.float32]", clusters: Sequence[Cluster]) -> list[str | None]:
    """The id of the cluster with the nearest centroid for each row; None if the cosine is below the cluster's floor."""
    if not clusters:
        return [None] * len(vectors)
    cosines = vectors @ _centroids(clusters).T / np.float32(UNIT)
    nearest = cosines.argmax(axis=1)
    return [
        clusters[best].id if cosines[row, best] >= clusters[best].floor else None
        for row, best in enumerate(nearest.tolist())
    ]


def place(
    found: Partition, corpus: Corpus, rows: Mapping[str, "NDArray[np.int64]"], clusters: Mapping[str, Cluster]
) -> dict[int, str]:
    """A cluster for each row that is in none of `rows`: first the name that most similar tickets have, then the
    subcluster of this name. A row that is less similar to its cluster than the lowest floor has no place."""
    if not clusters:
        return {}
    ids = list(clusters)
    names = sorted({each.name for each in clusters.values()})
    name_of = np.asarray([names.index(clusters[each].name) for each in ids])
    known = np.full(len(corpus.keys), -1)
    for number, cluster in enumerate(ids):
        known[rows.get(cluster, [])] = number
    name = _spread(found, np.where(known < 0, -1, name_of[known]), len(names), None)
    part = _spread(found, known, len(ids), name_of[None, :] == name[:, None])
    free = np.flatnonzero(known < 0)
    best = part[found.node[free]]
    cosines = (corpus.vectors[free] * _centroids(list(clusters.values()))[best]).sum(axis=1) / np.float32(UNIT)
    lowest = min(each.floor for each in clusters.values())
    return {
        row: ids[cluster] for row, cluster, cosine in zip(free.tolist(), best.tolist(), cosines, strict=True)
        if cluster >= 0 and cosine >= lowest
    }  # fmt: skip


def _spread(
    found: Partition, known: "NDArray[np.int64]", count: int, allowed: "NDArray[np.bool_] | None"
) -> "NDArray[np.int64]":
    """The label of each node: that of most of its rows, else that of the most similar nodes; -1 if none has any."""
    nodes = found.graph.shape[0]
    labelled = np.flatnonzero(known >= 0)
    votes = sparse.csr_matrix(
        (np.ones(len(labelled)), (found.node[labelled], known[labelled])), (nodes, count)
    ).toarray()
    fixed = votes.any(axis=1)
    labels = np.where(fixed, votes.argmax(axis=1), -1)
    for _ in range(ROUNDS):
        has = np.flatnonzero(labels >= 0)
        chosen = sparse.csr_matrix((np.ones(len(has)), (has, labels[has])), (nodes, count))
        votes = (found.graph @ chosen).toarray()
        if allowed is not None:
            votes = np.where(allowed, votes, 0)
        labels = np.where(fixed, labels, np.where(votes.any(axis=1), votes.argmax(axis=1), -1))
    return labels


def _centroids(clusters: Sequence[Cluster]) -> "NDArray[np.float32]":
    return whole(np.stack([each.centroid for each in clusters]))
