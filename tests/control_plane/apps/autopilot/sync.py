"""Syncs of a helpdesk from a mock of ServiceNow, by the job."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast
from uuid import UUID

import pytest

from control_plane.apps.autopilot.connections import Connection, ConnectionType
from control_plane.apps.autopilot.jobs import ingestion_runs
from control_plane.apps.autopilot.runs import Run
from control_plane.apps.autopilot.store import connections, runs
from control_plane.jobs import JobContext, JobReport
from tests.control_plane.apps.autopilot.api_server import ApiServer
from tests.control_plane.apps.autopilot.helpdesk import OLGA, Helpdesk

SETTINGS_VARIABLE = "ACP_AUTOPILOT_LOGINS"


@dataclass(frozen=True)
class Syncs:
    """A helpdesk, a ticket system, and the job between them."""

    desk: Helpdesk
    server: ApiServer
    environment: pytest.MonkeyPatch

    async def connect(
        self, name: str = "Helpdesk", *, login: Mapping[str, Any] | None = None, **more: Any
    ) -> Connection:
        """A connection to the server, with a login that it accepts."""
        options = {"url": self.server.url, "page_size": 100, **more.pop("options", {})}
        added = await connections.add_connection(
            self.desk.functions, self.desk.tenant, name, ConnectionType.SERVICENOW, options=options, actor=OLGA, **more
        )
        self.sign_in(added.id, **(login or {"user": ApiServer.USER, "password": ApiServer.PASSWORD}))
        return added

    def sign_in(self, connection: UUID, **login: Any) -> None:
        """Give a connection this login, the only one of the process."""
        self.environment.setenv(SETTINGS_VARIABLE, json.dumps({"desk": self.login(connection, **login)}))

    def login(self, connection: UUID, **login: Any) -> dict[str, Any]:
        return {
            "tenant_id": str(self.desk.tenant), "connection_id": str(connection), "connection_type": "servicenow",
            "host": self.server.host, **login,
        }  # fmt: skip

    def context(self) -> JobContext:
        """What the job needs."""
        return JobContext(
            backends=self.desk.access.operator, tools=cast("Any", None), rules={}, keep_settled=timedelta(days=90),
            allowed_hosts=(self.server.host,),
        )  # fmt: skip

    async def work(self) -> JobReport:
        """The job does what waits."""
        return await ingestion_runs.run(self.context())

    async def sync(self, connection: UUID) -> Run:
        """A sync from its start to its end."""
        started = await runs.start_sync(self.desk.functions, self.desk.tenant, connection, actor=OLGA)
        await self.work()
        return await self.read(started.id)

    async def read(self, run: UUID) -> Run:
        return await runs.read_run(self.desk.functions, self.desk.tenant, run)

    def stored(self) -> dict[str, str]:
        """The subjects of the stored tickets by number."""
        return dict(
            self.desk.run(
                "select external_id, subject from autopilot.tickets where organization_id = %s", self.desk.tenant
            )
        )
