"""Clusters in the form in which the database stores them, and in that in which clustering works with them."""

import numpy as np

from control_plane.apps.autopilot.clustering.values import Cluster
from control_plane.apps.autopilot.clusters import ActiveModel


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
