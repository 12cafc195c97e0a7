"""Train a first model from tickets."""

from collections.abc import Sequence
from dataclasses import replace

from control_plane.apps.autopilot.clustering.corpus import read
from control_plane.apps.autopilot.clustering.group import group
from control_plane.apps.autopilot.clustering.partition import partition
from control_plane.apps.autopilot.clustering.place import measure
from control_plane.apps.autopilot.clustering.values import ClusterModel, TicketText, TooFewTickets

NEEDED_TICKETS = 100


def train(tickets: Sequence[TicketText], *, needed: int = NEEDED_TICKETS) -> ClusterModel | TooFewTickets:
    """Clusters of all tickets with words, numbered from the largest. The order of the tickets does not matter."""
    corpus = read(tickets)
    if len(corpus.keys) < max(1, needed):
        return TooFewTickets(len(corpus.keys), max(1, needed))
    groups = group(corpus, partition(corpus.vectors))
    clusters = tuple(replace(each.cluster, id=str(number)) for number, each in enumerate(groups, start=1))
    members = {
        corpus.keys[row]: cluster.id
        for each, cluster in zip(groups, clusters, strict=True)
        for row in each.rows.tolist()
    }
    return ClusterModel(clusters, members, measure(corpus, clusters, members))
