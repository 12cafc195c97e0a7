"""The health of an account: its own expiry, and what its provider reports."""

from datetime import timedelta
from typing import Any

import pytest

from control_plane.jobs import (
    account_health,
)
from services.accounts import AccountHealth
from services.check_account import status_by_expiry
from services.errors import InvalidInput, NotFound, NotReady
from tests.builders import NOW, an_account
from tests.control_plane.jobs.world import World


async def test_an_account_whose_check_cannot_be_stored_does_not_stop_the_others(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(2):
        await world.link(world.acme, expires_at=NOW)
    check, times = world.backends.accounts.save_health, iter([False])

    async def checking(*args: Any, **kwargs: Any) -> bool:
        if not next(times, True):
            raise InvalidInput("metadata", "breaks its rule")
        return await check(*args, **kwargs)

    monkeypatch.setattr(world.backends.accounts, "save_health", checking)
    monkeypatch.setattr(account_health, "utc_now", world.clock)
    status, counts, error = await world.run(account_health.JOB)
    assert (status, counts, error) == ("failed", {"accounts": 2, "changed": 1}, "metadata: breaks its rule")


@pytest.mark.parametrize(
    ("status", "ends_in", "became"),
    [
        ("connected", None, "connected"),
        ("connected", timedelta(days=4), "connected"),
        ("connected", timedelta(days=3), "expiring"),
        ("expiring", timedelta(days=9), "connected"),
        ("expiring", timedelta(0), "expired"),
        ("revoked", timedelta(0), "revoked"),
        ("pending", timedelta(0), "pending"),
    ],
)
def test_an_account_expires_by_its_own_expiry(status: str, ends_in: timedelta | None, became: str) -> None:
    account = an_account(status=status, expires_at=None if ends_in is None else NOW + ends_in)
    assert status_by_expiry(account, NOW)[0] == became


async def test_an_expired_account_is_marked(world: World) -> None:
    await world.link(world.acme, expires_at=NOW - timedelta(minutes=1))
    assert await world.run(account_health.JOB) == ("succeeded", {"accounts": 1, "changed": 1}, None)
    [account] = await world.backends.accounts.list_accounts(world.acme)
    assert (account.status, account.problem) == ("expired", "its login has expired: connect it again")
    assert (await world.run(account_health.JOB, requested=True))[1] == {"accounts": 1, "changed": 0}


@pytest.mark.parametrize(
    ("told", "became", "problem"),
    [
        (AccountHealth(status="connected"), "connected", None),
        (AccountHealth(status="expired", reason="refresh failed"), "expired", "refresh failed"),
        (AccountHealth(status="revoked", reason="by its owner"), "revoked", "by its owner"),
        (NotFound("account", "ca_1"), "error", "account: no account ca_1"),
        (NotReady("Composio answered 401: check ACP_COMPOSIO_API_KEY"), "error", "old"),
        (NotReady("Composio answered 429"), "error", "old"),
        (NotReady("Composio answered 500"), "error", "old"),
    ],
)
async def test_what_the_provider_says_of_an_account_is_its_health(
    world: World, told: AccountHealth | Exception, became: str, problem: str | None
) -> None:
    world.mail.health["ca_1"] = told
    await world.link(world.acme, metadata={"composio_id": "ca_1"}, status="error", problem="old")
    status, _, error = await world.run(account_health.JOB)
    [account] = await world.backends.accounts.list_accounts(world.acme)
    assert (account.status, account.problem) == (became, problem)
    assert (status, error) == (("failed", str(told)) if isinstance(told, NotReady) else ("succeeded", None))
