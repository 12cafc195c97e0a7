"""What the clock starts: once over all schedulers, with a row per run, and nothing of one job stops another."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any, cast
from uuid import UUID, uuid4

import pytest

from control_plane.jobs import (
    Job,
    JobContext,
    JobReport,
    account_health,
    approval_expiry,
    catalog_drift,
    dlq_gauge,
    retention,
    trickle_refresh,
    warm_scan,
)
from control_plane.jobs import run as running
from control_plane.jobs import scheduler as scheduling
from control_plane.jobs.metrics import REGISTRY
from control_plane.jobs.registry import JOBS
from control_plane.jobs.run import run_job
from control_plane.jobs.scheduler import run_scheduler
from services.accounts import Account, AccountHealth
from services.backends import Backends
from services.backends.open import memory_backends
from services.catalog import ListedTool, SyncedTool, Tool, ToolStatus
from services.catalog.rules import ToolRule
from services.check_account import status_by_expiry
from services.envelope import Actor, ActorType, Risk
from services.errors import InvalidInput, Locked, NotFound, NotReady, StateConflict, Unexplained
from services.guardrails import GuardrailSettings, RateRequest
from services.process.health import Health
from services.sync_catalog import sync_catalog, undecided_tools
from services.tenants import Tenant
from services.tools import Failed, Outcome, Success, ToolCall
from services.tools.dispatch import Tools
from tests.builders import NOW, a_listing, an_account, operator
from tests.clock import FakeClock

LIST = ListedTool(
    name="list", description="Lists mail.", schema={"type": "object"}, annotations={"readOnlyHint": True},
    config={"server": "mail", "tool": "list"},
)  # fmt: skip
SCAN = {"category": "mail", "arguments": {}}
SEND = ListedTool(name="send", config={"server": "mail", "tool": "send"})


@dataclass
class Mail:
    """Tools whose answers and listing the test sets; what is a ToolCall was made."""

    listing: list[ListedTool] | Exception = field(default_factory=lambda: [LIST, SEND])
    answer: Outcome = field(default_factory=lambda: Success(result={"messages": ["one", "two"]}))
    calls: list[ToolCall] = field(default_factory=list)
    company: asyncio.Barrier | None = None
    """Where calls wait for each other."""
    health: dict[str, AccountHealth | Exception] = field(default_factory=dict)

    async def account_health(self, account_id: str) -> AccountHealth:
        told = self.health[account_id]
        if isinstance(told, Exception):
            raise told
        return told

    async def list_tools(self, provider: str, source: str) -> list[ListedTool]:
        assert (provider, source) == ("mcp", "mail")
        if isinstance(self.listing, Exception):
            raise self.listing
        return self.listing

    async def execute(self, call: ToolCall) -> Outcome:
        self.calls.append(call)
        if self.company:
            await self.company.wait()
        return self.answer


@dataclass
class World:
    """Two tenants on the memory backend, whose catalogs know the mail server."""

    context: JobContext
    mail: Mail
    acme: UUID
    zebra: UUID
    clock: FakeClock

    @property
    def backends(self) -> Backends:
        return self.context.backends

    async def sync(self, *listed: ListedTool, **rule: Any) -> None:
        """The operator marks MAIL__list for scans, and may say more of it."""
        for tenant in (self.acme, self.zebra):
            rules = {"MAIL__list": ToolRule(**{"scan": SCAN, **rule}), "MAIL__*": ToolRule(**rule)}
            listing = a_listing(*listed, source="mail", rules=rules)
            await sync_catalog(
                self.backends, tenant, listing, actor=Actor(type=ActorType.OPERATOR, id="olga"), trusted=True
            )

    async def link(self, tenant: UUID, **overrides: Any) -> UUID:
        account = an_account(tenant_id=tenant, id=uuid4(), provider="mail", linked_at=self.clock(), **overrides)
        await self.backends.accounts.save(account, actor=operator("olga"))
        return account.id

    async def run(self, job: Job, *, requested: bool = False) -> tuple[str, dict[str, int], str | None]:
        run = await run_job(job, replace(self.context, is_requested=requested), worker_id="one")
        assert run is not None
        return run.status, dict(run.counts), run.error


@pytest.fixture
async def world() -> AsyncIterator[World]:
    clock = FakeClock()
    clock.now = NOW
    async with memory_backends(clock=clock) as backends:
        acme, zebra = uuid4(), uuid4()
        for tenant in (acme, zebra):
            await backends.tenants.save(Tenant(id=tenant, name="a tenant"), actor=operator("olga"))
        mail = Mail()
        context = JobContext(backends=backends, tools=cast("Tools", mail), rules={}, keep_settled=timedelta(days=90))
        world = World(context, mail, acme, zebra, clock)
        await world.sync(LIST, SEND)
        yield world


def a_job(run: Callable[[JobContext], Awaitable[JobReport]], **overrides: Any) -> Job:
    return Job(**{"name": "a_job", "description": "something", "every": timedelta(hours=1), "run": run, **overrides})


# -- one run ------------------------------------------------------------------------------------------------------


async def test_a_run_is_written_down_with_its_counts(world: World) -> None:
    async def work(_: JobContext) -> JobReport:
        return JobReport(counts={"done": 3})

    assert await world.run(a_job(work)) == ("succeeded", {"done": 3}, None)
    [kept] = await world.backends.job_runs.list_runs("a_job")
    assert (kept.status, kept.counts, kept.worker_id) == ("succeeded", {"done": 3}, "one")
    assert await run_job(a_job(work), world.context, worker_id="two") is None


@pytest.mark.parametrize(
    ("raised", "said"),
    [
        (NotReady("the database is away"), "the database is away"),
        (KeyError("s3cret"), "a bug: KeyError: see job.bug in the log"),
    ],
)
async def test_what_a_job_raises_ends_its_run_and_nothing_else(world: World, raised: Exception, said: str) -> None:
    async def work(_: JobContext) -> JobReport:
        raise raised

    assert await world.run(a_job(work)) == ("failed", {}, said)


async def test_a_run_whose_lease_was_lost_is_called_off(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "LEASE_FOR", timedelta(seconds=0.03))
    called_off = asyncio.Event()

    async def work(_: JobContext) -> JobReport:
        world.clock.advance(minutes=2)
        other = await world.backends.job_runs.take(
            "a_job", "two", run_id=uuid4(), every=None, lease_for=timedelta(hours=1)
        )
        assert other is not None
        try:
            await asyncio.Event().wait()
        finally:
            called_off.set()
        return JobReport()

    async with asyncio.timeout(60):
        status, _, error = await world.run(a_job(work))
    assert called_off.is_set()
    assert (status, error) == ("lost", "its lease expired before it finished")


async def test_a_run_that_nobody_wants_leaves_no_row_but_a_person_gets_it(world: World) -> None:
    async def nothing(_: JobContext) -> JobReport:
        return JobReport()

    async def no(_: JobContext) -> bool:
        return False

    job = a_job(nothing, is_needed=no)
    assert await run_job(job, world.context, worker_id="one") is None
    assert await world.backends.job_runs.list_runs() == []
    assert (await world.run(job, requested=True))[0] == "succeeded"


async def test_two_schedulers_run_each_job_once_and_a_stop_calls_off_what_runs(world: World) -> None:
    begun, done, ends = asyncio.Event(), asyncio.Event(), []

    async def quick(_: JobContext) -> JobReport:
        ends.append("quick")
        done.set()
        return JobReport()

    async def slow(_: JobContext) -> JobReport:
        begun.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            ends.append("slow called off")
            raise
        return JobReport()

    jobs = [a_job(quick, name="quick"), a_job(slow, name="slow")]
    stop = asyncio.Event()
    async with asyncio.timeout(60), asyncio.TaskGroup() as group:
        for name in ("one", "two"):
            group.create_task(
                run_scheduler(jobs, world.context, worker_id=name, health=Health(stalled_after=60), until=stop)
            )
        await begun.wait()
        await done.wait()
        stop.set()
    assert sorted(ends) == ["quick", "slow called off"]
    assert [(run.job, run.status) for run in await world.backends.job_runs.list_runs("slow")] == [("slow", "lost")]


async def test_a_clock_that_is_put_back_and_right_again_stops_no_scheduler(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    shift, looked = [timedelta(0)], asyncio.Event()

    class Shifted(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return datetime.now(tz) + shift[0]

    async def look(_: JobContext) -> JobReport:
        looked.set()
        return JobReport()

    async def looks_again() -> None:
        looked.clear()
        await looked.wait()

    monkeypatch.setattr("apscheduler.schedulers.base.datetime", Shifted)
    monkeypatch.setattr(scheduling, "utc_now", lambda: Shifted.now(UTC))
    monkeypatch.setattr("control_plane.jobs.scheduler.time.time", lambda: Shifted.now(UTC).timestamp())
    monkeypatch.setattr(scheduling, "CLOCK_CHECK_EVERY", 0.01)
    stop = asyncio.Event()
    job = a_job(look, every=timedelta(seconds=1), on_every_scheduler=True)
    async with asyncio.timeout(60), asyncio.TaskGroup() as group:
        group.create_task(
            run_scheduler([job], world.context, worker_id="one", health=Health(stalled_after=60), until=stop)
        )
        await looked.wait()
        for wrong in (timedelta(days=-1), timedelta(0), timedelta(days=1), timedelta(0)):
            shift[0] = wrong
            await looks_again()
            await looks_again()
        stop.set()


async def test_a_scheduler_says_when_the_database_does_not_answer(world: World) -> None:
    away, back = asyncio.Event(), asyncio.Event()

    async def is_needed(_: JobContext) -> bool:
        if not away.is_set():
            away.set()
            raise NotReady("database: not reachable")
        back.set()
        return False

    async def nothing(_: JobContext) -> JobReport:
        return JobReport()

    health, stop = Health(stalled_after=60), asyncio.Event()
    job = a_job(nothing, every=timedelta(seconds=1), is_needed=is_needed)
    async with asyncio.timeout(60), asyncio.TaskGroup() as group:
        group.create_task(run_scheduler([job], world.context, worker_id="one", health=health, until=stop))
        await away.wait()
        await asyncio.sleep(0)
        assert health.problems() == ["database: not reachable"]
        await back.wait()
        await asyncio.sleep(0)
        assert health.problems() == []
        stop.set()
    assert health.problems() == ["stopping"]


async def test_what_is_read_for_metrics_is_read_by_every_scheduler(world: World) -> None:
    reads: list[str] = []
    both = asyncio.Event()

    async def read(_: JobContext) -> JobReport:
        reads.append("read")
        if len(reads) == 2:
            both.set()
        return JobReport()

    jobs, stop = [a_job(read, on_every_scheduler=True)], asyncio.Event()
    async with asyncio.timeout(60), asyncio.TaskGroup() as group:
        for name in ("one", "two"):
            group.create_task(
                run_scheduler(jobs, world.context, worker_id=name, health=Health(stalled_after=60), until=stop)
            )
        await both.wait()
        stop.set()
    assert len(await world.backends.job_runs.list_runs("a_job")) == 1


# -- scans --------------------------------------------------------------------------------------------------------


async def signals(world: World, tenant: UUID) -> list[tuple[str, Any]]:
    return [(signal.tool_slug, signal.value) for signal in await world.backends.evidence.list_signals(tenant)]


async def test_a_connected_account_is_read_through_at_once_and_once(world: World) -> None:
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


async def test_a_scan_that_a_person_wants_reads_again_and_writes_nothing_twice(world: World) -> None:
    await world.link(world.acme)
    await world.run(warm_scan.JOB)
    status, counts, _ = await world.run(warm_scan.JOB, requested=True)
    assert (status, counts["evidence"], counts["signals"]) == ("succeeded", 0, 0)
    assert len(await world.backends.evidence.list_evidence(world.acme)) == 1


async def test_a_tool_that_fails_is_told_of_and_the_account_counts_as_scanned(world: World) -> None:
    await world.link(world.acme)
    world.mail.answer = Failed(error="mail is down", retryable=True)
    assert await world.run(warm_scan.JOB) == ("failed", {"failed": 1, "accounts": 1}, "MAIL__list: mail is down")
    assert not await warm_scan.is_needed(world.context)


async def test_a_tool_is_not_scanned_because_its_provider_says_that_it_reads(world: World) -> None:
    assert [row.scan for row in a_listing(LIST, SEND, source="mail").rows] == [None, None]
    await world.sync(LIST, SEND, scan=None)
    await world.link(world.acme)
    assert await warm_scan.is_needed(world.context)  # at once, all the same
    assert await world.run(warm_scan.JOB) == ("succeeded", {"accounts": 1, "without_tools": 1}, None)
    assert world.mail.calls == []
    assert not await warm_scan.is_needed(world.context)


async def test_only_tools_that_are_as_accepted_are_scanned(world: World) -> None:
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


async def test_a_paused_tenant_is_scanned_once_it_goes_on(world: World) -> None:
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


async def test_tenants_are_read_side_by_side(world: World) -> None:
    world.mail.company = asyncio.Barrier(2)
    await world.link(world.acme)
    await world.link(world.zebra)
    async with asyncio.timeout(60):
        assert (await world.run(warm_scan.JOB))[1]["read"] == 2


async def test_a_tenant_with_many_accounts_keeps_nobody_waiting(world: World) -> None:
    for _ in range(3):
        await world.link(world.acme)
    await world.link(world.zebra)
    assert (await world.run(warm_scan.JOB))[1]["accounts"] == 2
    assert [call.tool.tenant_id for call in world.mail.calls].count(world.zebra) == 1


async def test_what_there_is_no_time_for_is_read_later(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    await world.link(world.acme)
    monkeypatch.setattr("control_plane.jobs.scan_tenants.TIME_PER_TENANT", timedelta(0))
    assert (await world.run(warm_scan.JOB))[1] == {"postponed": 1, "accounts": 1}
    monkeypatch.undo()
    assert (await world.run(trickle_refresh.JOB))[1]["read"] == 1


@pytest.mark.parametrize(
    ("raised", "said"),
    [
        (NotReady("guardrails: the database did not answer"), "guardrails: the database did not answer"),
        (KeyError("s3cret"), "a bug: KeyError: see job.bug in the log"),
    ],
)
async def test_a_tenant_that_cannot_be_read_is_told_of_and_stops_no_other(
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


@pytest.mark.parametrize("job", [catalog_drift.JOB, dlq_gauge.JOB], ids=lambda job: job.name)
@pytest.mark.parametrize(
    ("raised", "stops_all"), [(Locked("database: locked"), False), (Unexplained("database: a trigger"), False),
                              (NotReady("database: not reachable"), True)],
)  # fmt: skip
async def test_only_a_database_that_is_away_stops_a_job_for_all(
    world: World, monkeypatch: pytest.MonkeyPatch, job: Job, raised: Exception, stops_all: bool
) -> None:
    list_tools, listed = world.backends.catalog.list_tools, []
    first, *others = [tenant.id for tenant in await world.backends.tenants.list_tenants()]

    async def listing(tenant: UUID) -> list[Tool]:
        if tenant == first:
            raise raised
        listed.append(tenant)
        return await list_tools(tenant)

    monkeypatch.setattr(world.backends.catalog, "list_tools", listing)
    status, _, error = await world.run(job)
    assert (status, set(listed)) == ("failed", set() if stops_all else set(others))
    assert error == (str(raised) if stops_all else f"tenant {first}: {raised}")


async def test_what_cannot_be_kept_is_told_of_and_asked_for_no_more(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.link(world.acme)

    async def refuse(*_: object, **__: object) -> None:
        raise InvalidInput("content", "breaks its rule")

    monkeypatch.setattr(world.backends.evidence, "save", refuse)
    assert await world.run(warm_scan.JOB) == ("failed", {"read": 1, "accounts": 1}, "content: breaks its rule")
    assert not await warm_scan.is_needed(world.context)


async def test_an_account_whose_look_cannot_be_written_stops_no_other(
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


async def test_what_was_read_is_read_again_within_the_hour_and_not_before_half_of_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trickle_refresh, "utc_now", world.clock)
    await world.link(world.acme)
    assert (await world.run(trickle_refresh.JOB))[1] == {"tools": 0}  # what was never read is the warm scan's
    await world.run(warm_scan.JOB)
    reads = []
    for minute in range(5, 70, 5):
        world.clock.advance(minutes=5)
        await world.run(trickle_refresh.JOB)
        reads.append((minute, len(world.mail.calls)))
    first = min(minute for minute, calls in reads if calls == 2)
    assert 30 <= first <= 60


async def test_accounts_spread_out_and_tools_of_one_category_stay_together() -> None:
    accounts = [an_account(id=uuid4()) for _ in range(200)]
    turns = [trickle_refresh.refresh_after("mail", account, NOW) for account in accounts]
    assert timedelta(minutes=30) <= min(turns) < timedelta(minutes=35)
    assert timedelta(minutes=55) < max(turns) <= timedelta(minutes=60)
    assert trickle_refresh.refresh_after("mail", accounts[0], NOW) == turns[0]


# -- the others ---------------------------------------------------------------------------------------------------


async def test_drift_is_found_counted_and_quarantined(world: World) -> None:
    world.mail.listing = [replace(LIST, schema={"type": "object", "required": ["folder"]}), SEND]
    status, counts, error = await world.run(catalog_drift.JOB)
    assert (status, counts, error) == (
        "succeeded", {"sources": 1, "new": 0, "drifted": 2, "removed": 0, "refused": 0, "failed": 0}, None,
    )  # fmt: skip
    await world.run(dlq_gauge.JOB)
    assert REGISTRY.get_sample_value("catalog_quarantined", {"tenant": str(world.acme)}) == 1
    row = (await world.backends.audit_log.tail(world.acme, limit=1))[0].entry
    assert (row.category, row.actor.id) == ("tool_catalog.drifted", "catalog_drift")


async def test_the_trouble_of_one_tenant_hides_no_drift_from_another(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = [tenant.id for tenant in await world.backends.tenants.list_tenants()]
    changed = replace(LIST, schema={"type": "object", "required": ["folder"]})
    world.mail.listing = [changed, SEND]
    sync_of = world.backends.catalog.sync

    async def syncing(tenant: UUID, **kwargs: Any) -> list[SyncedTool]:
        if tenant == first:
            raise StateConflict("source", "the catalog changed while mail was read; sync again")
        return await sync_of(tenant, **kwargs)

    monkeypatch.setattr(world.backends.catalog, "sync", syncing)
    status, counts, error = await world.run(catalog_drift.JOB)
    assert (status, counts["drifted"], counts["failed"]) == ("failed", 1, 1)
    assert error == f"mail: tenant {first}: source: the catalog changed while mail was read; sync again"
    drifted = {
        tool.status for tool in await world.backends.catalog.list_tools(second) if tool.tool_slug == "MAIL__list"
    }
    assert ToolStatus.QUARANTINED in drifted


async def test_a_catalog_that_cannot_be_read_hides_no_drift_from_another(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = [tenant.id for tenant in await world.backends.tenants.list_tenants()]
    world.mail.listing = [replace(LIST, description="Lists mail. And more."), SEND]
    list_tools = world.backends.catalog.list_tools

    async def listing(tenant: UUID) -> list[Tool]:
        if tenant == first:
            raise StateConflict("schema", "cannot be read")
        return await list_tools(tenant)

    monkeypatch.setattr(world.backends.catalog, "list_tools", listing)
    status, counts, error = await world.run(catalog_drift.JOB)
    assert (status, counts["drifted"], counts["failed"]) == ("failed", 1, 1)
    assert error == f"tenant {first}: schema: cannot be read"
    assert [tool.tool_slug for tool in undecided_tools(await list_tools(second))] == ["MAIL__list"]


@pytest.mark.parametrize(
    ("listing", "said"),
    [
        (NotReady("MCP server 'mail' did not list its tools within 30 s"), "did not list its tools within 30 s"),
        ([LIST, LIST, SEND], "mail: left out list: two tools have this name"),
        ([replace(LIST, schema={"type": "no such"}), SEND], "mail: left out list: its schema is not a JSON Schema"),
    ],
)
async def test_a_source_that_misbehaves_fails_the_run_in_its_words(
    world: World, listing: list[ListedTool] | Exception, said: str
) -> None:
    world.mail.listing = listing
    status, _, error = await world.run(catalog_drift.JOB)
    assert status == "failed"
    assert said in str(error)


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
def test_an_account_expires_by_its_own_clock(status: str, ends_in: timedelta | None, became: str) -> None:
    account = an_account(status=status, expires_at=None if ends_in is None else NOW + ends_in)
    assert status_by_expiry(account, NOW)[0] == became


async def test_an_account_that_ran_out_is_marked(world: World) -> None:
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


async def test_a_tool_that_asks_a_scan_for_a_rest_gets_it_from_the_worker_too(world: World) -> None:
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


@pytest.mark.parametrize("job", [approval_expiry.JOB, retention.JOB, dlq_gauge.JOB], ids=lambda job: job.name)
async def test_with_nothing_to_do_a_job_counts_nothing(world: World, job: Job) -> None:
    status, counts, error = await world.run(job)
    assert (status, set(counts.values()), error) == ("succeeded", {0}, None)


def test_every_job_has_a_file_of_its_name() -> None:
    files: Sequence[str] = [job.run.__module__.rpartition(".")[2] for job in JOBS.values()]
    assert list(JOBS) == files
