"""`python -m control_plane autopilot dry-run`, `dry-runs`, `dry-run-cases`, `cancel-dry-run`."""

import asyncio
import sys
from typing import Annotated
from uuid import UUID

import typer

from control_plane.apps.autopilot.readiness import DryRun, DryRunCase
from control_plane.apps.autopilot.run_dry_runs import claim_dry_runs, run_dry_run
from control_plane.apps.autopilot.store import dry_runs as store
from control_plane.apps.autopilot.store import functions_of
from control_plane.cli.options import AsJson, By, Tenant, backends, operator
from control_plane.cli.output import show_json, show_lines
from services.backends.functions import Functions
from services.envelope import Actor
from services.process.terminal import run_async
from services.untrusted import one_line

app = typer.Typer()
ClusterId = Annotated[UUID, typer.Argument(metavar="CLUSTER", help="Id of a cluster of the active model.")]
DryRunId = Annotated[UUID, typer.Argument(metavar="DRY_RUN", help="Id of the dry-run.")]
LOOK_EVERY = 1.0
"""Seconds after which a dry-run that another process does is read again."""


@app.command("dry-run", epilog="Example: python -m control_plane autopilot dry-run UUID --tenant UUID --tickets 50")
def dry_run(
    cluster: ClusterId,
    tenant: Tenant,
    *,
    tickets: Annotated[int, typer.Option(min=10, max=100, help="How many past tickets are answered.")] = 100,
    by: By = "operator",
    as_json: AsJson = False,
) -> None:
    """Show what autopilot would have answered to past tickets of a cluster. Nothing is sent."""

    async def start() -> DryRun:
        async with backends() as services:
            functions = functions_of(services)
            started = await store.start_dry_run(functions, tenant, cluster, tickets=tickets, actor=operator(by))
            return await _follow(functions, started, actor=operator(by))

    found = run_async(start())
    if as_json:
        show_json(found)
    else:
        print(_line(found))


@app.command("dry-runs", epilog="Example: python -m control_plane autopilot dry-runs UUID --tenant UUID")
def list_dry_runs(cluster: ClusterId, tenant: Tenant, as_json: AsJson = False) -> None:
    """List the dry-runs of a cluster, the newest first."""

    async def read() -> list[DryRun]:
        async with backends() as services:
            return await store.list_dry_runs(functions_of(services), tenant, cluster)

    found = run_async(read())
    if as_json:
        show_json(found)
    else:
        show_lines([(each.created_at, _line(each)) for each in found], empty="no dry-runs")


@app.command("dry-run-cases", epilog="Example: python -m control_plane autopilot dry-run-cases UUID --tenant UUID")
def list_cases(dry_run: DryRunId, tenant: Tenant, as_json: AsJson = False) -> None:
    """Show each past ticket of a dry-run: what people answered, and what autopilot would have answered."""

    async def read() -> list[DryRunCase]:
        async with backends() as services:
            functions = functions_of(services)
            await store.read_dry_run(functions, tenant, dry_run)
            return await store.list_cases(functions, tenant, dry_run)

    found = run_async(read())
    if as_json:
        show_json(found)
        return
    for case in found:
        print(f"{case.place}. {case.external_id}: {one_line(case.subject)}")
        print(f"    people: {one_line(case.resolution or '')}")
        if case.answer is None:
            print(f"    autopilot abstains: {case.reason}")
        else:
            similarity = "–" if case.similarity is None else f"{case.similarity:.2f}"
            print(f"    autopilot ({case.article_title}, similarity {similarity}): {one_line(case.answer)}")


@app.command("cancel-dry-run", epilog="Example: python -m control_plane autopilot cancel-dry-run UUID --tenant UUID")
def cancel(dry_run: DryRunId, tenant: Tenant, by: By = "operator") -> None:
    """Cancel a dry-run. What is done stays."""

    async def end() -> DryRun:
        async with backends() as services:
            return await store.cancel_dry_run(functions_of(services), tenant, dry_run, actor=operator(by))

    print(_line(run_async(end())))


async def _follow(functions: Functions, started: DryRun, *, actor: Actor) -> DryRun:
    """Do the tenant's dry-runs that wait, and show the progress of `started`. If a job has leased `started`, wait
    until it ends. Returns `started` as it ended."""
    async for leased in claim_dry_runs(functions, started.organization_id, actor=actor):
        async for step in run_dry_run(functions, leased, actor=actor):
            if step.id == started.id:
                _show_progress(step)
    while True:
        found = await store.read_dry_run(functions, started.organization_id, started.id)
        if found.status.has_ended:
            return found
        _show_progress(found)
        await asyncio.sleep(LOOK_EVERY)


def _show_progress(found: DryRun) -> None:
    sys.stderr.write(f"{found.done} of {found.cases} done\n")


def _line(found: DryRun) -> str:
    similarity = "" if found.similarity is None else f", mean similarity {found.similarity:.2f}"
    problem = "" if found.error_message is None else f": {found.error_message}"
    return f"dry-run {found.id} {found.status}{problem}: {found.answered} of {found.done} tickets answered{similarity}"
