"""Train again without surprises: tickets stay in their clusters, and what a new training would change is proposed.

People see the proposals and accept some of them. Nothing else moves a ticket.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from typing import TYPE_CHECKING, Literal

import numpy as np

from control_plane.apps.autopilot.clustering.corpus import UNIT, Corpus, read, whole
from control_plane.apps.autopilot.clustering.group import Group, describe, group
from control_plane.apps.autopilot.clustering.partition import SMALLEST, partition
from control_plane.apps.autopilot.clustering.place import place
from control_plane.apps.autopilot.clustering.values import Cluster, ClusterModel, TicketText

if TYPE_CHECKING:
    from numpy.typing import NDArray

NOVEL = 0.6
"""A group is a new cluster if at least this share of its tickets was in none."""
SAME = 0.7
"""Two clusters are one if at least this share of each is in the same group."""
PART = 0.15
"""A cluster is split only into parts with at least this share of its tickets."""
GAIN = 0.03
"""A split must raise the mean cohesion by at least this, and a moved ticket must be so much nearer to the other
cluster."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Why a change is proposed."""

    overlap: Mapping[str, int]
    """How many tickets of each present cluster a new training would put together."""
    examples: tuple[str, ...]
    """Keys of tickets that would change or get their cluster, the most typical ones first."""
    cohesion_before: float | None
    """Of the clusters that the tickets are in, weighted by size; None if they are in none."""
    cohesion_after: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Tickets that would be in another cluster."""

    id: str
    kind: Literal["new", "split", "merge", "move"]
    sources: tuple[str, ...]
    """The clusters that the tickets are in now. After a merge, its source is gone."""
    cluster: Cluster
    """Where the tickets would be. A new cluster has an id such as `new-1`, which the store replaces."""
    tickets: tuple[str, ...]
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Plan:
    """What a new training found."""

    placed: Mapping[str, str]
    """The cluster of each ticket that had none and joins one."""
    unclassified: tuple[str, ...]
    """Tickets with words that are similar to no cluster."""
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Rules:
    """What people decided about clusters. A plan keeps to it."""

    pins: Mapping[str, str] = field(default_factory=dict)
    """The cluster in which a ticket must be."""
    cannot_link: Collection[frozenset[str]] = ()
    """Pairs of clusters that are never merged."""


NO_RULES = Rules()


def propose_changes(model: ClusterModel, tickets: Sequence[TicketText], rules: Rules = NO_RULES) -> Plan:
    """Compare the model with a training of all these tickets, those of the model and new ones."""
    corpus = read(tickets)
    return _Comparison(model, corpus, rules).plan()


def apply_changes(
    model: ClusterModel, plan: Plan, tickets: Sequence[TicketText], accepted: Collection[str]
) -> ClusterModel:
    """The model with the placed tickets and the accepted changes. Clusters keep their ids and names.

    Raises ValueError if a change is not in the plan.
    """
    known = {change.id for change in plan.changes}
    if unknown := sorted(set(accepted) - known):
        raise ValueError(f"accepted: no such change: {', '.join(unknown)}")
    members = {**model.members, **plan.placed}
    clusters = {cluster.id: cluster for cluster in model.clusters}
    for change in plan.changes:
        if change.id in accepted:
            clusters.setdefault(change.cluster.id, change.cluster)
            members |= dict.fromkeys(change.tickets, change.cluster.id)
    corpus = read(tickets)
    rows = _rows(corpus, members)
    filled = tuple(
        replace(describe(corpus, rows[each.id]), id=each.id, name=each.name, subcluster_name=each.subcluster_name)
        for each in clusters.values()
        if each.id in rows
    )
    return ClusterModel(filled, {key: members[key] for key in corpus.keys if key in members})


def _rows(corpus: Corpus, members: Mapping[str, str]) -> "dict[str, NDArray[np.int64]]":
    rows: dict[str, list[int]] = {}
    for row, key in enumerate(corpus.keys):
        if key in members:
            rows.setdefault(members[key], []).append(row)
    return {cluster: np.asarray(each, np.int64) for cluster, each in rows.items()}


class _Comparison:
    """The present clusters beside the groups of a new training."""

    def __init__(self, model: ClusterModel, corpus: Corpus, rules: Rules) -> None:
        self.corpus = corpus
        self.rules = rules
        self.clusters = {cluster.id: cluster for cluster in model.clusters}
        self.members = {key: model.members[key] for key in corpus.keys if key in model.members}
        self.rows = _rows(corpus, self.members)
        self.partition = partition(corpus.vectors)
        self.groups = group(corpus, self.partition, taken={cluster.name for cluster in model.clusters})
        self.overlaps = [
            Counter(self.members[key] for key in self._keys(each.rows) if key in self.members) for each in self.groups
        ]
        self.changes: list[Change] = []
        self.changing: set[str] = set()
        """Tickets that a change has, so that no other one has them too."""

    def plan(self) -> Plan:
        self._propose_new()
        merging = self._propose_merges()
        self._propose_splits(merging)
        self._propose_moves(merging)
        placed = self._placed()
        unclassified = tuple(key for key in self.corpus.keys if key not in self.members and key not in placed)
        return Plan(placed, unclassified, tuple(self.changes))

    def _placed(self) -> dict[str, str]:
        free = {key: row for row, key in enumerate(self.corpus.keys) if key not in self.members}
        placed = place(self.partition, self.corpus, self.rows, self.clusters)
        pinned = {key: to for key, to in self.rules.pins.items() if key in free and to in self.clusters}
        return {key: placed[row] for key, row in free.items() if row in placed} | pinned

    def _propose_new(self) -> None:
        for each, overlap in zip(self.groups, self.overlaps, strict=True):
            tickets = [key for key in self._keys(each.rows) if key not in self.changing and key not in self.members]
            if len(tickets) >= max(SMALLEST, NOVEL * len(each.rows)):
                self._add("new", (), self._new_cluster(each, tickets), tickets, overlap)

    def _propose_merges(self) -> set[str]:
        """The clusters that are part of a merge."""
        merging: set[str] = set()
        for overlap in self.overlaps:
            same = [
                each for each, shared in overlap.most_common()
                if shared >= SAME * len(self.rows[each]) and each not in merging
            ]  # fmt: skip
            same.sort(key=lambda each: (not self._pinned(each), -len(self.rows[each]), each))
            together = same[:1]
            for absorbed in same[1:]:
                linked = all(frozenset((absorbed, other)) not in self.rules.cannot_link for other in together)
                if linked and not self._pinned(absorbed):
                    together.append(absorbed)
                    kept = self.clusters[together[0]]
                    both = np.concatenate([self.rows[kept.id], self.rows[absorbed]])
                    after = replace(
                        describe(self.corpus, both), id=kept.id, name=kept.name, subcluster_name=kept.subcluster_name
                    )
                    self._add("merge", (absorbed,), after, self._keys(self.rows[absorbed]), overlap)
            if len(together) > 1:
                merging.update(together)
        return merging

    def _propose_splits(self, merging: Collection[str]) -> None:
        for cluster in self.clusters:
            if cluster in merging or cluster not in self.rows:
                continue
            # Two kinds of tickets in one cluster are told apart before parts of one kind are.
            parts = self._parts(cluster, self._uppers())
            if len(parts) < 2:
                parts = self._parts(cluster, self.groups)
            if len(parts) > 1:
                self._split(cluster, parts)

    def _uppers(self) -> list[Group]:
        """The groups of the upper level."""
        inside: dict[int, list[Group]] = {}
        for each in self.groups:
            inside.setdefault(each.upper, []).append(each)
        return [
            Group(upper, np.concatenate([each.rows for each in parts]), replace(parts[0].cluster, subcluster_name=None))
            for upper, parts in inside.items()
        ]

    def _parts(self, cluster: str, groups: Sequence[Group]) -> list[tuple[Group, list[str]]]:
        """The groups that hold a large part of the cluster and little else, each with the cluster's tickets in it."""
        parts = []
        for each in groups:
            classified = [key for key in self._keys(each.rows) if key in self.members]
            own = [key for key in classified if self.members[key] == cluster]
            if len(own) >= max(SMALLEST, PART * len(self.rows[cluster]), len(classified) / 2):
                parts.append((each, own))
        return parts

    def _split(self, cluster: str, parts: Sequence[tuple[Group, list[str]]]) -> None:
        pinned = {key for key in self.rules.pins if self.members.get(key) == cluster}
        # The part with the most pinned tickets keeps the id, else the largest.
        keeps = max(range(len(parts)), key=lambda n: (len(pinned.intersection(parts[n][1])), len(parts[n][1]), -n))
        before = describe(self.corpus, self.rows[cluster]).cohesion
        for number, (each, own) in enumerate(parts):
            leaving = [key for key in own if key not in pinned and key not in self.changing]
            if number == keeps or len(leaving) < SMALLEST:
                continue
            part = self._new_cluster(each, leaving, of=self.clusters[cluster])
            if part.cohesion >= before + GAIN:
                self._add("split", (cluster,), part, leaving, Counter({cluster: len(own)}))

    def _propose_moves(self, merging: Collection[str]) -> None:
        """Tickets that a new training puts among those of another cluster, and that are nearer to its centroid."""
        ids = list(self.clusters)
        centroids = whole(np.stack([each.centroid for each in self.clusters.values()]))
        moving: dict[tuple[str, str], list[int]] = {}
        for each, overlap in zip(self.groups, self.overlaps, strict=True):
            if not overlap:
                continue
            to, shared = overlap.most_common(1)[0]
            if shared < overlap.total() * NOVEL or to in merging:
                continue
            cosines = self.corpus.vectors[each.rows] @ centroids.T / np.float32(UNIT)
            for row, cosine in zip(each.rows.tolist(), cosines, strict=True):
                key = self.corpus.keys[row]
                now = self.members.get(key, to)
                nearer = cosine[ids.index(to)] >= cosine[ids.index(now)] + 2 * GAIN
                if (
                    now != to
                    and now not in merging
                    and nearer
                    and key not in self.changing
                    and key not in self.rules.pins
                ):
                    moving.setdefault((now, to), []).append(row)
        for (now, to), rows in moving.items():
            kept = self.clusters[to]
            moved = np.asarray(rows, np.int64)
            after = replace(
                describe(self.corpus, np.concatenate([self.rows[to], moved])),
                id=to, name=kept.name, subcluster_name=kept.subcluster_name,
            )  # fmt: skip
            self._add("move", (now,), after, self._keys(moved), Counter({now: len(rows)}))

    def _add(
        self, kind: Literal["new", "split", "merge", "move"], sources: tuple[str, ...], cluster: Cluster,
        tickets: Sequence[str], overlap: Counter[str],
    ) -> None:  # fmt: skip
        touched = [*sources, *([cluster.id] if kind in {"merge", "move"} else [])]
        sizes = [len(self.rows[each]) for each in touched]
        before = [describe(self.corpus, self.rows[each]).cohesion for each in touched]
        evidence = Evidence(
            overlap=dict(sorted(overlap.items())),
            examples=describe(self.corpus, self._rows_of(tickets)).examples,
            cohesion_before=round(float(np.average(before, weights=sizes)), 6) if touched else None,
            cohesion_after=cluster.cohesion,
        )
        self.changing.update(tickets)
        number = len(self.changes) + 1
        self.changes.append(
            Change(id=f"change-{number}", kind=kind, sources=sources, cluster=cluster, tickets=tuple(tickets),
                   evidence=evidence)
        )  # fmt: skip

    def _new_cluster(self, found: Group, tickets: Sequence[str], of: Cluster | None = None) -> Cluster:
        """A cluster of these tickets of the group. It is a subcluster of `of`, else of the name that most tickets of
        the new training's upper group have."""
        described = describe(self.corpus, self._rows_of(tickets))
        names = Counter({of.name: 1}) if of else Counter(
            self.clusters[cluster].name
            for each, overlap in zip(self.groups, self.overlaps, strict=True) if each.upper == found.upper
            for cluster in overlap.elements()
        )  # fmt: skip
        around = sum(len(each.rows) for each in self.groups if each.upper == found.upper)
        known, tickets_of_it = names.most_common(1)[0] if names else ("", 0)
        inside = bool(of) or tickets_of_it * 2 > around
        name = known if inside else found.cluster.name
        part = found.cluster.subcluster_name or (found.cluster.name if inside else None)
        used = {*self.clusters, *(change.cluster.id for change in self.changes)}
        unused = next(each for each in map("new-{}".format, count(1)) if each not in used)
        return replace(described, id=unused, name=name, subcluster_name=self._unused(name, part))

    def _unused(self, name: str, part: str | None) -> str | None:
        present = [*self.clusters.values(), *(change.cluster for change in self.changes)]
        used = {each.subcluster_name for each in present if each.name == name}
        unused, number = part, 2
        while unused in used:
            unused, number = f"{(part or name)[:54]} ({number})", number + 1
        return unused

    def _pinned(self, cluster: str) -> bool:
        return any(to == cluster and self.members.get(key) == cluster for key, to in self.rules.pins.items())

    def _keys(self, rows: "NDArray[np.int64]") -> list[str]:
        return [self.corpus.keys[row] for row in rows.tolist()]

    def _rows_of(self, tickets: Sequence[str]) -> "NDArray[np.int64]":
        return np.searchsorted(np.asarray(self.corpus.keys), np.asarray(tickets))
