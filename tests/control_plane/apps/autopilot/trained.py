"""A helpdesk whose tickets are in clusters that a training found."""

from collections.abc import Iterable
from uuid import UUID

from control_plane.apps.autopilot.clustering.train import train
from control_plane.apps.autopilot.clustering.values import ClusterModel, TicketText
from control_plane.apps.autopilot.clusters import Member, NewCluster, NewModel
from control_plane.apps.autopilot.store import models
from control_plane.apps.autopilot.stored_clusters import as_bytes
from tests.control_plane.apps.autopilot.helpdesk import OLGA, WORKER, Helpdesk


def write_tickets(desk: Helpdesk, texts: Iterable[TicketText]) -> None:
    """Tickets as a workflow writes them. A ticket with a known number gets the new text."""
    for text in texts:
        desk.run(
            "insert into autopilot.tickets (organization_id, external_id, subject, description, external_status,"
            " source_created_at) values (%s, %s, %s, %s, 'New', '2026-01-05T08:00Z')"
            " on conflict (organization_id, external_id) do update"
            " set subject = excluded.subject, description = excluded.description",
            desk.tenant, text.key, text.subject, text.description,
        )  # fmt: skip


def placed(desk: Helpdesk) -> dict[str, str | None]:
    """The name of the cluster of each ticket, by number."""
    return dict(
        desk.run(
            "select t.external_id, c.name || coalesce(' / ' || c.subcluster_name, '') from autopilot.tickets as t"
            " left join autopilot.clusters as c on c.organization_id = t.organization_id and c.id = t.cluster_id"
            " where t.organization_id = %s order by 1",
            desk.tenant,
        )
    )


async def activate_trained(desk: Helpdesk, texts: list[TicketText], name: str = "m1") -> UUID:
    """An active model of these texts. Of its tickets, none is in a cluster yet."""
    found = train(texts, needed=1)
    assert isinstance(found, ClusterModel)
    new = [
        NewCluster(
            name=each.name, subcluster_name=each.subcluster_name, centroid=as_bytes(each), floor=each.floor,
            cohesion=each.cohesion,
        )
        for each in found.clusters
    ]  # fmt: skip
    model, _ = await models.store_model(
        desk.functions, desk.tenant, NewModel(external_model_id=name, model_name=name), new, actor=WORKER
    )
    await models.activate_model(desk.functions, desk.tenant, model, actor=OLGA)
    return model


async def take_out(desk: Helpdesk, model: UUID, ticket: UUID) -> None:
    """The ticket belongs to no cluster of the model."""
    await models.save_members(desk.functions, desk.tenant, model, [Member(ticket_id=ticket, cluster_id=None)])
