"""`python -m control_plane autopilot runs`, `show-run`, `cancel-run`, `failures`, `redrive`, `dismiss`."""

from typing import Annotated
from uuid import UUID

import typer

from control_plane.apps.autopilot.runs import Failure, FailureState, Run
from control_plane.apps.autopilot.store import failures as failure_store
from control_plane.apps.autopilot.store import functions_of
from control_plane.apps.autopilot.store import runs as store
from control_plane.cli.options import AsJson, By, Tenant, backends, operator
from control_plane.cli.output import show_json, show_lines
from services.process.terminal import run_async

app = typer.Typer()
RunId = Annotated[UUID, typer.Argument(metavar="RUN", help="Id of the run, as `runs` shows it.")]
FailureId = Annotated[UUID, typer.Argument(metavar="FAILURE", help="Id of the failure, as `failures` shows it.")]
Newest = Annotated[int, typer.Option("--limit", min=1, max=1000, help="Show at most this many, the newest first.")]


@app.command("runs", epilog="Example: python -m control_plane autopilot runs --tenant UUID")
def list_runs(
    tenant: Tenant,
    *,
    connection: Annotated[UUID | None, typer.Option(help="Only the runs of this connection.")] = None,
    limit: Newest = 50,
    as_json: AsJson = False,
) -> None:
    """List syncs and new models, the newest first."""

    async def read() -> list[Run]:
        async with backends() as services:
            await services.tenants.get(tenant)
            return await store.list_runs(functions_of(services), tenant, connection=connection, limit=limit)

    found = run_async(read())
    if as_json:
        show_json(found)
    else:
        show_lines([(run.id, run.kind, *describe_run(run)) for run in found], empty="no runs")


@app.command("show-run", epilog="Example: python -m control_plane autopilot show-run UUID --tenant UUID")
def show_run(run: RunId, tenant: Tenant, as_json: AsJson = False) -> None:
    """Show how far a run is, or how it ended."""

    async def read() -> Run:
        async with backends() as services:
            return await store.read_run(functions_of(services), tenant, run)

    found = run_async(read())
    if as_json:
        show_json(found)
        return
    show_lines([(found.id, found.kind, *describe_run(found))], empty="")
    problem = (found.error_detail or {}).get("problem")
    if problem is not None:
        print(problem)


@app.command("cancel-run", epilog="Example: python -m control_plane autopilot cancel-run UUID --tenant UUID")
def cancel_run(run: RunId, tenant: Tenant, by: By = "operator", as_json: AsJson = False) -> None:
    """Cancel a run. What it stored stays."""

    async def cancel() -> Run:
        async with backends() as services:
            return await store.cancel_run(functions_of(services), tenant, run, actor=operator(by))

    cancelled = run_async(cancel())
    if as_json:
        show_json(cancelled)
    else:
        print(f"cancelled {cancelled.id}")


@app.command("failures", epilog="Example: python -m control_plane autopilot failures --tenant UUID --state open")
def list_failures(
    tenant: Tenant,
    *,
    run: Annotated[UUID | None, typer.Option(help="Only the failures of this run.")] = None,
    state: Annotated[FailureState | None, typer.Option(help="Only failures in this state.")] = None,
    limit: Newest = 50,
    as_json: AsJson = False,
) -> None:
    """List records and messages that could not be processed, the newest first."""

    async def read() -> list[Failure]:
        async with backends() as services:
            await services.tenants.get(tenant)
            return await failure_store.list_failures(functions_of(services), tenant, run=run, state=state, limit=limit)

    found = run_async(read())
    if as_json:
        show_json(found)
    else:
        show_lines([(f.id, f.external_id or "–", f.code, f.detail) for f in found], empty="no failures")


@app.command("redrive", epilog="Example: python -m control_plane autopilot redrive UUID --tenant UUID")
def redrive(failure: FailureId, tenant: Tenant, by: By = "operator") -> None:
    """Read a failed ticket again, or process a failed message again, within seconds."""

    async def ask() -> Failure:
        async with backends() as services:
            return await failure_store.redrive_failure(functions_of(services), tenant, failure, actor=operator(by))

    print(f"asked for {run_async(ask()).id}")


@app.command("dismiss", epilog="Example: python -m control_plane autopilot dismiss UUID --tenant UUID")
def dismiss(failure: FailureId, tenant: Tenant, by: By = "operator") -> None:
    """Say that nothing is to be done about a failure."""

    async def end() -> Failure:
        async with backends() as services:
            return await failure_store.dismiss_failure(functions_of(services), tenant, failure, actor=operator(by))

    print(f"dismissed {run_async(end()).id}")


def describe_run(run: Run) -> tuple[str, str, str]:
    """The state, the counts and the time of a run, for people."""
    status = run.status if run.error_message is None else f"{run.status}: {run.error_message}"
    of = "" if run.records_estimated is None else f" of about {run.records_estimated}"
    failed = f", {run.records_failed} failed" if run.records_failed else ""
    return status, f"{run.records_processed} tickets{of}{failed}", f"{run.created_at:%Y-%m-%d %H:%M} UTC"
