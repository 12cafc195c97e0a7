"""Divide tickets at two levels by Louvain's method: into upper groups, and each of these into lower groups."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse
from sknetwork.clustering import Louvain

from control_plane.apps.autopilot.clustering.corpus import mean_direction, whole
from control_plane.apps.autopilot.clustering.neighbours import NEIGHBOURS, leaders, similarity_graph

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from control_plane.text.embeddings import Vectors

UPPER_RESOLUTION, LOWER_RESOLUTION = 1.0, 4.0
SMALLEST = 5
"""A group of fewer tickets joins the most similar group that is not too small."""


@dataclass(frozen=True, slots=True)
class Partition:
    """Groups of rows. They are numbered from 0; a lower group is inside one upper group."""

    upper: "NDArray[np.int64]"
    lower: "NDArray[np.int64]"
    node: "NDArray[np.int64]"
    """The node of each row in the graph. Near-duplicates have the same node."""
    graph: sparse.csr_matrix


def partition(vectors: "Vectors") -> Partition:
    """Divide rows into groups of two levels. There must be at least one row."""
    chosen, node, sizes = np.unique(leaders(vectors), return_inverse=True, return_counts=True)
    nodes = vectors[chosen]
    # A node that stands for several copies gets an edge to itself: the more copies, the heavier, up to NEIGHBOURS.
    graph = (similarity_graph(nodes) + sparse.diags_array(2.0 * np.minimum(sizes - 1, NEIGHBOURS))).tocsr()
    upper = _without_small(_louvain(graph, UPPER_RESOLUTION), nodes, sizes)
    lower = np.zeros(len(chosen), np.int64)
    total = float(graph.sum()) or 1.0
    lower_groups = 0
    for group in range(int(upper.max()) + 1):
        inside = np.flatnonzero(upper == group)
        part = graph[inside][:, inside]
        # The resolution is relative to the whole graph, so small groups are not cut finer than large ones.
        resolution = LOWER_RESOLUTION * float(part.sum()) / total
        labels = _without_small(_louvain(part, resolution), nodes[inside], sizes[inside])
        lower[inside] = labels + lower_groups
        lower_groups += int(labels.max()) + 1
    return Partition(upper[node], lower[node], node, graph)


def groups_of(graph: sparse.csr_matrix, labels: "NDArray[np.int64]", count: int) -> "NDArray[np.int64]":
    """Put the `count` present lower groups into upper groups. Returns the number of the upper group of each.

    `labels` has the lower group of each node, or -1. No node moves to another lower group.
    """
    nodes = np.flatnonzero(labels >= 0)
    inside = sparse.csr_matrix((np.ones(len(nodes)), (nodes, labels[nodes])), (len(labels), count))
    return _louvain((inside.T @ graph @ inside).tocsr(), UPPER_RESOLUTION)


def _louvain(graph: sparse.csr_matrix, resolution: float) -> "NDArray[np.int64]":
    if graph.nnz == 0:
        return np.zeros(graph.shape[0], np.int64)
    louvain = Louvain(resolution=resolution, shuffle_nodes=False, random_state=0)
    return np.asarray(louvain.fit_predict(graph), np.int64)


def _without_small(
    labels: "NDArray[np.int64]", vectors: "Vectors", tickets: "NDArray[np.int64]"
) -> "NDArray[np.int64]":
    """Groups with fewer tickets than SMALLEST join the large one whose mean is nearest. Then groups are renumbered."""
    sizes = np.bincount(labels, weights=tickets)
    large = np.flatnonzero(sizes >= SMALLEST)
    if len(large) == 0:
        return np.zeros(len(labels), np.int64)
    centres = whole(np.stack([mean_direction(vectors[labels == each]) for each in large]))
    result = np.searchsorted(large, labels).clip(max=len(large) - 1)
    for group in np.flatnonzero(sizes < SMALLEST):
        rows = np.flatnonzero(labels == group)
        if len(rows):
            result[rows] = int(np.argmax(whole(mean_direction(vectors[rows])) @ centres.T))
    return np.asarray(result, np.int64)
