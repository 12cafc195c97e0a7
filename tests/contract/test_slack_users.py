"""Slack users: an owner's word about who somebody is, per tenant and app."""

from uuid import UUID, uuid4

import pytest

from services.backends import Backends
from services.errors import InvalidInput, NotFound
from tests.builders import operator

OLGA = operator("olga")


async def test_a_slack_user_is_one_person_per_tenant_and_app(
    backends: Backends, tenant: UUID, other_tenant: UUID
) -> None:
    await backends.slack_users.save(tenant, "acme", "U1", user_id="maria", actor=OLGA)
    replaced = await backends.slack_users.save(tenant, "acme", "U1", user_id="nina", actor=OLGA)
    other_app = await backends.slack_users.save(tenant, "beta", "U1", user_id="maria", actor=OLGA)
    elsewhere = await backends.slack_users.save(other_tenant, "acme", "U1", user_id="olaf", actor=OLGA)

    assert await backends.slack_users.list_users(tenant) == [replaced, other_app]
    assert await backends.slack_users.list_users(other_tenant) == [elsewhere]
    assert (replaced.user_id, replaced.created_by) == ("nina", "olga")


async def test_a_deleted_slack_user_is_gone_for_this_tenant_alone(
    backends: Backends, tenant: UUID, other_tenant: UUID
) -> None:
    saved = await backends.slack_users.save(tenant, "acme", "U1", user_id="maria", actor=OLGA)
    with pytest.raises(NotFound):
        await backends.slack_users.delete(other_tenant, "acme", "U1", actor=OLGA)

    assert await backends.slack_users.delete(tenant, "acme", "U1", actor=OLGA) == saved
    with pytest.raises(NotFound):
        await backends.slack_users.delete(tenant, "acme", "U1", actor=OLGA)
    assert await backends.slack_users.list_users(tenant) == []


async def test_both_changes_are_audited(backends: Backends, tenant: UUID) -> None:
    await backends.slack_users.save(tenant, "acme", "U1", user_id="maria", actor=OLGA)
    await backends.slack_users.delete(tenant, "acme", "U1", actor=OLGA)
    rows = await backends.audit_log.tail(tenant, limit=2)
    assert [(row.entry.category, row.entry.actor.id) for row in reversed(rows)] == [
        ("slack_user.saved", "olga"), ("slack_user.deleted", "olga"),
    ]  # fmt: skip
    assert {row.entry.payload["user_id"] for row in rows} == {"maria"}


@pytest.mark.parametrize(
    ("field", "app", "slack_user_id", "user_id"),
    [
        ("slack_user_id", "acme", "", "maria"), ("slack_user_id", "acme", "u1", "maria"),
        ("user_id", "acme", "U1", ""), ("user_id", "acme", "U1", "x" * 256), ("app", "", "U1", "maria"),
    ],
)  # fmt: skip
async def test_an_invalid_one_is_refused_by_field_name(  # noqa: PLR0917  # the fields
    backends: Backends,
    tenant: UUID,
    field: str,
    app: str,
    slack_user_id: str,
    user_id: str,
) -> None:
    with pytest.raises(InvalidInput) as refused:
        await backends.slack_users.save(tenant, app, slack_user_id, user_id=user_id, actor=OLGA)
    assert refused.value.field == field


async def test_it_needs_a_tenant(backends: Backends) -> None:
    with pytest.raises(NotFound):
        await backends.slack_users.save(uuid4(), "acme", "U1", user_id="maria", actor=OLGA)
