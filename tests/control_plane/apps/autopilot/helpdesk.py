"""A tenant whose tickets come in: through the functions of operators and of its users, or straight in its rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg

from control_plane.apps.autopilot.connections import Connection, ConnectionType
from control_plane.apps.autopilot.runs import Run, StoredBatch
from control_plane.apps.autopilot.store import connections, functions_of, runs, tickets
from control_plane.apps.autopilot.values import Ticket, TicketProblem
from services.backends import Access
from services.backends.functions import Functions
from services.envelope import Door
from services.tenants import Tenant
from tests.builders import operator, system

OLGA = operator("olga")
WORKER = system("ticket_worker")
LEASE = timedelta(minutes=1)


def a_ticket(number: str = "INC1", **fields: Any) -> Ticket:
    """A ticket of ServiceNow."""
    whole = {"subject": "No network", "external_status": "New", "source_metadata": {"number": number}, **fields}
    return Ticket(external_id=number, **whole)


@dataclass(frozen=True)
class Helpdesk:
    """A tenant of a database that other tests use too."""

    access: Access
    url: str
    tenant: UUID

    @property
    def functions(self) -> Functions:
        return functions_of(self.access.operator)

    def as_user(self, name: str = "rita", tenant_role: str = "owner") -> Functions:
        """The functions as a user of the tenant has them."""
        claims: Mapping[str, Any] = {
            "tenant_id": str(self.tenant), "sub": name, "role": "authenticated", "tenant_role": tenant_role,
        }  # fmt: skip
        return functions_of(self.access.as_tenant(self.tenant, claims, Door.API, None))

    async def connect(self, name: str = "Helpdesk", **options: Any) -> Connection:
        """A new connection to ServiceNow."""
        kind = ConnectionType.SERVICENOW
        return await connections.add_connection(self.functions, self.tenant, name, kind, actor=OLGA, **options)

    async def sync(self, connection: UUID) -> Run:
        """A started sync that the worker has leased."""
        started = await runs.start_sync(self.functions, self.tenant, connection, actor=OLGA)
        leased = await runs.claim_run(self.functions, lease_for=LEASE, actor=WORKER)
        assert leased is not None
        assert leased.run.id == started.id
        return leased.run

    async def store(
        self, run: Run, *batch: Ticket, problems: tuple[TicketProblem, ...] = (), **more: Any
    ) -> StoredBatch:
        """The worker stores a batch."""
        return await tickets.store_tickets(self.functions, run, batch, problems, actor=WORKER, **more)

    def run(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """Rows of the database, or a change behind the application's back."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            cursor = connection.execute(query.encode(), values or None)
            return cursor.fetchall() if cursor.description else []

    def note_dry_run(self, cluster: UUID) -> None:
        """A dry-run of the cluster was completed with its present articles."""
        self.run(
            "insert into autopilot.dry_runs (organization_id, cluster_id, lineage_id, basis, status, cases, done,"
            " completed_at) select c.organization_id, c.id, c.lineage_id, autopilot.basis_of(c.organization_id, c.id),"
            " 'completed', 10, 10, now() from autopilot.clusters as c where c.id = %s",
            cluster,
        )

    def audit(self) -> list[str]:
        """The categories of the tenant's audit rows, the oldest first."""
        rows = self.run("select category from audit_log where tenant_id = %s order by seq", self.tenant)
        return [category for (category,) in rows if not category.startswith(("tenants.", "tool_catalog."))]


async def open_helpdesk(access: Access, url: str) -> Helpdesk:
    """A new tenant. Runs of earlier tests have ended: the worker leases the oldest of all tenants."""
    tenant = uuid4()
    await access.operator.tenants.save(Tenant(id=tenant, name="Acme"), actor=OLGA)
    desk = Helpdesk(access, url, tenant)
    desk.run("update autopilot.ingestion_runs set status = 'failed' where status in ('pending', 'running')")
    return desk
