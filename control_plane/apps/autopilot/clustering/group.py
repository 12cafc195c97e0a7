"""Groups of tickets: which tickets are in them, their names, and how similar their tickets are."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from control_plane.apps.autopilot.clustering.corpus import UNIT, Corpus, mean_direction, whole
from control_plane.apps.autopilot.clustering.naming import Terms, count_terms, merge_terms, name_groups
from control_plane.apps.autopilot.clustering.partition import Partition
from control_plane.apps.autopilot.clustering.values import Cluster

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Rows = NDArray[np.int64]

EXAMPLES = 5
NAMED_BY = 200
"""A group is named by at most so many of its tickets, those nearest to the centroid."""
DEVIATIONS = 3
"""How many standard deviations below the mean cosine of its tickets a cluster's floor is."""


@dataclass(frozen=True, slots=True)
class Group:
    """A group of the lower level. `upper` is the number of its group of the upper level; its cluster has an empty
    id."""

    upper: int
    rows: "Rows"
    """The tickets, as rows of the corpus."""
    cluster: Cluster


def group(corpus: Corpus, found: Partition, taken: Collection[str] = ()) -> list[Group]:
    """Describe and name the groups, the largest first. Names in `taken` are not given to groups of the upper level."""
    largest = np.bincount(found.upper).argsort(kind="stable")[::-1].argsort()
    groups: list[Group] = []
    for number in range(int(found.lower.max()) + 1):
        rows = np.flatnonzero(found.lower == number)
        groups.append(Group(int(largest[found.upper[rows[0]]]), rows, describe(corpus, rows)))
    groups.sort(key=lambda each: (each.upper, -len(each.rows), int(each.rows[0])))
    return _named(corpus, groups, found.node, taken)


def describe(corpus: Corpus, rows: "Rows") -> Cluster:
    """A cluster of these tickets, without id and names."""
    vectors = corpus.vectors[rows]
    centroid = mean_direction(vectors)
    cosines = vectors @ whole(centroid) / np.float32(UNIT)
    nearest = np.lexsort((rows, -cosines))[:EXAMPLES]
    return Cluster(
        id="", name="", subcluster_name=None, size=len(rows), centroid=centroid,
        floor=round(float(cosines.mean(dtype=np.float64) - DEVIATIONS * cosines.std(dtype=np.float64)), 6),
        cohesion=round(float(cosines.mean(dtype=np.float64)), 6),
        examples=tuple(corpus.keys[rows[each]] for each in nearest),
    )  # fmt: skip


def rows_of(corpus: Corpus, members: Mapping[str, str]) -> "dict[str, Rows]":
    """The tickets of each cluster, as rows of the corpus."""
    rows: dict[str, list[int]] = {}
    for row, key in enumerate(corpus.keys):
        if key in members:
            rows.setdefault(members[key], []).append(row)
    return {cluster: np.asarray(each, np.int64) for cluster, each in rows.items()}


def _named(corpus: Corpus, groups: list[Group], node: "Rows", taken: Collection[str]) -> list[Group]:
    """The groups with names. Groups of one upper group share its name, and have names of their own for the parts."""
    terms = [terms_of(corpus, each.rows, node) for each in groups]
    by_upper: dict[int, list[int]] = {}
    for number, each in enumerate(groups):
        by_upper.setdefault(each.upper, []).append(number)
    upper_terms = {
        upper: merge_terms([(len(groups[number].rows), terms[number]) for number in numbers])
        for upper, numbers in by_upper.items()
    }
    names = name_groups(upper_terms, taken)
    part_names: dict[int, str] = {}
    for numbers in by_upper.values():
        if len(numbers) > 1:
            part_names |= name_groups({number: terms[number] for number in numbers})
    return [
        replace(each, cluster=replace(each.cluster, name=names[each.upper], subcluster_name=part_names.get(number)))
        for number, each in enumerate(groups)
    ]


def terms_of(corpus: Corpus, rows: "Rows", node: "Rows") -> Terms:
    """The terms of the most typical of these tickets; of near-duplicates only one counts. `node`: see `Partition`."""
    different = rows[np.unique(node[rows], return_index=True)[1]]
    towards = whole(mean_direction(corpus.vectors[rows]))
    nearest = different[np.lexsort((different, -(corpus.vectors[different] @ towards)))][:NAMED_BY]
    return count_terms([corpus.texts[row] for row in nearest], [corpus.languages[row] for row in nearest])
