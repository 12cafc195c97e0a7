"""Inbound webhooks: an address per sender, with a secret that can be changed."""

from uuid import UUID, uuid4

import pytest

from services.backends import Backends
from services.errors import InvalidInput, NotFound, StateConflict
from services.subscriptions.inbound import MAX_INBOUND_WEBHOOKS
from tests.builders import operator
from tests.clock import FakeClock

OLGA = operator("olga")


async def test_a_name_is_one_address_of_a_tenant(backends: Backends, tenant: UUID, other_tenant: UUID) -> None:
    tickets = await backends.inbound_webhooks.create(tenant, uuid4(), "tickets", actor=OLGA)
    chats = await backends.inbound_webhooks.create(tenant, uuid4(), "chats", actor=OLGA)
    elsewhere = await backends.inbound_webhooks.create(other_tenant, uuid4(), "tickets", actor=OLGA)

    with pytest.raises(StateConflict, match="is taken"):
        await backends.inbound_webhooks.create(tenant, uuid4(), "tickets", actor=OLGA)
    assert await backends.inbound_webhooks.list_inbound(tenant) == [chats, tickets]
    assert await backends.inbound_webhooks.list_inbound(other_tenant) == [elsewhere]
    assert (tickets.tool_slug, tickets.secret_version, tickets.created_by) == ("inbound.tickets", 1, "olga")


async def test_a_rotation_and_a_deletion_are_of_this_tenant_alone(
    backends: Backends, tenant: UUID, other_tenant: UUID, clock: FakeClock
) -> None:
    created = await backends.inbound_webhooks.create(tenant, uuid4(), "tickets", actor=OLGA)
    for change in (backends.inbound_webhooks.rotate_secret, backends.inbound_webhooks.delete):
        with pytest.raises(NotFound):
            await change(other_tenant, created.id, actor=OLGA)

    rotated = await backends.inbound_webhooks.rotate_secret(tenant, created.id, actor=OLGA)
    assert (rotated.secret_version, rotated.secret_rotated_at) == (2, clock())
    assert await backends.inbound_webhooks.delete(tenant, created.id, actor=OLGA) == rotated
    assert await backends.inbound_webhooks.list_inbound(tenant) == []
    with pytest.raises(NotFound):
        await backends.inbound_webhooks.delete(tenant, created.id, actor=OLGA)


async def test_every_change_is_audited(backends: Backends, tenant: UUID) -> None:
    created = await backends.inbound_webhooks.create(tenant, uuid4(), "tickets", actor=OLGA)
    await backends.inbound_webhooks.rotate_secret(tenant, created.id, actor=OLGA)
    await backends.inbound_webhooks.delete(tenant, created.id, actor=OLGA)
    rows = await backends.audit_log.tail(tenant, limit=3)
    assert [(row.entry.category, row.entry.payload["name"]) for row in reversed(rows)] == [
        (f"inbound_webhook.{event}", "tickets") for event in ("created", "secret_rotated", "deleted")
    ]


@pytest.mark.parametrize("name", ["", "Tickets", "9lives", "a b", "x" * 64])
async def test_an_invalid_name_is_refused(backends: Backends, tenant: UUID, name: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        await backends.inbound_webhooks.create(tenant, uuid4(), name, actor=OLGA)
    assert refused.value.field == "name"


async def test_a_tenant_has_a_bounded_number(backends: Backends, tenant: UUID) -> None:
    for number in range(MAX_INBOUND_WEBHOOKS):
        await backends.inbound_webhooks.create(tenant, uuid4(), f"sender-{number}", actor=OLGA)
    with pytest.raises(InvalidInput, match="at most 20"):
        await backends.inbound_webhooks.create(tenant, uuid4(), "one-more", actor=OLGA)
    with pytest.raises(NotFound):
        await backends.inbound_webhooks.create(uuid4(), uuid4(), "tickets", actor=OLGA)
