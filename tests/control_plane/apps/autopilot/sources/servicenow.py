"""An instance of ServiceNow with 250 tickets, a connection to it, and how it is read."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from control_plane.apps.autopilot.sources import Page, SourceError
from tests.control_plane.apps.autopilot.made_up_tickets import made_up_tickets
from tests.control_plane.apps.autopilot.servicenow_server import ServiceNowServer, an_incident
from tests.control_plane.apps.autopilot.sources.conftest import Connection, read_all

FIRST = next(made_up_tickets(1))
KEYS = {"sys_id": "a", "sys_updated_on": "2026-03-01 09:00:00"}


@pytest.fixture
async def server() -> AsyncIterator[ServiceNowServer]:
    async with ServiceNowServer(made_up_tickets(250)) as running:
        yield running


@pytest.fixture
def connection(server: ServiceNowServer) -> Connection:
    return Connection(server, "servicenow")


def a_record(server: ServiceNowServer, **values: Any) -> str:
    """Make this the only record of the instance; its `sys_id`."""
    server.records.clear()
    record = {**an_incident(FIRST), **values}
    server.put(record)
    return str(record["sys_id"])


def numbers(server: ServiceNowServer) -> set[str]:
    return {record["number"] for record in server.records.values()}


async def the_only_page(connection: Connection, **values: Any) -> Page:
    async with connection.open(**values) as source:
        [page] = await read_all(source)
    return page


async def refusal(connection: Connection, **values: Any) -> SourceError:
    """The error of a check, or of the reading if the check finds nothing."""

    async def check_and_read() -> None:
        async with connection.open(**values) as source:
            await source.check()
            await read_all(source)

    with pytest.raises(SourceError) as caught:
        await check_and_read()
    return caught.value
