"""Linked accounts are scanned once and checked regularly. Envelopes that an unhealthy account held continue when it is
healthy again."""

from dataclasses import replace
from datetime import timedelta
from typing import cast
from uuid import UUID, uuid4

import pytest

from services.accounts import Account, Accounts, AccountStatus
from services.audit_log import AuditLogger
from services.errors import InvalidInput, StateConflict
from services.outbox import Disposition, Outbox
from services.tenants import Tenants
from tests.builders import NOW, an_account, operator, system
from tests.clock import FakeClock
from tests.contract.builders import close, put_one, take_one

LATER = NOW + timedelta(hours=1)


async def linked(accounts: Accounts, tenant: UUID, **overrides: object) -> Account:
    account = replace(an_account(tenant_id=tenant, id=uuid4(), linked_at=NOW), **overrides)  # type: ignore[arg-type]
    await accounts.save(account, actor=operator("olga"))
    return account


async def record_health(
    accounts: Accounts, account: Account, status: AccountStatus, problem: str | None = None
) -> bool:
    return await accounts.save_health(account, status=status, problem=problem, actor=system("account_health"))


async def test_an_account_is_scanned_once_per_link(
    accounts: Accounts, tenants: Tenants, tenant: UUID, other_tenant: UUID, clock: FakeClock
) -> None:
    one, two = (
        await linked(accounts, tenant),
        await linked(accounts, other_tenant, linked_at=NOW + timedelta(minutes=1)),
    )
    for status in ("pending", "expired", "revoked", "error"):
        await linked(accounts, tenant, status=status)
    assert [a.id for a in await accounts.list_to_scan()] == [one.id, two.id]
    assert [a.id for a in await accounts.list_to_scan(other_tenant)] == [two.id]
    assert [a.id for a in await accounts.list_to_scan(limit=1)] == [one.id]
    await linked(accounts, tenant, linked_at=NOW + timedelta(minutes=2))  # one of each tenant, the longest waiting
    assert [a.id for a in await accounts.list_to_scan()] == [one.id, two.id]

    clock.advance(minutes=5)
    await accounts.note_scan(one, actor=system("warm_scan"))
    [three] = await accounts.list_to_scan(tenant)
    await accounts.note_scan(three, actor=system("warm_scan"))
    assert await accounts.list_to_scan(tenant) == []
    await accounts.save(replace(one, linked_at=clock() + timedelta(minutes=1)), actor=operator("olga"))
    assert [(a.id, a.scanned_at) for a in await accounts.list_to_scan(tenant)] == [(one.id, clock())]
    await tenants.pause(tenant, actor=operator("olga"), reason=None)
    assert [a.id for a in await accounts.list_to_scan()] == [two.id]


async def test_a_health_check_changes_the_status_and_is_audited(
    accounts: Accounts, audit_log: AuditLogger, tenant: UUID, clock: FakeClock
) -> None:
    account = await linked(accounts, tenant)
    clock.advance(minutes=5)
    assert await record_health(accounts, account, AccountStatus.EXPIRED, "its login has expired")
    [stored] = await accounts.list_accounts(tenant)
    assert stored == replace(account, status=AccountStatus.EXPIRED, problem="its login has expired", checked_at=clock())
    row = (await audit_log.tail(tenant, limit=1))[0].entry
    assert (row.category, row.actor.type, row.actor.id) == ("connected_accounts.update", "system", "account_health")
    assert row.payload["changed"] == {"status": "expired", "problem": "its login has expired"}


async def test_a_health_check_without_a_change_records_only_its_time(
    accounts: Accounts, audit_log: AuditLogger, tenant: UUID, clock: FakeClock
) -> None:
    account = await linked(accounts, tenant)
    rows = len(await audit_log.tail(tenant, limit=99))
    clock.advance(minutes=5)
    assert await record_health(accounts, account, AccountStatus.CONNECTED)
    await accounts.note_scan(account, actor=system("warm_scan"))
    assert len(await audit_log.tail(tenant, limit=99)) == rows
    assert (await accounts.list_accounts(tenant))[0].checked_at == clock()


async def test_a_health_check_of_an_account_that_was_relinked_meanwhile_is_not_written(
    accounts: Accounts, tenant: UUID
) -> None:
    account = await linked(accounts, tenant, expires_at=NOW)
    anew = replace(account, linked_at=LATER, expires_at=LATER + timedelta(days=90))
    await accounts.save(anew, actor=operator("olga"))
    assert not await record_health(accounts, account, AccountStatus.EXPIRED, "its login has expired")
    assert await accounts.list_accounts(tenant) == [anew]


async def test_a_health_check_ignores_revoked_and_unknown_accounts(accounts: Accounts, tenant: UUID) -> None:
    account = await linked(accounts, tenant, status="revoked")
    assert not await record_health(accounts, account, AccountStatus.CONNECTED)
    assert not await record_health(accounts, an_account(tenant_id=tenant, id=uuid4()), AccountStatus.CONNECTED)
    assert [a.status for a in await accounts.list_accounts(tenant)] == ["revoked"]


async def test_an_unknown_account_status_is_refused(accounts: Accounts, tenant: UUID) -> None:
    account = await linked(accounts, tenant)
    with pytest.raises(InvalidInput, match="status"):
        await record_health(accounts, account, cast("AccountStatus", "tired"))


async def test_an_account_that_is_connected_again_releases_what_it_held(
    accounts: Accounts, outbox: Outbox, tenant: UUID
) -> None:
    account = await linked(accounts, tenant, status="expired")
    envelope = await put_one(outbox, tenant)
    verdicts = ({"guardrail": "account", "decision": "hold", "reason": "expired", "until": LATER.isoformat()},)
    await close(
        outbox,
        await take_one(outbox),
        Disposition.HOLD,
        reason="account: expired",
        next_run_at=LATER,
        verdicts=verdicts,
    )
    assert await record_health(accounts, account, AccountStatus.EXPIRED)
    assert (await outbox.get(tenant, envelope.id)).next_run_at == LATER
    await record_health(accounts, account, AccountStatus.CONNECTED)
    assert ((await outbox.get(tenant, envelope.id)).next_run_at, (await outbox.get(tenant, envelope.id)).attempts) == (
        NOW,
        0,
    )


async def test_a_revoked_account_stays_revoked_until_it_is_linked_again(accounts: Accounts, tenant: UUID) -> None:
    account = await linked(accounts, tenant, status="revoked")
    for status in ("connected", "pending", "error"):
        with pytest.raises(StateConflict, match=f"status: account {account.id} stays revoked"):
            await accounts.save(replace(account, status=AccountStatus(status)), actor=operator("olga"))
    await accounts.save(replace(account, scopes=("read",)), actor=operator("olga"))
    assert [a.status for a in await accounts.list_accounts(tenant)] == ["revoked"]

    again = replace(account, status=AccountStatus.CONNECTED, linked_at=NOW + timedelta(minutes=1))
    await accounts.save(again, actor=operator("olga"))
    assert [a.status for a in await accounts.list_accounts(tenant)] == ["connected"]
