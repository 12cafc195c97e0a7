"""Connected accounts are stored, limited and audited, and a change of one takes effect at once."""

import asyncio
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.accounts import Accounts, AccountStatus
from services.audit_log import AuditLogger
from services.errors import InvalidInput, NotFound
from services.outbox import Outbox
from tests.builders import NOW, an_account, operator
from tests.clock import FakeClock
from tests.contract.builders import LATER, held_by


def _nested(levels: int) -> list[Any]:
    found: list[Any] = []
    for _ in range(levels):
        found = [found]
    return found


@pytest.mark.parametrize("guardrail", ["account", "scopes"])
async def test_envelopes_held_by_an_account_are_judged_again_after_it_changed(
    accounts: Accounts, outbox: Outbox, tenant: UUID, clock: FakeClock, guardrail: str
) -> None:
    held, quiet = await held_by(outbox, tenant, guardrail), await held_by(outbox, tenant, "quiet_hours")
    clock.advance(minutes=1)

    await accounts.save(an_account(tenant_id=tenant), actor=operator("olga"))

    assert (await outbox.get(tenant, held)).next_run_at == clock()
    assert (await outbox.get(tenant, quiet)).next_run_at == LATER


async def test_accounts_are_listed_newest_link_first(accounts: Accounts, tenant: UUID, other_tenant: UUID) -> None:
    older, newer = an_account(tenant_id=tenant), an_account(tenant_id=tenant, linked_at=LATER)
    pending = an_account(tenant_id=tenant, linked_at=None, status="pending", scopes=())
    for account in (pending, older, newer, an_account(tenant_id=other_tenant)):
        await accounts.save(account, actor=operator("olga"))

    assert await accounts.list_accounts(tenant) == [newer, older, pending]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"metadata": []}, "metadata"),
        ({"metadata": {"note": "x" * 70_000}}, "metadata"),
        ({"metadata": {"nested": _nested(100)}}, "metadata"),
        ({"scopes": ("GMAIL", "")}, "scopes"),
    ],
)
async def test_an_unreadable_account_is_refused(
    accounts: Accounts, tenant: UUID, wrong: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidInput) as raised:
        await accounts.save(replace(an_account(tenant_id=tenant), **wrong), actor=operator("olga"))

    assert raised.value.field.startswith(field)
    assert await accounts.list_accounts(tenant) == []


async def test_the_limit_of_accounts_holds_for_simultaneous_requests(accounts: Accounts, tenant: UUID) -> None:
    for start in range(0, 190, 10):
        await asyncio.gather(
            *(accounts.save(an_account(tenant_id=tenant), actor=operator("olga")) for _ in range(start, start + 10))
        )

    errors = await asyncio.gather(
        *(accounts.save(an_account(tenant_id=tenant), actor=operator("olga")) for _ in range(20)),
        return_exceptions=True,
    )

    stored = await accounts.list_accounts(tenant)
    assert len(stored) == 200
    assert [str(error) for error in errors if error is not None] == [
        "connected_accounts: the tenant has 200 accounts, the maximum is 200; delete some first"
    ] * 10
    await accounts.save(replace(stored[0], status=AccountStatus.ERROR), actor=operator("olga"))


async def test_the_metadata_of_a_tenants_accounts_is_limited(
    accounts: Accounts, tenant: UUID, other_tenant: UUID
) -> None:
    big = {"note": "x" * 60_000}
    for _ in range(8):
        await accounts.save(an_account(tenant_id=tenant, metadata=big), actor=operator("olga"))

    with pytest.raises(InvalidInput, match="metadata: the tenant's accounts would hold more than 524288 bytes"):
        await accounts.save(an_account(tenant_id=tenant, metadata=big), actor=operator("olga"))
    await accounts.save(an_account(tenant_id=other_tenant, metadata=big), actor=operator("olga"))


async def test_a_changed_account_is_audited_without_its_metadata(
    accounts: Accounts, audit_log: AuditLogger, tenant: UUID
) -> None:
    account = an_account(tenant_id=tenant, metadata={"note": "private"})
    await accounts.save(account, actor=operator("olga"))
    await accounts.save(replace(account, status=AccountStatus.REVOKED, metadata={}), actor=operator("omar"))

    update, insert, _tenant = await audit_log.tail(tenant, limit=9)
    assert insert.entry.category == "connected_accounts.insert"
    assert insert.entry.payload["changed"] == {
        "id": str(account.id), "tenant_id": str(tenant), "provider": "slack", "status": "connected",
        "scopes": ["SLACK"], "linked_at": "2026-11-23T12:00:00+00:00", "metadata": "…",
        "expires_at": None, "problem": None,
    }  # fmt: skip
    assert update.entry.category == "connected_accounts.update"
    assert update.entry.payload == {"id": str(account.id), "changed": {"status": "revoked", "metadata": "…"}}


async def test_invalid_account_fields_are_refused(accounts: Accounts, tenant: UUID) -> None:
    for wrong, field in [
        ({"status": "fine"}, "status"), ({"metadata": {"x": "x" * 65_536}}, "metadata"),
        ({"metadata": {"refresh_token": "s3cret"}}, "metadata"),
        ({"linked_at": NOW.replace(year=1969)}, "linked_at"), ({"expires_at": NOW.replace(year=9999)}, "expires_at"),
    ]:  # fmt: skip
        with pytest.raises(InvalidInput) as raised:
            await accounts.save(replace(an_account(tenant_id=tenant), **wrong), actor=operator("olga"))  # type: ignore[arg-type]
        assert raised.value.field == field
    with pytest.raises(NotFound):
        await accounts.save(an_account(tenant_id=uuid4()), actor=operator("olga"))
    assert await accounts.list_accounts(tenant) == []
