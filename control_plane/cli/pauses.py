"""`python -m control_plane pauses`: stop the calls of a tool, through an account or of an agent."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from control_plane.cli.options import AsJson, By, LastsFor, Reason, Tenant, Until, backends, end_of_pause, operator
from control_plane.cli.output import show_json, show_lines
from services.pauses import Pause, PauseKind
from services.process.terminal import run_async

app = typer.Typer(no_args_is_help=True, help="Stop the calls of a tool, through an account or of an agent.")

Kind = Annotated[PauseKind, typer.Argument(help="What to pause: a tool, an account or an agent.")]
Target = Annotated[str, typer.Argument(help="Slug of the tool, id of the account, or name of the agent.")]


@app.command("list", epilog="Example: python -m control_plane pauses list --tenant UUID")
def list_command(tenant: Tenant, as_json: AsJson = False) -> None:
    """List the pauses of a tenant that have not ended."""

    async def read() -> list[Pause]:
        async with backends() as services:
            return await services.pauses.list_pauses(tenant)

    found = run_async(read())
    if as_json:
        show_json(found)
        return
    rows = [
        (p.kind, p.target, f"since {_time_text(p.started_at)}", _end_text(p), f"by {p.started_by}", (p.reason,))
        for p in found
    ]
    show_lines(rows, empty="no pauses")


@app.command(epilog="Example: python -m control_plane pauses start tool SLACK__chat.post --tenant UUID")
def start(
    kind: Kind,
    target: Target,
    tenant: Tenant,
    *,
    until: Until = None,
    lasts_for: LastsFor = None,
    reason: Reason = None,
    by: By = "operator",
) -> None:
    """Hold every call that is claimed from now on. Running calls finish. For a whole tenant, see `tenants pause`."""
    from services.start_pause import start_pause  # noqa: PLC0415  # loads every service

    ends_at = end_of_pause(until, lasts_for)

    async def save_pause() -> Pause:
        async with backends() as services:
            return await start_pause(services, tenant, kind, target, reason=reason, ends_at=ends_at, actor=operator(by))

    pause = run_async(save_pause())
    print(f"paused {pause.kind} {pause.target} {_end_text(pause)}")


@app.command(epilog="Example: python -m control_plane pauses end tool SLACK__chat.post --tenant UUID")
def end(kind: Kind, target: Target, tenant: Tenant, by: By = "operator") -> None:
    """End a pause. The envelopes that it holds are judged again immediately."""

    async def remove_pause() -> None:
        async with backends() as services:
            await services.pauses.end(tenant, kind, target, actor=operator(by))

    run_async(remove_pause())
    print(f"ended the pause of {kind} {target}")


def _end_text(pause: Pause) -> str:
    return "until it is ended" if pause.ends_at is None else f"until {_time_text(pause.ends_at)}"


def _time_text(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
