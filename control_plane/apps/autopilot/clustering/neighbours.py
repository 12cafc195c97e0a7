"""Which tickets are similar: near-duplicates, and a graph of the most similar others.

Similarities are computed for blocks of rows, so memory does not grow with the square of the tickets.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from control_plane.apps.autopilot.clustering.corpus import UNIT

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from control_plane.text.embeddings import Vectors

NEIGHBOURS = 25
"""With how many others a row is connected in the graph, at most."""
NEAR_DUPLICATE = 0.95
"""The cosine from which two tickets count as the same text."""
CELLS = 8_000_000
"""How many similarities are in memory at once."""
CHUNK = 64
"""Numbers of a row that are compared as one: see `_largest`."""


def leaders(vectors: "Vectors") -> "NDArray[np.int64]":
    """For each row the first row of which it is a near-duplicate, or the row itself. Without this, thousands of
    copies of one text would have only each other as neighbours."""
    count = len(vectors)
    leader = np.arange(count)
    free = np.ones(count, dtype=np.bool_)
    for start, end in _blocks(count):
        near = vectors[start:end] @ vectors[start:].T >= NEAR_DUPLICATE * UNIT
        for offset in np.flatnonzero(near.sum(axis=1) > 1):
            row = start + int(offset)
            if free[row]:
                copies = start + np.flatnonzero(near[offset])
                copies = copies[free[copies] & (copies > row)]
                leader[copies] = row
                free[copies] = False
    return leader


def similarity_graph(vectors: "Vectors") -> sparse.csr_matrix:
    """Each row with its most similar others, at most `NEIGHBOURS`. The weight of an edge is the cube of the cosine,
    doubled if both are among each other's most similar."""
    count = len(vectors)
    # Few tickets have only few of each kind, so fewer neighbours are of the same kind.
    neighbours = min(NEIGHBOURS, max(1, int(np.sqrt(count))), count - 1)
    if neighbours < 1:
        return sparse.csr_matrix((count, count), dtype=np.float32)
    padded = -(-count // CHUNK) * CHUNK
    sources, targets, weights = [], [], []
    for start, end in _blocks(count):
        scores = np.full((end - start, padded), -np.inf, np.float32)
        np.matmul(vectors[start:end], vectors.T, out=scores[:, :count])
        scores[np.arange(end - start), np.arange(start, end)] = -np.inf
        rows, columns, values = _largest(scores, neighbours)
        cosines = np.clip(values / np.float32(UNIT), 0, 1)
        sources.append(rows + start)
        targets.append(columns)
        weights.append(cosines * cosines * cosines)
    row, column = np.concatenate(sources), np.concatenate(targets)
    directed = sparse.csr_matrix((np.concatenate(weights), (row, column)), (count, count), dtype=np.float32)
    directed.eliminate_zeros()
    return (directed + directed.T).tocsr()


def _largest(scores: "Vectors", count: int) -> tuple["NDArray[np.int64]", "NDArray[np.int64]", "Vectors"]:
    """Rows, columns and values of the `count` largest numbers of each row; of equal ones, those that come first.

    A row is divided into chunks. `bound` is the `count`-th largest of their maxima, so at least `count` numbers of the
    row are not below it. Smaller numbers are left out, so that few numbers are sorted.
    """
    chunks = scores.reshape(len(scores), -1, CHUNK).max(axis=2)
    wanted = min(count, chunks.shape[1])
    bound = np.partition(chunks, -wanted, axis=1)[:, -wanted] if wanted == count else np.full(len(scores), -np.inf)
    rows, columns = np.nonzero((scores >= bound[:, None]) & (scores > -np.inf))
    values = scores[rows, columns]
    order = np.lexsort((columns, -values, rows))
    rows, columns, values = rows[order], columns[order], values[order]
    first = np.searchsorted(rows, np.arange(len(scores)))
    kept = np.arange(len(rows)) - first[rows] < count
    return rows[kept], columns[kept], values[kept]


def _blocks(count: int) -> Iterator[tuple[int, int]]:
    size = max(1, CELLS // max(count, 1))
    for start in range(0, count, size):
        yield start, min(start + size, count)
