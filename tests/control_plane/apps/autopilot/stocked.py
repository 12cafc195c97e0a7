"""A helpdesk with clusters whose tickets were resolved, some with an article that answers them."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from control_plane.apps.autopilot.articles import NewArticle
from control_plane.apps.autopilot.clusters import Member, NewCluster, NewModel
from control_plane.apps.autopilot.save_articles import save_articles
from control_plane.apps.autopilot.store import models
from services.backends.functions import Functions
from tests.control_plane.apps.autopilot.helpdesk import OLGA, WORKER, Helpdesk, a_ticket

OPENED = datetime(2026, 1, 5, 8, tzinfo=UTC)
VPN_TICKETS = (
    ("VPN drops when I work from home", "The tunnel closes every few minutes.", "Installed the VPN profile again."),
    ("VPN disconnects", "I must sign in with my token again and again.", "Installed the VPN profile again"),
    ("No VPN connection", "The client says the profile is too old.", "Renewed the certificate of the user."),
)
BADGE_TICKETS = (
    ("Lost my badge", "I cannot open the door of building C.", "Blocked the badge and ordered a new one."),
    ("Badge is broken", "The reader does not accept my badge.", "Ordered a new badge."),
)
VPN_ARTICLE = NewArticle(
    external_id="KB-1", title="VPN connection drops",
    content="The tunnel closes when the profile is old. Install the VPN profile again and sign in with your token.",
)  # fmt: skip


@dataclass
class Stocked:
    """A helpdesk with two clusters of an active model: VPN with three tickets, Badge with two."""

    desk: Helpdesk
    model: UUID
    vpn: UUID
    badge: UUID

    @property
    def functions(self) -> Functions:
        return self.desk.functions

    @property
    def tenant(self) -> UUID:
        return self.desk.tenant

    def kb_status(self, cluster: UUID) -> str:
        return str(self.desk.run("select kb_status from autopilot.clusters where id = %s", cluster)[0][0])

    def links(self, cluster: UUID) -> list[tuple[str, bool]]:
        """The articles of a cluster by `external_id`, and whether the search linked them."""
        return [
            (key, is_found)
            for key, is_found in self.desk.run(
                "select a.external_id, k.is_found from autopilot.article_clusters as k"
                " join autopilot.knowledge_articles as a on a.id = k.article_id where k.cluster_id = %s order by 1",
                cluster,
            )
        ]

    async def add(self, *articles: NewArticle) -> list[UUID]:
        """Store articles; returns their ids."""
        saved = await save_articles(self.desk.access.operator, self.tenant, articles, actor=OLGA)
        return [each.id for each in saved]


async def stock(desk: Helpdesk, **fields: Any) -> Stocked:
    """Two clusters with resolved tickets, each opened a day after the other. `fields` are set on each ticket."""
    run = await desk.sync((await desk.connect()).id)
    tickets = [
        a_ticket(
            f"INC{number}", subject=subject, description=description, resolution=resolution,
            source_created_at=OPENED + timedelta(days=number), resolved_at=OPENED + timedelta(days=number, hours=2),
            **fields,
        )
        for number, (subject, description, resolution) in enumerate([*VPN_TICKETS, *BADGE_TICKETS])
    ]  # fmt: skip
    await desk.store(run, *tickets)
    ids = [
        row[0]
        for row in desk.run(
            "select id from autopilot.tickets where organization_id = %s order by external_id", desk.tenant
        )
    ]
    parts = {"VPN": ids[: len(VPN_TICKETS)], "Badge": ids[len(VPN_TICKETS) :]}
    new = [
        NewCluster(name=name, centroid=b"\0" * 1024, floor=0.5, cohesion=0.8, examples=members)
        for name, members in parts.items()
    ]
    model, [vpn, badge] = await models.store_model(
        desk.functions, desk.tenant, NewModel(external_model_id="m1", model_name="One"), new, actor=WORKER
    )
    members = [
        Member(ticket_id=each, cluster_id=cluster, score=0.1)
        for cluster, part in zip((vpn, badge), parts.values(), strict=True)
        for each in part
    ]
    await models.save_members(desk.functions, desk.tenant, model, members)
    await models.activate_model(desk.functions, desk.tenant, model, actor=OLGA)
    return Stocked(desk, model, vpn, badge)
