"""Accept or reject what a training proposed. What people accept makes the next model."""

import asyncio
from collections.abc import Mapping, Sequence
from uuid import UUID

import numpy as np

from control_plane.apps.autopilot.clustering.apply import apply_changes
from control_plane.apps.autopilot.clustering.changes import Change, Evidence, Plan
from control_plane.apps.autopilot.clustering.values import Cluster, ClusterModel
from control_plane.apps.autopilot.clusters import ActiveModel
from control_plane.apps.autopilot.proposals import AcceptedProposals, DescribedCluster, ProposalKind, ProposedChange
from control_plane.apps.autopilot.store import models, proposals, tickets
from control_plane.apps.autopilot.store.tickets import PlacedText
from control_plane.apps.autopilot.stored_clusters import as_bytes, as_clusters
from control_plane.apps.autopilot.train_model import TRAINED_CHARACTERS, TRAINED_TICKETS, ticket_texts
from services.backends.functions import Functions
from services.envelope import Actor
from services.errors import NotFound, StateConflict

_NO_EVIDENCE = Evidence(overlap={}, examples=(), cohesion_before=None, cohesion_after=0)


async def accept_proposals(
    functions: Functions, tenant: UUID, wanted: Sequence[UUID], *, actor: Actor
) -> AcceptedProposals:
    """Carry out these proposals, all or none, as the next model, which is active at once.

    Raises NotFound, NotAllowed, and StateConflict: somebody decided before (with who and when), a ticket or cluster
    changed since (with what), or another model was activated.
    """
    model = await models.read_active_model(functions, tenant)
    changes = await proposals.read_changes(functions, tenant, wanted)
    if missing := set(wanted) - {each.id for each in changes}:
        raise NotFound("proposal", min(missing))
    if model is None:
        raise StateConflict("model", "none is active")
    # The database refuses proposals that no longer fit, and says why. Here they are only left out of the computation.
    fitting = [each for each in changes if _has_its_clusters(each)]
    texts = await _read_texts(functions, tenant, model, fitting)
    after = await asyncio.to_thread(_apply, model, fitting, texts)
    lineages = {str(each.id): each.lineage_id for each in model.clusters} | {str(each.id): each.id for each in changes}
    changed = {str(ticket) for each in changes for ticket in each.tickets}
    return await proposals.accept_proposals(
        functions, tenant, list(wanted), model=model.model_id,
        clusters=[_described(each, lineages[each.id]) for each in after.clusters],
        scores={UUID(key): score for key, score in after.distances.items() if key in changed}, actor=actor,
    )  # fmt: skip


def _has_its_clusters(change: ProposedChange) -> bool:
    needs_target = change.kind in {ProposalKind.MERGE, ProposalKind.MOVE}
    return None not in change.sources and (change.target is not None or not needs_target)


async def _read_texts(
    functions: Functions, tenant: UUID, model: ActiveModel, changes: Sequence[ProposedChange]
) -> list[PlacedText]:
    """The texts of the tickets that change, and of all tickets of the clusters that they leave and join; of very many
    tickets, only the newest."""
    moving = [each for each in changes if each.kind is not ProposalKind.REGROUP]
    changing = await tickets.read_texts(
        functions, tenant, sorted({ticket for each in moving for ticket in each.tickets})
    )
    present = {each.id for each in model.clusters}
    touched = {cluster for each in moving for cluster in (*each.sources, each.target)} | {
        each.cluster_id for each in changing
    }
    found = {each.id: each for each in changing}
    characters = 0
    for cluster in sorted(each for each in touched if each is not None and each in present):
        before: PlacedText | None = None
        while len(found) < TRAINED_TICKETS and characters < TRAINED_CHARACTERS:
            page = await tickets.list_texts(functions, tenant, cluster=cluster, before=before)
            if not page:
                break
            found |= {each.id: each for each in page}
            characters += sum(len(each.subject) + len(each.description) for each in page)
            before = page[-1]
    return list(found.values())


def _apply(model: ActiveModel, changes: Sequence[ProposedChange], texts: Sequence[PlacedText]) -> ClusterModel:
    """The clusters whose tickets change, as they will be."""
    members = {str(each.id): str(each.cluster_id) for each in texts if each.cluster_id is not None}
    present = {each.id: each for each in as_clusters(model)}
    moving = [_change(each, members, present) for each in changes if each.kind is not ProposalKind.REGROUP]
    touched = {key: cluster for key, cluster in present.items() if key in set(members.values())}
    return apply_changes(
        ClusterModel(tuple(touched.values()), members), Plan({}, (), tuple(moving)), ticket_texts(texts),
        [each.id for each in moving],
    )  # fmt: skip


def _change(change: ProposedChange, members: Mapping[str, str], present: Mapping[str, Cluster]) -> Change:
    moving = {str(each) for each in change.tickets}
    if change.kind is ProposalKind.MERGE:  # also the tickets that joined the source cluster after the training
        moving |= {key for key, cluster in members.items() if cluster in set(map(str, change.sources))}
    new = Cluster(
        id=str(change.id), name=change.name, subcluster_name=change.subcluster_name, size=0,
        centroid=np.zeros(1, np.float32), floor=0, cohesion=0, examples=(),
    )  # fmt: skip
    return Change(
        id=str(change.id), kind=change.kind.value, sources=tuple(map(str, change.sources)),
        cluster=present[str(change.target)] if change.target is not None else new, tickets=tuple(sorted(moving)),
        evidence=_NO_EVIDENCE,
    )  # fmt: skip


def _described(cluster: Cluster, lineage: UUID) -> DescribedCluster:
    return DescribedCluster(
        lineage_id=lineage, centroid=as_bytes(cluster), floor=cluster.floor, cohesion=cluster.cohesion,
        examples=[UUID(each) for each in cluster.examples],
    )  # fmt: skip
