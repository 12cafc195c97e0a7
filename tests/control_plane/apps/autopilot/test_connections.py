"""A tenant's connections to ticket systems."""

from uuid import uuid4

import pytest

from control_plane.apps.autopilot.connections import ConnectionType
from control_plane.apps.autopilot.store import connections
from services.errors import InvalidInput, NotAllowed, NotFound, StateConflict
from tests.control_plane.apps.autopilot.helpdesk import OLGA, Helpdesk

JIRA = ConnectionType.JIRA


async def test_a_connection_is_added_changed_and_deleted_each_with_an_audit_row(helpdesk: Helpdesk) -> None:
    added = await helpdesk.connect(options={"url": "https://acme.example"}, sync_every_minutes=15)
    changed = await connections.change_connection(
        helpdesk.functions, helpdesk.tenant, added.id, name="Desk", is_enabled=False, actor=OLGA
    )
    assert (changed.name, changed.is_enabled, changed.latest_options, changed.sync_every_minutes) == (
        "Desk", False, {"url": "https://acme.example"}, 15,
    )  # fmt: skip
    assert await connections.list_connections(helpdesk.functions, helpdesk.tenant) == [changed]
    await connections.delete_connection(helpdesk.functions, helpdesk.tenant, added.id, actor=OLGA)
    assert await connections.list_connections(helpdesk.functions, helpdesk.tenant) == []
    assert helpdesk.audit() == ["ticket_connection.added", "ticket_connection.changed", "ticket_connection.deleted"]


async def test_a_change_that_changes_nothing_leaves_no_audit_row(helpdesk: Helpdesk) -> None:
    added = await helpdesk.connect()
    await connections.change_connection(helpdesk.functions, helpdesk.tenant, added.id, is_enabled=True, actor=OLGA)
    assert helpdesk.audit() == ["ticket_connection.added"]


async def test_zero_minutes_end_the_schedule(helpdesk: Helpdesk) -> None:
    added = await helpdesk.connect(sync_every_minutes=15)
    changed = await connections.change_connection(
        helpdesk.functions, helpdesk.tenant, added.id, sync_every_minutes=0, actor=OLGA
    )
    assert changed.sync_every_minutes is None


async def test_two_connections_cannot_have_one_name(helpdesk: Helpdesk) -> None:
    await helpdesk.connect("One")
    other = await helpdesk.connect("Two")
    with pytest.raises(StateConflict, match="there is a connection named One"):
        await helpdesk.connect("One")
    with pytest.raises(StateConflict, match="there is a connection named One"):
        await connections.change_connection(helpdesk.functions, helpdesk.tenant, other.id, name="One", actor=OLGA)


@pytest.mark.parametrize("name", ["password", "apiKey", "client_secret", "authToken"])
async def test_options_named_like_a_secret_are_refused(helpdesk: Helpdesk, name: str) -> None:
    with pytest.raises(InvalidInput, match=name):
        await helpdesk.connect(options={name: "x"})


async def test_an_owner_may_add_a_connection_and_a_reviewer_may_only_see_it(helpdesk: Helpdesk) -> None:
    added = await connections.add_connection(helpdesk.as_user(), helpdesk.tenant, "Mine", JIRA, actor=OLGA)
    reviewer = helpdesk.as_user(tenant_role="reviewer")
    assert await connections.list_connections(reviewer, helpdesk.tenant) == [added]
    with pytest.raises(NotAllowed):
        await connections.delete_connection(reviewer, helpdesk.tenant, added.id, actor=OLGA)


async def test_an_unknown_connection_is_not_found(helpdesk: Helpdesk) -> None:
    with pytest.raises(NotFound):
        await connections.change_connection(helpdesk.functions, helpdesk.tenant, uuid4(), actor=OLGA)
