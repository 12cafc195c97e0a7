"""A helpdesk whose tickets are in clusters that a training found."""

import json
from collections.abc import Iterable
from uuid import UUID

from control_plane.apps.autopilot.clustering.train import train
from control_plane.apps.autopilot.clustering.values import ClusterModel, TicketText
from control_plane.apps.autopilot.clusters import NewCluster, NewModel
from control_plane.apps.autopilot.runs import Run
from control_plane.apps.autopilot.store import models, runs
from control_plane.apps.autopilot.stored_clusters import as_bytes
from control_plane.apps.autopilot.train_model import rebuild_model
from tests.control_plane.apps.autopilot.helpdesk import LEASE, OLGA, WORKER, Helpdesk


def write_tickets(desk: Helpdesk, texts: Iterable[TicketText]) -> None:
    """Tickets as a workflow writes them. A ticket with a known number gets the new text."""
    rows = [{"key": text.key, "subject": text.subject, "description": text.description} for text in texts]
    desk.run(
        "insert into autopilot.tickets (organization_id, external_id, subject, description, external_status,"
        " source_created_at) select %s, r.key, r.subject, r.description, 'New', '2026-01-05T08:00Z'"
        " from jsonb_to_recordset(%s) as r (key text, subject text, description text)"
        " on conflict (organization_id, external_id) do update"
        " set subject = excluded.subject, description = excluded.description",
        desk.tenant, json.dumps(rows),
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


async def rebuild(desk: Helpdesk) -> Run:
    """A rebuild run that a worker did."""
    await runs.start_rebuild(desk.functions, desk.tenant, actor=OLGA)
    leased = await runs.claim_run(desk.functions, lease_for=LEASE, actor=WORKER)
    assert leased is not None
    await rebuild_model(desk.functions, leased.run, actor=WORKER)
    return await runs.complete_run(desk.functions, leased.run, actor=WORKER)
