"""Carry out the changes that people accepted. Other tickets stay in their clusters."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from control_plane.apps.autopilot.clustering.changes import Plan
from control_plane.apps.autopilot.clustering.corpus import read
from control_plane.apps.autopilot.clustering.group import describe, rows_of
from control_plane.apps.autopilot.clustering.place import measure
from control_plane.apps.autopilot.clustering.values import ClusterModel, TicketText


def apply_changes(
    model: ClusterModel, plan: Plan, tickets: Sequence[TicketText], accepted: Collection[str]
) -> ClusterModel:
    """The model with the tickets that the plan places and with the accepted changes. Clusters keep their ids, and their
    names unless a change is a regroup.

    Raises ValueError if a change is not in the plan.
    """
    known = {change.id for change in plan.changes}
    if unknown := sorted(set(accepted) - known):
        raise ValueError(f"accepted: no such change: {', '.join(unknown)}")
    members = {**model.members, **plan.placed}
    clusters = {cluster.id: cluster for cluster in model.clusters}
    for change in plan.changes:
        if change.id in accepted:
            if change.kind == "regroup" or change.cluster.id not in clusters:
                clusters[change.cluster.id] = change.cluster
            members |= dict.fromkeys(change.tickets, change.cluster.id)
    corpus = read(tickets)
    rows = rows_of(corpus, members)
    filled = tuple(
        replace(describe(corpus, rows[each.id]), id=each.id, name=each.name, subcluster_name=each.subcluster_name)
        for each in clusters.values()
        if each.id in rows
    )
    present = {key: members[key] for key in corpus.keys if key in members}
    return ClusterModel(filled, present, measure(corpus, filled, present))
