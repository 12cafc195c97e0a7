"""A helpdesk whose tickets are in clusters of an active model."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import psycopg
import pytest

from tests.control_plane.apps.autopilot.helpdesk import Helpdesk


@dataclass(frozen=True)
class Clustered:
    """A helpdesk, and two clusters of its active model."""

    desk: Helpdesk
    mail: UUID
    network: UUID

    def open_tickets(
        self,
        cluster: UUID | None,
        opened: Iterable[datetime],
        *,
        solved_within: timedelta | None = None,
        subject: str = "No network",
        status: str = "New",
        updated: datetime | None = None,
    ) -> None:
        """Tickets that were opened at these times."""
        rows = [
            (
                self.desk.tenant, cluster, subject, "Resolved" if solved_within else status, at, updated or at,
                at + solved_within if solved_within else None,
            )
            for at in opened
        ]  # fmt: skip
        with psycopg.connect(self.desk.url, autocommit=True) as connection, connection.cursor() as cursor:
            cursor.executemany(
                "insert into autopilot.tickets (organization_id, cluster_id, subject, external_status, external_id,"
                " source_created_at, source_updated_at, resolved_at)"
                " values (%s, %s, %s, %s, gen_random_uuid()::text, %s, %s, %s)",
                rows,
            )  # fmt: skip


def clustered(desk: Helpdesk) -> Clustered:
    """Two clusters of a new model, which is active."""
    desk.run(
        "insert into autopilot.ml_models (organization_id, external_model_id, model_name, active)"
        " values (%s, 'm1', 'One', true)",
        desk.tenant,
    )
    ids = [
        desk.run(
            "insert into autopilot.clusters (organization_id, model_id, name) select organization_id, id, %s"
            " from autopilot.ml_models where organization_id = %s returning id",
            name, desk.tenant,
        )[0][0]
        for name in ("Mail", "Network")
    ]  # fmt: skip
    return Clustered(desk, *ids)


@pytest.fixture
def world(helpdesk: Helpdesk) -> Clustered:
    return clustered(helpdesk)
