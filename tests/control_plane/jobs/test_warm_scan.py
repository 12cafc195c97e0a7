"""An account is scanned as soon as it is connected, within risk, scopes, rate limits and time."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from control_plane.jobs import (
    warm_scan,
)
from services.accounts import Account
from services.envelope import Actor, Risk
from services.errors import InvalidInput, Locked, NotReady
from services.guardrails import GuardrailSettings, RateRequest
from services.tools import Failed
from tests.builders import NOW, a_listing, operator
from tests.control_plane.jobs.world import LIST, SEND, World


async def signals(world: World, tenant: UUID) -> list[tuple[str, Any]]:
    return [(signal.tool_slug, signal.value) for signal in await world.backends.evidence.list_signals(tenant)]


async def test_a_connected_account_is_scanned_at_once_and_only_once(world: World) -> None:
    assert not await warm_scan.is_needed(world.context)
    account = await world.link(world.acme)
    assert await warm_scan.is_needed(world.context)
    assert await world.run(warm_scan.JOB) == (
        "succeeded",
        {"read": 1, "evidence": 1, "signals": 1, "accounts": 1},
        None,
    )
    assert not await warm_scan.is_needed(world.context)
    [call] = world.mail.calls
    assert (call.tool.tool_slug, call.arguments, call.connected_account_id) == ("MAIL__list", {}, str(account))
    assert await signals(world, world.acme) == [
        ("MAIL__list", {"kind": "object", "fields": 1, "items": {"messages": 2}})
    ]
    assert await signals(world, world.zebra) == []


async def test_a_requested_scan_reads_again_and_stores_nothing_twice(world: World) -> None:
    await world.link(world.acme)
    await world.run(warm_scan.JOB)
    status, counts, _ = await world.run(warm_scan.JOB, requested=True)
    assert (status, counts["evidence"], counts["signals"]) == ("succeeded", 0, 0)
    assert len(await world.backends.evidence.list_evidence(world.acme)) == 1


async def test_a_failing_tool_is_reported_and_the_account_counts_as_scanned(world: World) -> None:
    await world.link(world.acme)
    world.mail.answer = Failed(error="mail is down", retryable=True)
    assert await world.run(warm_scan.JOB) == ("failed", {"failed": 1, "accounts": 1}, "MAIL__list: mail is down")
    assert not await warm_scan.is_needed(world.context)


async def test_a_read_only_hint_does_not_enable_a_tool_for_scans(world: World) -> None:
    assert [row.scan for row in a_listing(LIST, SEND, source="mail").rows] == [None, None]
    await world.sync(LIST, SEND, scan=None)
    await world.link(world.acme)
    assert await warm_scan.is_needed(world.context)  # although it is requested again at once
    assert await world.run(warm_scan.JOB) == ("succeeded", {"accounts": 1, "without_tools": 1}, None)
    assert world.mail.calls == []
    assert not await warm_scan.is_needed(world.context)


async def test_only_active_tools_are_scanned(world: World) -> None:
    await world.sync(replace(LIST, description="Lists mail. And more."), SEND)
    await world.link(world.acme)
    assert await world.run(warm_scan.JOB) == ("succeeded", {"accounts": 1, "without_tools": 1}, None)
    assert world.mail.calls == []


@pytest.mark.parametrize(
    "rule", [{"risk": Risk.HIGH}, {"required_scopes": ("MAIL.READ",)}, {"rate_bucket": "mail.day"}], ids=str
)
async def test_a_scan_keeps_to_risk_scopes_and_rate(world: World, rule: dict[str, Any]) -> None:
    settings = GuardrailSettings(tenant_id=world.acme, rate_limits={"mail.day": {"limit": 1, "per_seconds": 86400}})
    await world.backends.guardrails.save(settings, actor=operator("olga"))
    await world.sync(LIST, SEND, **rule)
    await world.link(world.acme, scopes=())
    await world.run(warm_scan.JOB)
    await world.run(warm_scan.JOB, requested=True)
    assert len(world.mail.calls) == (1 if "rate_bucket" in rule else 0)


async def test_a_paused_tenant_is_scanned_after_it_is_resumed(world: World) -> None:
    await world.link(world.acme)
    await world.backends.tenants.pause(world.acme, actor=operator("olga"), reason=None)
    assert not await warm_scan.is_needed(world.context)
    await world.run(warm_scan.JOB, requested=True)
    assert world.mail.calls == []
    await world.backends.tenants.resume(world.acme, actor=operator("olga"))
    await world.run(warm_scan.JOB, requested=True)
    assert len(world.mail.calls) == 1


@pytest.mark.parametrize("requested", [False, True], ids=["scheduled", "requested"])
@pytest.mark.parametrize(
    ("error", "problem"),
    [
        (Locked("database: locked"), "tenant {tenant}: database: locked"),
        (KeyError("s3cret"), "a bug: KeyError: see job.bug in the log"),
    ],
)
async def test_an_account_whose_scan_cannot_be_noted_does_not_delay_the_other_accounts_of_its_tenant(
    world: World, monkeypatch: pytest.MonkeyPatch, error: Exception, problem: str, requested: bool
) -> None:
    accounts = [await world.link(world.acme) for _ in range(3)]
    await world.link(world.zebra)
    [locked] = [account.id for account in await world.backends.accounts.list_to_scan(world.acme)]
    note_scan = world.backends.accounts.note_scan

    async def fail_for_one(account: Account, *, actor: Actor) -> None:
        if account.id == locked:
            raise error
        await note_scan(account, actor=actor)

    monkeypatch.setattr(world.backends.accounts, "note_scan", fail_for_one)
    status, counts, reported = await world.run(warm_scan.JOB, requested=requested)
    assert (status, counts["accounts"], reported) == ("failed", 4, problem.format(tenant=world.acme))
    scanned = {a.id: a.scanned_at for a in await world.backends.accounts.list_accounts(world.acme)}
    assert scanned == {account: None if account == locked else NOW for account in accounts}


async def test_a_database_that_is_away_ends_the_scans_of_a_tenant(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(2):
        await world.link(world.acme)

    async def fail(*_: object, **__: object) -> None:
        raise NotReady("database: not reachable")

    monkeypatch.setattr(world.backends.accounts, "note_scan", fail)
    assert await world.run(warm_scan.JOB) == ("failed", {}, "database: not reachable")
    assert len(world.mail.calls) == 1


async def test_tenants_are_scanned_concurrently(world: World) -> None:
    world.mail.company = asyncio.Barrier(2)
    await world.link(world.acme)
    await world.link(world.zebra)
    async with asyncio.timeout(60):
        assert (await world.run(warm_scan.JOB))[1]["read"] == 2


async def test_a_tenant_with_many_accounts_does_not_delay_other_tenants(world: World) -> None:
    for _ in range(3):
        await world.link(world.acme)
    await world.link(world.zebra)
    assert (await world.run(warm_scan.JOB))[1]["accounts"] == 2
    assert [call.tool.tenant_id for call in world.mail.calls].count(world.zebra) == 1


@pytest.mark.parametrize(
    ("raised", "said"),
    [
        (NotReady("guardrails: the database did not answer"), "guardrails: the database did not answer"),
        (KeyError("s3cret"), "a bug: KeyError: see job.bug in the log"),
    ],
)
async def test_an_unreadable_tenant_is_reported_and_does_not_stop_the_others(
    world: World, monkeypatch: pytest.MonkeyPatch, raised: Exception, said: str
) -> None:
    await world.link(world.acme)
    await world.link(world.zebra)
    policies = world.backends.guardrails.policies

    async def broken(tenants: Sequence[UUID]) -> Any:
        if world.acme in tenants:
            raise raised
        return await policies(tenants)

    monkeypatch.setattr(world.backends.guardrails, "policies", broken)
    status, counts, error = await world.run(warm_scan.JOB)
    assert (status, counts["read"], error) == ("failed", 1, said)


async def test_an_answer_that_cannot_be_stored_is_reported_and_not_requested_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.link(world.acme)

    async def refuse(*_: object, **__: object) -> None:
        raise InvalidInput("content", "breaks its rule")

    monkeypatch.setattr(world.backends.evidence, "save", refuse)
    assert await world.run(warm_scan.JOB) == ("failed", {"read": 1, "accounts": 1}, "content: breaks its rule")
    assert not await warm_scan.is_needed(world.context)


async def test_a_retry_after_given_to_a_scan_also_holds_the_worker(world: World) -> None:
    limits = {"mail.day": {"limit": 100, "per_seconds": 86400}}
    await world.backends.guardrails.save(
        GuardrailSettings(tenant_id=world.acme, rate_limits=limits), actor=operator("olga")
    )
    await world.sync(LIST, SEND, rate_bucket="mail.day")
    account = await world.link(world.acme)
    world.mail.answer = Failed(error="busy", retryable=True, retry_after=timedelta(days=300))
    await world.run(warm_scan.JOB)
    ask = RateRequest(tenant_id=world.acme, bucket=f"mail.day@{account}", wanted=1, capacity=100, per_seconds=86400)
    [grant] = (await world.backends.guardrails.take_rate_tokens([ask])).values()
    assert grant.granted == 0
