"""Two tenants whose catalogs know a mail server, for tests of jobs."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from control_plane.jobs import (
    Job,
    JobContext,
    JobReport,
)
from control_plane.jobs.run import run_job
from services.accounts import AccountHealth
from services.backends import Backends
from services.catalog import ListedTool
from services.catalog.rules import ToolRule
from services.envelope import Actor, ActorType
from services.sync_catalog import sync_catalog
from services.tools import Outcome, Success, ToolCall
from tests.builders import a_listing, an_account, operator
from tests.clock import FakeClock

LIST = ListedTool(
    name="list", description="Lists mail.", schema={"type": "object"}, annotations={"readOnlyHint": True},
    config={"server": "mail", "tool": "list"},
)  # fmt: skip
SCAN = {"category": "mail", "arguments": {}}
SEND = ListedTool(name="send", config={"server": "mail", "tool": "send"})


@dataclass
class Mail:
    """Tools whose answers and listing the test sets. Records the calls."""

    listing: list[ListedTool] | Exception = field(default_factory=lambda: [LIST, SEND])
    answer: Outcome = field(default_factory=lambda: Success(result={"messages": ["one", "two"]}))
    calls: list[ToolCall] = field(default_factory=list)
    company: asyncio.Barrier | None = None
    """A barrier at which concurrent calls wait for each other."""
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


def a_job(run: Callable[[JobContext], Awaitable[JobReport]], **overrides: Any) -> Job:
    return Job(**{"name": "a_job", "description": "something", "every": timedelta(hours=1), "run": run, **overrides})
