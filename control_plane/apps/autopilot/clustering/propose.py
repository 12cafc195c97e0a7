"""Train again: tickets stay in their clusters, and what a new training would change is only proposed."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING

import numpy as np

from control_plane.apps.autopilot.clustering.changes import Change, Evidence, Kind, Plan, Rules
from control_plane.apps.autopilot.clustering.corpus import UNIT, Corpus, mean_direction, read, whole
from control_plane.apps.autopilot.clustering.group import Group, describe, group, rows_of, terms_of
from control_plane.apps.autopilot.clustering.naming import Terms, merge_terms, name_groups
from control_plane.apps.autopilot.clustering.partition import SMALLEST, groups_of, partition
from control_plane.apps.autopilot.clustering.place import measure, place, spread
from control_plane.apps.autopilot.clustering.values import Cluster, ClusterModel, TicketText

if TYPE_CHECKING:
    from control_plane.apps.autopilot.clustering.group import Rows

NOVEL = 0.6
"""A new cluster is proposed for a group if at least this share of its tickets is in no cluster. A move is proposed
only if the target has at least this share of the tickets of the group that are in a cluster."""
SAME = 0.7
"""A merge of clusters is proposed if at least this share of the tickets of each is in the same group."""
PART = 0.15
"""A cluster is split only into parts with at least this share of its tickets."""
GAIN = 0.03
"""A part that is split off must have a cohesion that is higher by at least this. A moved ticket must be nearer to the
centroid of the other cluster by twice this cosine."""
NO_RULES = Rules()


def propose_changes(model: ClusterModel, tickets: Sequence[TicketText], rules: Rules = NO_RULES) -> Plan:
    """Compare the model with a training of all these tickets, those of the model and new ones."""
    corpus = read(tickets)
    return _Comparison(model, corpus, rules).plan() if corpus.keys else Plan({}, (), ())


class _Comparison:
    """The present clusters beside the groups of a new training."""

    def __init__(self, model: ClusterModel, corpus: Corpus, rules: Rules) -> None:
        self.corpus = corpus
        self.rules = rules
        self.clusters = {cluster.id: cluster for cluster in model.clusters}
        self.ids = list(self.clusters)
        self.members = {key: model.members[key] for key in corpus.keys if key in model.members}
        self.rows = rows_of(corpus, self.members)
        self.partition = partition(corpus.vectors)
        self.groups = group(corpus, self.partition, taken={cluster.name for cluster in model.clusters})
        self.overlaps = [
            Counter(self.members[key] for key in self._keys(each.rows) if key in self.members) for each in self.groups
        ]
        self.names = self._names_of_uppers()
        self.changes: list[Change] = []
        self.changing: set[str] = set()
        """Tickets that are in a proposed change. No other change may have them too."""

    def plan(self) -> Plan:
        self._propose_new()
        merging = self._propose_merges()
        self._propose_splits(merging)
        self._propose_moves(merging)
        known = np.asarray(
            [self.ids.index(self.members[key]) if key in self.members else -1 for key in self.corpus.keys]
        )
        labels = spread(self.partition, known, len(self.ids))
        self._propose_regroups(labels, merging)
        placed = self._placed(labels)
        unclassified = tuple(key for key in self.corpus.keys if key not in self.members and key not in placed)
        distances = measure(self.corpus, list(self.clusters.values()), placed)
        return Plan(placed, unclassified, tuple(self.changes), distances)

    def _placed(self, labels: "Rows") -> dict[str, str]:
        """The cluster of each ticket that was in none. Tickets for which a new cluster is proposed stay in none."""
        places = place(labels, self.partition, self.corpus, list(self.clusters.values()))
        waiting = {key for change in self.changes if change.kind == "new" for key in change.tickets}
        free = {key: row for row, key in enumerate(self.corpus.keys) if key not in self.members and key not in waiting}
        pinned = {key: cluster for key, cluster in self.rules.pins.items() if key in free and cluster in self.clusters}
        return {key: places[row] for key, row in free.items() if row in places} | pinned

    def _propose_new(self) -> None:
        for each, overlap in zip(self.groups, self.overlaps, strict=True):
            tickets = [key for key in self._keys(each.rows) if key not in self.changing and key not in self.members]
            if len(tickets) >= max(SMALLEST, NOVEL * len(each.rows)):
                self._add("new", (), self._new_cluster(each, tickets), tickets, overlap)

    def _propose_merges(self) -> set[str]:
        """Propose merges. Returns the clusters that are part of one."""
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
            # Try the groups of the upper level first. If they give fewer than two parts, try those of the lower level.
            parts = self._parts(cluster, self._uppers())
            if len(parts) > 1:
                self._split(cluster, parts)
            elif len(parts := self._parts(cluster, self.groups)) > 1:
                self._split(cluster, parts, name=self.clusters[cluster].name)

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

    def _split(self, cluster: str, parts: Sequence[tuple[Group, list[str]]], name: str | None = None) -> None:
        pinned = {key for key in self.rules.pins if self.members.get(key) == cluster}
        # The part with the most pinned tickets keeps the id; if several have as many, the largest of them.
        keeps = max(range(len(parts)), key=lambda n: (len(pinned.intersection(parts[n][1])), len(parts[n][1]), -n))
        before = describe(self.corpus, self.rows[cluster]).cohesion
        for number, (each, own) in enumerate(parts):
            leaving = [key for key in own if key not in pinned and key not in self.changing]
            if number == keeps or len(leaving) < SMALLEST:
                continue
            part = self._new_cluster(each, leaving, name)
            if part.cohesion >= before + GAIN:
                self._add("split", (cluster,), part, leaving, Counter({cluster: len(own)}))

    def _propose_moves(self, merging: Collection[str]) -> None:
        """Propose to move tickets that are grouped with the tickets of another cluster and are nearer to its
        centroid."""
        if not self.clusters:
            return
        centroids = whole(np.stack([each.centroid for each in self.clusters.values()]))
        moving: dict[tuple[str, str], list[int]] = {}
        for each, overlap in zip(self.groups, self.overlaps, strict=True):
            if not overlap:
                continue
            target, shared = overlap.most_common(1)[0]
            if shared < overlap.total() * NOVEL or target in merging:
                continue
            cosines = self.corpus.vectors[each.rows] @ centroids.T / np.float32(UNIT)
            for row, cosine in zip(each.rows.tolist(), cosines, strict=True):
                key = self.corpus.keys[row]
                source = self.members.get(key, target)
                nearer = cosine[self.ids.index(target)] >= cosine[self.ids.index(source)] + 2 * GAIN
                if (
                    source != target
                    and source not in merging
                    and nearer
                    and key not in self.changing
                    and key not in self.rules.pins
                ):
                    moving.setdefault((source, target), []).append(row)
        for (source, target), rows in moving.items():
            kept = self.clusters[target]
            moved = np.asarray(rows, np.int64)
            after = replace(
                describe(self.corpus, np.concatenate([self.rows[target], moved])),
                id=target, name=kept.name, subcluster_name=kept.subcluster_name,
            )  # fmt: skip
            self._add("move", (source,), after, self._keys(moved), Counter({source: len(rows)}))

    def _propose_regroups(self, labels: "Rows", merging: Collection[str]) -> None:
        """Propose other names for clusters that would get them if the present clusters were grouped again."""
        groups: dict[int, list[str]] = {}
        for present, number in zip(
            self.ids, groups_of(self.partition.graph, labels, len(self.ids)).tolist(), strict=True
        ):
            if present in self.rows:
                groups.setdefault(number, []).append(present)
        for number, name in self._names_of_groups(groups).items():
            together = np.concatenate([self.rows[each] for each in groups[number]])
            for cluster in (self.clusters[each] for each in groups[number]):
                if cluster.name == name or cluster.id in merging:
                    continue
                before = [
                    self.rows[each.id]
                    for each in self.clusters.values()
                    if each.name == cluster.name and each.id in self.rows
                ]
                evidence = Evidence(
                    overlap={each: len(self.rows[each]) for each in sorted(groups[number])},
                    examples=cluster.examples,
                    cohesion_before=self._nearness(self.rows[cluster.id], np.concatenate(before)),
                    cohesion_after=self._nearness(self.rows[cluster.id], together),
                )
                part = self._unused(name, cluster.subcluster_name or cluster.name)
                regrouped = replace(cluster, name=name, subcluster_name=part)
                self._append("regroup", (cluster.id,), regrouped, (), evidence)

    def _names_of_groups(self, groups: Mapping[int, Sequence[str]]) -> dict[int, str]:
        """A name for each group: the most frequent present name of its tickets that no other group gets; else a new
        name."""
        shared: Counter[tuple[int, str]] = Counter()
        for number, clusters in groups.items():
            for cluster in clusters:
                shared[number, self.clusters[cluster].name] += len(self.rows[cluster])
        kept = _one_to_one(shared)
        terms = {
            number: merge_terms([(len(self.rows[each]), self._terms(each)) for each in clusters])
            for number, clusters in groups.items()
        }
        taken = {each.name for each in self.clusters.values()} | set(self.names.values())
        return name_groups(terms, taken) | kept

    def _terms(self, cluster: str) -> Terms:
        return terms_of(self.corpus, self.rows[cluster], self.partition.node)

    def _nearness(self, rows: "Rows", others: "Rows") -> float:
        """The mean cosine of `rows` to the mean of `others`."""
        centroid = whole(mean_direction(self.corpus.vectors[others]))
        return round(float((self.corpus.vectors[rows] @ centroid).mean(dtype=np.float64)) / UNIT, 6)

    def _add(
        self, kind: Kind, sources: tuple[str, ...], cluster: Cluster,
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
        self._append(kind, sources, cluster, tuple(tickets), evidence)

    def _append(
        self, kind: Kind, sources: tuple[str, ...], cluster: Cluster, tickets: tuple[str, ...], evidence: Evidence
    ) -> None:
        number = len(self.changes) + 1
        self.changes.append(
            Change(id=f"change-{number}", kind=kind, sources=sources, cluster=cluster, tickets=tickets,
                   evidence=evidence)
        )  # fmt: skip

    def _new_cluster(self, found: Group, tickets: Sequence[str], name: str | None = None) -> Cluster:
        """A cluster of these tickets of the group, with this name or that of the group's upper group."""
        used = {*self.clusters, *(change.cluster.id for change in self.changes)}
        unused = next(each for each in map("new-{}".format, count(1)) if each not in used)
        upper_name = name or self.names[found.upper]
        is_present = upper_name in {each.name for each in self.clusters.values()}
        part = found.cluster.subcluster_name or (found.cluster.name if is_present else None)
        described = describe(self.corpus, self._rows_of(tickets))
        return replace(described, id=unused, name=upper_name, subcluster_name=self._unused(upper_name, part))

    def _names_of_uppers(self) -> dict[int, str]:
        """A name for each upper group: the most frequent present name of its tickets that no other group gets; else the
        group's own name."""
        shared: Counter[tuple[int, str]] = Counter()
        for each, overlap in zip(self.groups, self.overlaps, strict=True):
            for cluster, tickets in overlap.items():
                shared[each.upper, self.clusters[cluster].name] += tickets
        names = _one_to_one(shared)
        return {each.upper: names.get(each.upper, each.cluster.name) for each in self.groups}

    def _unused(self, name: str, part: str | None) -> str | None:
        present = [*self.clusters.values(), *(change.cluster for change in self.changes)]
        used = {each.subcluster_name for each in present if each.name == name}
        unused, number = part, 2
        while unused in used:
            unused, number = f"{(part or name)[:54]} ({number})", number + 1
        return unused

    def _pinned(self, cluster: str) -> bool:
        return any(to == cluster and self.members.get(key) == cluster for key, to in self.rules.pins.items())

    def _keys(self, rows: "Rows") -> list[str]:
        return [self.corpus.keys[row] for row in rows.tolist()]

    def _rows_of(self, tickets: Sequence[str]) -> "Rows":
        return np.searchsorted(np.asarray(self.corpus.keys), np.asarray(tickets))


def _one_to_one(shared: Mapping[tuple[int, str], int]) -> dict[int, str]:
    """The name of each group. `shared` has how many tickets of a group have a name now; the largest numbers go
    first, and a name is given to one group at most."""
    names: dict[int, str] = {}
    for (group_number, name), _ in sorted(shared.items(), key=lambda item: (-item[1], item[0])):
        if group_number not in names and name not in names.values():
            names[group_number] = name
    return names
