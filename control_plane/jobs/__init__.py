"""What the clock starts: a file per job, `run.py` for one run, `scheduler.py` for all of them."""

import traceback
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

import structlog

from services.backends import Backends
from services.catalog.rules import ToolRule
from services.envelope import Actor, ActorType, Door
from services.errors import ControlPlaneError, concerns_one_tenant
from services.sync_catalog import Source
from services.tools.registry import Tools

log = structlog.get_logger("jobs")


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What a job works with."""

    backends: Backends
    tools: Tools
    rules: Mapping[str, ToolRule]
    keep_settled: timedelta
    trusted_sources: Collection[str] = ()
    """Whose new tools may be called before a person has looked."""
    tenant: UUID | None = None
    """This tenant alone; None for every one."""
    sources: Collection[Source] | None = None
    """These alone, for jobs that ask sources; None for every one."""
    asked: bool = False
    """A person wants it now: all of it, not only what is due."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a run did."""

    counts: Mapping[str, int] = field(default_factory=dict)
    problem: str | None = None
    """Why part of it could not be done, on one line; the run counts as failed then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One thing to do again and again."""

    name: str
    does: str
    """In a few words, for people."""
    every: timedelta
    run: Callable[[Desk], Awaitable[Report]]
    by_tenant: bool = True
    """It can be run for one tenant alone."""
    everywhere: bool = False
    """A scheduler that was not elected does it, too, without a row: what it reads is for this process's /metrics."""
    wanted: Callable[[Desk], Awaitable[bool]] | None = None
    """Asked first, where most moments find nothing to do: a run that is not wanted leaves no row."""

    @property
    def actor(self) -> Actor:
        """Who the audit log names."""
        return Actor(type=ActorType.SYSTEM, id=self.name, door=Door.JOB)


def tell_bug(exc: Exception, **of: str) -> str:
    """Log where it happened, and return what a run says of it: its own words may quote arguments."""
    at = traceback.extract_tb(exc.__traceback__)[-1]
    log.error("job.broke", error=type(exc).__name__, at=f"{at.filename}:{at.lineno}", **of)
    return f"a bug: {type(exc).__name__}; the log says where"


async def each_tenant(desk: Desk, do: Callable[[UUID], Awaitable[None]]) -> list[str]:
    """Do it for one tenant after the other; what went wrong with some, which is no other's trouble."""
    problems: list[str] = []
    for tenant in await tenants_of(desk):
        try:
            await do(tenant)
        except ControlPlaneError as exc:
            if not concerns_one_tenant(exc):
                raise
            problems.append(f"tenant {tenant}: {exc}")
        except Exception as exc:  # a bug that one tenant's rows wake must not take the others along
            problems.append(f"tenant {tenant}: {tell_bug(exc, tenant=str(tenant))}")
    return problems


async def tenants_of(desk: Desk) -> list[UUID]:
    """Whom the job is for."""
    return [each.id for each in await desk.backends.tenants.list_tenants() if desk.tenant in {None, each.id}]
