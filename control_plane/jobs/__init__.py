"""Scheduled jobs: one file per job, `run.py` for one run, `scheduler.py` for all of them."""

import traceback
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import structlog

from services.backends import Backends
from services.catalog.rules import ToolRule
from services.envelope import Actor, ActorType, Door
from services.errors import ControlPlaneError, concerns_one_tenant
from services.sync_catalog import Source
from services.tools.dispatch import Tools

if TYPE_CHECKING:
    from control_plane.settings import Settings

log = structlog.get_logger("jobs")


@dataclass(frozen=True, slots=True, kw_only=True)
class JobContext:
    """The services and settings that a job needs to run."""

    backends: Backends
    tools: Tools
    rules: Mapping[str, ToolRule]
    """The setting ACP_CATALOG_RULES."""
    keep_settled: timedelta
    trusted_sources: Collection[str] = ()
    """Names of the sources whose new tools are accepted automatically."""
    allowed_hosts: tuple[str, ...] = ()
    """The setting ACP_ALLOWED_HOSTS."""
    tenant: UUID | None = None
    """The only tenant to serve; None for all."""
    sources: Collection[Source] | None = None
    """The only sources to sync; None for all."""
    is_requested: bool = False
    """A person or an announcement requested the run: it does everything, not only what is due."""


def make_context(settings: "Settings", backends: Backends, tools: Tools, *, tenant: UUID | None = None) -> JobContext:
    """The context of jobs under these settings."""
    return JobContext(
        backends=backends, tools=tools, rules=settings.catalog_rules, keep_settled=settings.keep_settled,
        trusted_sources=settings.trusted_sources, allowed_hosts=settings.known_allowed_hosts, tenant=tenant,
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class JobReport:
    """The result of one run of a job."""

    counts: Mapping[str, int] = field(default_factory=dict)
    problem: str | None = None
    """Why the run, or a part of it, failed, on one line; None if it succeeded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A task that schedulers run at fixed intervals."""

    name: str
    description: str
    """What the job does, in a few words for people."""
    every: timedelta
    run: Callable[[JobContext], Awaitable[JobReport]]
    by_tenant: bool = True
    """Whether the job can run for a single tenant."""
    on_every_scheduler: bool = False
    """The job sets the metrics of its own process. So schedulers that did not get the run do the same work, without
    recording a run."""
    is_needed: Callable[[JobContext], Awaitable[bool]] | None = None
    """Called before each scheduled run; False skips the run and its row. For jobs that mostly find nothing to do."""

    @property
    def actor(self) -> Actor:
        """The actor in the audit log."""
        return Actor(type=ActorType.SYSTEM, id=self.name, door=Door.JOB)


def log_bug(exc: Exception, **ids: str) -> str:
    """Log an unexpected exception and where it was raised. Returns the problem to report.

    Neither contains the exception's message, because it may quote arguments.
    """
    frame = traceback.extract_tb(exc.__traceback__)[-1]
    log.error("job.bug", error=type(exc).__name__, at=f"{frame.filename}:{frame.lineno}", **ids)
    return f"a bug: {type(exc).__name__}: see job.bug in the log"


async def for_each_tenant(
    context: JobContext, action: Callable[[UUID], Awaitable[None]], *, tenants: Iterable[UUID] | None = None
) -> list[str]:
    """Call `action` for one tenant after the other, or only for `tenants`. Returns the problem of each failed tenant.

    An error of `action` is raised only if it concerns all tenants.
    """
    problems: list[str] = []
    for tenant in await list_tenants(context) if tenants is None else tenants:
        try:
            await action(tenant)
        except ControlPlaneError as exc:
            if not concerns_one_tenant(exc):
                raise
            problems.append(f"tenant {tenant}: {exc}")
        except Exception as exc:  # a bug that depends on one tenant's rows must not affect the other tenants
            problems.append(f"tenant {tenant}: {log_bug(exc, tenant=str(tenant))}")
    return problems


async def list_tenants(context: JobContext) -> list[UUID]:
    """The tenants that this run is for."""
    return [
        tenant.id for tenant in await context.backends.tenants.list_tenants() if context.tenant in {None, tenant.id}
    ]
