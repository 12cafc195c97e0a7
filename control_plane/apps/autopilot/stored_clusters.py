"""Convert clusters between the form that the database stores and the form that clustering computes with."""

from collections.abc import Mapping
from uuid import UUID

import numpy as np

from control_plane.apps.autopilot.clustering.changes import Change
from control_plane.apps.autopilot.clustering.values import Cluster
from control_plane.apps.autopilot.clusters import ActiveModel
from control_plane.apps.autopilot.proposals import NewProposal, ProposalKind


def as_clusters(model: ActiveModel) -> list[Cluster]:
    """The clusters of a stored model. Their sizes are not stored, and not needed."""
    return [
        Cluster(
            id=str(each.id), name=each.name, subcluster_name=each.subcluster_name, size=0,
            centroid=np.frombuffer(each.centroid, "<f4"), floor=each.floor, cohesion=each.cohesion,
            examples=tuple(map(str, each.examples)),
        )
        for each in model.clusters
    ]  # fmt: skip


def as_bytes(cluster: Cluster) -> bytes:
    """The centroid as the database stores it."""
    return cluster.centroid.astype("<f4").tobytes()


def as_new_proposal(change: Change, lineages: Mapping[str, UUID]) -> NewProposal:
    """The change as it is stored. `lineages` has the lineage of each present cluster, by its id."""
    is_present = change.kind in {"merge", "move"}
    return NewProposal(
        kind=ProposalKind(change.kind), sources=[lineages[each] for each in change.sources],
        target=lineages[change.cluster.id] if is_present else None, name=change.cluster.name,
        subcluster_name=change.cluster.subcluster_name,
        overlap={lineages[each]: tickets for each, tickets in change.evidence.overlap.items()},
        examples=[UUID(each) for each in change.evidence.examples],
        cohesion_before=change.evidence.cohesion_before, cohesion_after=change.evidence.cohesion_after,
        tickets=[UUID(each) for each in change.tickets],
    )  # fmt: skip
