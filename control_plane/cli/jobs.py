"""`python -m control_plane jobs`: run scheduled jobs, and list their runs."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated
from uuid import UUID, uuid4

import typer

from control_plane.cli.options import AsJson, backends
from control_plane.cli.output import show_json, show_lines
from control_plane.settings import Settings, read_settings
from services.backends.open import open_backends
from services.clock import utc_now
from services.errors import InvalidInput, NotFound, StateConflict
from services.job_runs import JobRun, RunStatus
from services.process import signals
from services.process.terminal import run_async

if TYPE_CHECKING:
    from control_plane.jobs import Job, JobContext

app = typer.Typer(no_args_is_help=True, help="Start the scheduler, run a job now, and list runs.")

STALLED_AFTER = 60.0
"""/healthz fails if the scheduler has polled no job for so many seconds. It polls `warm_scan` about once a second."""


@app.command("list", epilog="Example: python -m control_plane jobs list catalog_drift")
def list_command(
    name: Annotated[str | None, typer.Argument(help="List the runs of this job. Without it, list all jobs.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Maximum number of runs.")] = 20,
    as_json: AsJson = False,
) -> None:
    """List all jobs with their last run, or the runs of one job, the latest first."""
    jobs = _jobs()
    if name is not None:
        _find_job(name)

    async def read() -> list[JobRun]:
        async with backends() as services:
            if name is not None:
                return await services.job_runs.list_runs(name, limit=limit)
            return [run for job in jobs for run in await services.job_runs.list_runs(job, limit=1)]

    runs = run_async(read())
    if as_json:
        show_json(runs)
    elif name is not None:
        show_lines([_run_columns(run, utc_now()) for run in runs], empty=f"{name} has not run yet")
    else:
        last = {run.job: run for run in runs}
        show_lines(
            [
                (
                    job.name,
                    f"every {_interval_text(job.every)}",
                    *_summary_of_run(last.get(job.name), utc_now()),
                    (job.description, *_error_note(last.get(job.name))),
                )
                for job in jobs.values()
            ],
            empty="no jobs",
        )


@app.command(epilog="Example: python -m control_plane jobs run catalog_drift --tenant UUID")
def run(
    name: Annotated[str, typer.Argument(help="Name of the job, as `list` shows it.")],
    tenant: Annotated[
        UUID | None, typer.Option("--tenant", help="Run the job only for this tenant. Some jobs do not support it.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Run a job now. Exits with 1 if it failed."""
    from control_plane.jobs.run import run_job  # noqa: PLC0415  # slow to import, and `list` does not need it
    from services.process.logs import configure_logging  # noqa: PLC0415

    configure_logging()

    job, settings = _find_job(name), read_settings()
    if tenant is not None and not job.by_tenant:
        raise InvalidInput("tenant", f"{name} cannot run for a single tenant: omit --tenant")

    async def run_job_now() -> JobRun | None:
        async with _open_context(settings, tenant) as context:
            if tenant is not None:
                await context.backends.tenants.get(tenant)  # raises NotFound
            return await run_job(job, replace(context, is_requested=True), worker_id=str(uuid4()))

    finished = run_async(run_job_now())
    if finished is None:
        raise StateConflict("job", f"{name} is already running; see: python -m control_plane jobs list {name}")
    if as_json:
        show_json(finished)
    else:
        show_lines([_run_columns(finished, utc_now())], empty="")
    if finished.status is not RunStatus.SUCCEEDED:
        raise typer.Exit(1)


@app.command(epilog="Example: python -m control_plane jobs start")
def start(
    health_port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port of /healthz and /metrics; 0 picks a free one.")
    ] = 9465,
) -> None:
    """Start the scheduler: run every job when it is due, until SIGTERM or Ctrl-C.

    Any number of schedulers may run. Each run is done by one of them.
    """
    run_async(_start(read_settings(), health_port))


async def _start(settings: Settings, health_port: int) -> None:
    from control_plane.jobs.announcements import listen_for_changes  # noqa: PLC0415  # slow to import, as in `run`
    from control_plane.jobs.metrics import REGISTRY  # noqa: PLC0415
    from control_plane.jobs.scheduler import log, run_scheduler  # noqa: PLC0415
    from services.process.health import Health, serve_health  # noqa: PLC0415
    from services.process.logs import configure_logging  # noqa: PLC0415

    configure_logging()
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    worker_id = str(uuid4())
    async with _open_context(settings, None) as context:
        health = Health(stalled_after=STALLED_AFTER)
        with serve_health(health, REGISTRY, health_port) as port:
            log.info("jobs.started", scheduler=worker_id, health_port=port)
            with signals.stop_with(lambda: loop.call_soon_threadsafe(stop.set)):
                async with listen_for_changes(context, worker_id=worker_id):
                    await run_scheduler(_jobs().values(), context, worker_id=worker_id, health=health, until=stop)
            log.info("jobs.stopped", scheduler=worker_id)


@asynccontextmanager
async def _open_context(settings: Settings, tenant: UUID | None) -> "AsyncIterator[JobContext]":
    from control_plane.jobs import make_context  # noqa: PLC0415  # slow to import, as in `run`

    async with (
        open_backends(settings.chosen_database()) as services,
        settings.tools() as tools,
    ):
        yield make_context(settings, services, tools, tenant=tenant)


def _jobs() -> "dict[str, Job]":
    from control_plane.jobs.registry import JOBS  # noqa: PLC0415  # slow to import, as in `run`

    return JOBS


def _find_job(name: str) -> "Job":
    if name not in _jobs():
        raise NotFound("job", name, f"no {name!r}; the jobs are {', '.join(_jobs())}")
    return _jobs()[name]


def _run_columns(run: JobRun, now: datetime) -> tuple[object, ...]:
    return (run.job, *_summary_of_run(run, now), _error_note(run))


def _summary_of_run(run: JobRun | None, now: datetime) -> tuple[str, str, str, str]:
    if run is None:
        return "has not run yet", "", "", ""
    status = run.status
    if status is RunStatus.RUNNING and run.lease_until <= now:
        status = RunStatus.LOST
    took = "" if run.finished_at is None else f"{(run.finished_at - run.started_at).total_seconds():.2f} s"
    counts = ", ".join(f"{name} {count}" for name, count in run.counts.items())
    return f"{run.started_at:%Y-%m-%d %H:%M:%S} UTC", status, took, counts


def _interval_text(span: timedelta) -> str:
    unit, seconds = next((u, s) for u, s in (("h", 3600), ("min", 60), ("s", 1)) if span.total_seconds() >= s)
    return f"{span.total_seconds() / seconds:g} {unit}"


def _error_note(run: JobRun | None) -> tuple[str, ...]:
    return (run.error,) if run is not None and run.error else ()
