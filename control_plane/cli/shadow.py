"""`python -m control_plane shadow`: other guardrails judge the next envelopes beside the tenant's own."""

import sys
from datetime import UTC, timedelta
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from control_plane.cli.options import AsJson, By, Tenant, backends, operator
from control_plane.cli.output import show_json, show_lines
from control_plane.strict_json import parse_object
from services.errors import InvalidInput
from services.process.terminal import run_async
from services.shadow_runs import MAX_ENVELOPES, MAX_RUN_TIME, ShadowRun, ShadowVerdict

app = typer.Typer(
    no_args_is_help=True,
    help="Try other guardrails on the next envelopes: their verdicts are recorded and have no effect.",
)

Run = Annotated[UUID, typer.Argument(metavar="RUN", help="Id of the run, as `list` shows it.")]


@app.command("list", epilog="Example: python -m control_plane shadow list --tenant UUID")
def list_command(tenant: Tenant, as_json: AsJson = False) -> None:
    """List the shadow runs of a tenant, the newest first, with what the candidate would have decided."""

    async def read() -> list[ShadowRun]:
        async with backends() as services:
            await services.tenants.get(tenant)  # raises for an unknown tenant
            return await services.shadow_runs.list_runs(tenant)

    found = run_async(read())
    if as_json:
        show_json(found)
        return
    rows = [
        (run.id, f"until {run.ends_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC", _state_of_run(run), (run.summarize(),))
        for run in found
    ]
    show_lines(rows, empty="no shadow runs")


@app.command(epilog="Example: python -m control_plane shadow start --tenant UUID --candidate FILE --hours 24")
def start(
    tenant: Tenant,
    *,
    candidate: Annotated[
        Path, typer.Option(help="File with the fields to change as JSON, as for `guardrails set`; - for stdin.")
    ],
    hours: Annotated[float, typer.Option(help=f"Length of the run in hours; at most {MAX_RUN_TIME.days * 24}.")] = 24,
    envelopes: Annotated[
        int, typer.Option(help=f"End the run after this many envelopes; at most {MAX_ENVELOPES}.")
    ] = 1000,
    by: By = "operator",
) -> None:
    """Start a shadow run: the candidate also judges every envelope claimed later, and decides nothing."""
    from services.start_shadow import start_shadow  # noqa: PLC0415  # loads every service

    try:
        changes = parse_object(sys.stdin.read() if str(candidate) == "-" else candidate.read_bytes(), name="candidate")
    except OSError as exc:
        raise InvalidInput("--candidate", f"cannot be read: {exc.strerror}") from exc

    async def start_run() -> ShadowRun:
        async with backends() as services:
            span = timedelta(hours=max(0.0, min(hours, 10_000.0)))
            return await start_shadow(
                services, tenant, changes, lasts_for=span, max_envelopes=envelopes, actor=operator(by)
            )

    run = run_async(start_run())
    print(f"started shadow run {run.id} until {run.ends_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC")


@app.command(epilog="Example: python -m control_plane shadow differences RUN --tenant UUID")
def differences(run: Run, tenant: Tenant, as_json: AsJson = False) -> None:
    """List the envelopes that the candidate decides differently, the newest first."""

    async def read() -> list[ShadowVerdict]:
        async with backends() as services:
            return await services.shadow_runs.list_differences(tenant, run)

    found = run_async(read())
    if as_json:
        show_json(found)
        return
    rows = [(v.envelope_id, f"{v.decision}, candidate {v.candidate_decision}", (v.candidate_reason,)) for v in found]
    show_lines(rows, empty="no differences")


@app.command(epilog="Example: python -m control_plane shadow stop RUN --tenant UUID --by maria")
def stop(run: Run, tenant: Tenant, by: By = "operator") -> None:
    """End a shadow run."""

    async def stop_run() -> None:
        async with backends() as services:
            await services.shadow_runs.stop(tenant, run, actor=operator(by))

    run_async(stop_run())
    print(f"stopped shadow run {run}")


def _state_of_run(run: ShadowRun) -> str:
    if run.stopped_at is not None:
        return f"stopped by {run.stopped_by}"
    return f"{run.envelopes} of {run.max_envelopes} envelopes"
