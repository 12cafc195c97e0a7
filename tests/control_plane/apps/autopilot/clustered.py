"""A helpdesk with one cluster of tickets about VPN, and articles that answer them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from control_plane.apps.autopilot.clusters import NewCluster, NewModel, StoredCluster, Verdict
from control_plane.apps.autopilot.readiness import DryRun, JudgedTickets, TicketVerdict
from control_plane.apps.autopilot.store import clusters, dry_runs, models, readiness
from control_plane.apps.autopilot.store.settings import save_settings
from services.backends.functions import Functions
from tests.builders import a_tool
from tests.control_plane.apps.autopilot.helpdesk import OLGA, WORKER, Helpdesk

ANSWER_TOOL = "HELPDESK__answer_ticket"
VPN_ARTICLE = """## Before you begin

You need the VPN client and a token.

## The VPN drops after a few minutes

If the VPN connection drops after a few minutes, reinstall the VPN profile: open the VPN client, choose Settings, remove
the profile and import it again.

## Printing

Printing over the VPN needs the printer of the office to be switched on.
"""
VPN_RESOLUTION = "Reinstalled the VPN profile in the VPN client, and the connection does not drop anymore."


@dataclass
class Clustered:
    """One cluster of an active model."""

    desk: Helpdesk
    connection: UUID
    cluster: UUID

    def add(self, number: str, **fields: Any) -> UUID:
        """A ticket in the cluster."""
        row = {
            "subject": "VPN drops after a few minutes", "external_status": "New", "cluster_id": self.cluster,
            "data_source_connection_id": self.connection, **fields,
        }  # fmt: skip
        columns = ", ".join(["organization_id", "external_id", *row])
        marks = ", ".join(["%s"] * (len(row) + 2))
        query = f"insert into autopilot.tickets ({columns}) values ({marks}) returning id"  # noqa: S608
        found: UUID = self.desk.run(query, self.desk.tenant, number, *row.values())[0][0]
        return found

    def add_resolved(self, count: int, **fields: Any) -> list[UUID]:
        """Tickets that people resolved, the last one the latest."""
        return [
            self.add(
                f"OLD{number}", external_status="Closed", resolution=VPN_RESOLUTION,
                resolved_at=datetime.fromisoformat(f"2026-01-01T{number // 60:02}:{number % 60:02}:00Z"), **fields,
            )
            for number in range(count)
        ]  # fmt: skip

    def add_article(self, content: str = VPN_ARTICLE, key: str = "KB-1", title: str = "VPN") -> UUID:
        """An article that a workflow linked to the cluster."""
        found: UUID = self.desk.run(
            "insert into autopilot.knowledge_articles"
            " (organization_id, cluster_id, external_id, title, url, relevance_score, content)"
            " values (%s, %s, %s, %s, 'https://kb.example/vpn', 0.9, %s) returning id",
            self.desk.tenant, self.cluster, key, title, content,
        )[0][0]  # fmt: skip
        return found

    async def judge(self, *tickets: UUID, verdict: Verdict | None = Verdict.TRUSTED) -> JudgedTickets:
        """Olga judges tickets of the cluster."""
        verdicts = [TicketVerdict(ticket_id=each, verdict=verdict) for each in tickets]
        return await readiness.judge_tickets(self.desk.functions, self.desk.tenant, self.cluster, verdicts, actor=OLGA)

    async def make_ready(self) -> None:
        """Two of two tickets are trusted, an article is linked, and a dry-run was completed."""
        self.desk.run("update autopilot.clusters set validation_target = 2 where id = %s", self.cluster)
        self.add_article()
        await self.judge(*self.add_resolved(2))
        self.desk.note_dry_run(self.cluster)

    async def set_auto_respond(self, *, is_on: bool = True, functions: Functions | None = None) -> StoredCluster:
        return await clusters.set_auto_respond(
            functions or self.desk.functions, self.desk.tenant, self.cluster, is_on=is_on, actor=OLGA
        )

    async def answer_with_a_tool(self) -> None:
        """The tenant has a tool that answers tickets."""
        tool = a_tool(tenant_id=self.desk.tenant, tool_slug=ANSWER_TOOL)
        await self.desk.access.operator.catalog.save([tool], actor=OLGA)
        await save_settings(self.desk.functions, self.desk.tenant, {"response_tool_slug": ANSWER_TOOL}, actor=OLGA)

    async def start_dry_run(self, **options: Any) -> DryRun:
        return await dry_runs.start_dry_run(self.desk.functions, self.desk.tenant, self.cluster, actor=OLGA, **options)

    def config(self) -> dict[str, Any]:
        found: dict[str, Any] = self.desk.run("select config from autopilot.clusters where id = %s", self.cluster)[0][0]
        return found


async def open_clustered(desk: Helpdesk) -> Clustered:
    """An active model with one cluster that has no tickets yet."""
    new = NewCluster(name="VPN", centroid=b"\0" * 1024, floor=0.5, cohesion=0.8)
    model, [cluster] = await models.store_model(
        desk.functions, desk.tenant, NewModel(external_model_id=str(uuid4()), model_name="One"), [new], actor=WORKER
    )
    await models.activate_model(desk.functions, desk.tenant, model, actor=OLGA)
    return Clustered(desk, (await desk.connect()).id, cluster)
