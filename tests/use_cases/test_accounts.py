"""Linking an account, setting its status, and checking its health."""

from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID, uuid4

import pytest

from services.accounts import Account, AccountHealth, AccountStatus
from services.backends import Backends
from services.check_account import check_account
from services.errors import NotFound
from services.link_account import link_account, set_account_status
from tests.builders import NOW
from tests.use_cases.actors import MARIA, last_act


async def link(backends: Backends, tenant: UUID, **changes: Any) -> Account:
    details = {"scopes": ["SLACK"], "expires_at": None, "login_id": None, **changes}
    return await link_account(backends, tenant, "slack", **details, actor=MARIA)


class Provider:
    """Answers with one health, or with an error."""

    def __init__(self, answer: AccountHealth | Exception) -> None:
        self.answer = answer

    async def account_health(self, account_id: str) -> AccountHealth:
        assert account_id == "ca_1"
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


async def check(backends: Backends, account: Account, answer: AccountHealth | Exception) -> tuple[bool, Account]:
    """Whether the check changed the account, and the account after it."""
    provider = cast("Any", Provider(answer))
    changed = await check_account(backends, provider, account, now=NOW, actor=MARIA)
    [after] = await backends.accounts.list_accounts(account.tenant_id)
    return changed, after


async def test_a_linked_account_is_connected_and_its_expiry_is_utc(backends: Backends, tenant: UUID) -> None:
    account = await link(backends, tenant, expires_at=datetime(2027, 1, 1), login_id="ca_1")  # noqa: DTZ001  # naive on purpose
    assert (account.status, account.scopes, account.metadata) == ("connected", ("SLACK",), {"composio_id": "ca_1"})
    assert account.expires_at is not None
    assert account.expires_at.isoformat() == "2027-01-01T00:00:00+00:00"
    assert [each.id for each in await backends.accounts.list_accounts(tenant)] == [account.id]
    assert (await last_act(backends, tenant))[1:] == (MARIA.type, MARIA.id)


async def test_the_status_of_an_account_can_be_set(backends: Backends, tenant: UUID) -> None:
    account = await link(backends, tenant)
    changed = await set_account_status(backends, tenant, account.id, AccountStatus.REVOKED, actor=MARIA)
    assert (changed.id, changed.status, changed.scopes) == (account.id, AccountStatus.REVOKED, account.scopes)


async def test_an_account_of_another_tenant_is_not_found(backends: Backends, tenant: UUID) -> None:
    account = await link(backends, tenant)
    with pytest.raises(NotFound) as caught:
        await set_account_status(backends, uuid4(), account.id, AccountStatus.REVOKED, actor=MARIA)
    assert (caught.value.what, caught.value.id) == ("account", str(account.id))


async def test_what_the_provider_says_counts_more_than_the_expiry(backends: Backends, tenant: UUID) -> None:
    account = await link(backends, tenant, login_id="ca_1", expires_at=NOW - timedelta(days=1))
    changed, after = await check(backends, account, AccountHealth(status="revoked", reason="gone\nfor good"))
    assert (changed, after.status, after.problem) == (True, AccountStatus.REVOKED, "gone for good")
    assert (await last_act(backends, tenant))[1:] == (MARIA.type, MARIA.id)


async def test_an_account_that_the_provider_does_not_know_is_in_error(backends: Backends, tenant: UUID) -> None:
    account = await link(backends, tenant, login_id="ca_1")
    _, after = await check(backends, account, NotFound("account", "ca_1"))
    assert (after.status, after.problem) == (AccountStatus.ERROR, "account: no account ca_1")


@pytest.mark.parametrize(
    ("expires_in", "status"),
    [(timedelta(days=3), "expiring"), (timedelta(days=3, seconds=1), "connected"), (timedelta(), "expired")],
)
async def test_a_healthy_account_expires_by_its_own_date(
    backends: Backends, tenant: UUID, expires_in: timedelta, status: str
) -> None:
    account = await link(backends, tenant, login_id="ca_1", expires_at=NOW + expires_in)
    changed, after = await check(backends, account, AccountHealth(status="connected"))
    assert (changed, after.status) == (status != "connected", status)
