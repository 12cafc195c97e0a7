"""Do a training (a run of the kind `rebuild_model`). The first model becomes active; later trainings only propose."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from control_plane.apps.autopilot.classify_tickets import classify_tickets
from control_plane.apps.autopilot.clustering.changes import Change, Plan, Rules
from control_plane.apps.autopilot.clustering.propose import propose_changes
from control_plane.apps.autopilot.clustering.train import train
from control_plane.apps.autopilot.clustering.values import Cluster, ClusterModel, TicketText, TooFewTickets
from control_plane.apps.autopilot.clusters import ActiveModel, Member, NewCluster, NewModel
from control_plane.apps.autopilot.language_model.ask import open_model
from control_plane.apps.autopilot.language_model.name_clusters import name_clusters
from control_plane.apps.autopilot.runs import Run, RunError, RunFailed
from control_plane.apps.autopilot.store import models, proposals, settings, tickets
from control_plane.apps.autopilot.store.tickets import PlacedText
from control_plane.apps.autopilot.stored_clusters import as_bytes, as_clusters, as_new_proposal
from services.backends.functions import Functions
from services.envelope import Actor

TRAINED_TICKETS = 50_000
"""A training reads at most this many tickets, the newest ones. Older tickets keep their cluster."""
TRAINED_CHARACTERS = 100_000_000
"""A training stops reading when the texts have this many characters, so that they fit into memory."""
MEMBERS_AT_ONCE = 5000


async def rebuild_model(functions: Functions, run: Run, *, actor: Actor) -> None:
    """Do a training; the caller ends the run.

    Without an active model of ours, a model is trained and stored; it becomes active at once, unless a model of a
    workflow is active. With an active model of ours, tickets without a cluster are put into its clusters, and what else
    would change is stored as proposals.

    Raises RunFailed if there are too few tickets, with their number and the needed number.
    """
    tenant = run.organization_id
    await classify_tickets(functions, tenant)
    texts = await read_training_texts(functions, tenant)
    model = await models.read_active_model(functions, tenant)
    if model is not None and model.clusters:
        await _propose(functions, tenant, model, texts, actor=actor)
    else:
        stored = await _train(functions, run, texts, actor=actor)
        if model is None:
            await models.activate_model(functions, tenant, stored, actor=actor)
            await classify_tickets(functions, tenant)


async def read_training_texts(functions: Functions, tenant: UUID) -> list[PlacedText]:
    """The newest tickets, as many as a training reads."""
    texts: list[PlacedText] = []
    characters = 0
    while len(texts) < TRAINED_TICKETS and characters < TRAINED_CHARACTERS:
        page = await tickets.list_texts(functions, tenant, before=texts[-1] if texts else None)
        if not page:
            break
        texts += page
        characters += sum(len(each.subject) + len(each.description) for each in page)
    return texts[:TRAINED_TICKETS]


async def _train(functions: Functions, run: Run, texts: Sequence[PlacedText], *, actor: Actor) -> UUID:
    """Train, and store the model with its members."""
    tenant = run.organization_id
    needed = (await settings.read_settings(functions, tenant)).needed_tickets
    found = await asyncio.to_thread(train, ticket_texts(texts), needed=needed)
    if isinstance(found, TooFewTickets):
        raise RunFailed(
            RunError.TICKETS_BELOW_THRESHOLD,
            {"current_total_tickets": found.current_total_tickets, "needed_total_tickets": found.needed_total_tickets},
        )
    clusters = await _named(functions, tenant, found.clusters, texts, actor=actor)
    stored, ids = await models.store_model(
        functions, tenant, _new_model(run, texts), [_new_cluster(each) for each in clusters],
        actor=actor,
    )  # fmt: skip
    cluster_ids = {each.id: id_ for each, id_ in zip(found.clusters, ids, strict=True)}
    members = {key: cluster_ids[cluster] for key, cluster in found.members.items()}
    await _save_members(functions, tenant, stored, _members(texts, members, found.distances))
    return stored


async def _propose(
    functions: Functions, tenant: UUID, model: ActiveModel, texts: Sequence[PlacedText], *, actor: Actor
) -> None:
    """Place tickets without a cluster, and store what the training would change."""
    rules = await proposals.read_rules(functions, tenant)
    present = {each.id for each in model.clusters}
    members = {str(each.id): str(each.cluster_id) for each in texts if each.cluster_id in present}
    plan: Plan = await asyncio.to_thread(
        propose_changes,
        ClusterModel(tuple(as_clusters(model)), members),
        ticket_texts(texts),
        Rules(
            pins={str(each.ticket_id): str(each.cluster_id) for each in rules.pins},
            cannot_link=[frozenset(map(str, pair)) for pair in rules.not_merged],
        ),
    )
    placed = {key: UUID(cluster) for key, cluster in plan.placed.items()}
    await _save_members(functions, tenant, model.model_id, _members(texts, placed, plan.distances))
    lineages = {str(each.id): each.lineage_id for each in model.clusters}
    changes = await _named_changes(functions, tenant, model, plan.changes, texts, actor=actor)
    found = [as_new_proposal(change, lineages) for change in changes]
    await proposals.save_proposals(functions, tenant, model.model_id, found, actor=actor)


async def _named(
    functions: Functions, tenant: UUID, clusters: Sequence[Cluster], texts: Sequence[PlacedText],
    kept: Collection[tuple[str, str | None]] = (), *, actor: Actor,
) -> Sequence[Cluster]:  # fmt: skip
    """The clusters with names of the language model, if the settings have one. Names in `kept` do not change."""
    async with open_model(functions, actor=actor) as model:
        if model is None or not clusters:
            return clusters
        subjects = {str(each.id): each.subject for each in texts}
        return await name_clusters(model, tenant, clusters, subjects, kept)


async def _named_changes(
    functions: Functions, tenant: UUID, active: ActiveModel, changes: Sequence[Change], texts: Sequence[PlacedText], *,
    actor: Actor,
) -> list[Change]:  # fmt: skip
    """The changes, those that make a cluster with its name of the language model."""
    making = [each for each in changes if each.kind in {"new", "split"}]
    present = {(each.name, each.subcluster_name) for each in active.clusters}
    kept = present | {(each.cluster.name, each.cluster.subcluster_name) for each in changes if each.kind == "regroup"}
    clusters = await _named(functions, tenant, [each.cluster for each in making], texts, kept, actor=actor)
    named = {each.id: replace(each, cluster=cluster) for each, cluster in zip(making, clusters, strict=True)}
    return [named.get(each.id, each) for each in changes]


async def _save_members(functions: Functions, tenant: UUID, model: UUID, members: Sequence[Member]) -> None:
    for start in range(0, len(members), MEMBERS_AT_ONCE):
        await models.save_members(functions, tenant, model, members[start : start + MEMBERS_AT_ONCE])


def _members(texts: Sequence[PlacedText], clusters: Mapping[str, UUID], distances: Mapping[str, float]) -> list[Member]:
    """The tickets that `clusters` puts into a cluster."""
    return [
        Member(
            ticket_id=each.id, cluster_id=clusters[str(each.id)], score=distances.get(str(each.id)),
            content_hash=each.content_hash,
        )
        for each in texts
        if str(each.id) in clusters
    ]  # fmt: skip


def ticket_texts(texts: Sequence[PlacedText]) -> list[TicketText]:
    """The texts as clustering reads them, with the id of the ticket as key."""
    return [TicketText(str(each.id), each.subject, each.description) for each in texts]


def _new_model(run: Run, texts: Sequence[PlacedText]) -> NewModel:
    days = [each.at.date() for each in texts]
    return NewModel(
        external_model_id=f"autopilot:{run.id}", model_name=f"Tickets until {max(days)}",
        training_start_date=min(days), training_end_date=max(days), metadata={"trained_tickets": len(texts)},
    )  # fmt: skip


def _new_cluster(cluster: Cluster) -> NewCluster:
    return NewCluster(
        name=cluster.name, subcluster_name=cluster.subcluster_name, centroid=as_bytes(cluster), floor=cluster.floor,
        cohesion=cluster.cohesion, examples=[UUID(each) for each in cluster.examples],
    )  # fmt: skip
