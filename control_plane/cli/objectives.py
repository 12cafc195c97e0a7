"""`python -m control_plane objectives`: what a tenant's agents work towards."""

from typing import Annotated
from uuid import UUID

import typer

from control_plane.cli.options import AsJson, By, Tenant, backends, operator
from control_plane.cli.output import as_document, show_json, show_lines
from services.errors import InvalidInput
from services.objectives import Objective, Progress
from services.process.terminal import run_async
from services.read_progress import read_progress
from services.set_objective import add_objective, change_objective

app = typer.Typer(no_args_is_help=True, help="List and set the objectives of a tenant.")


@app.command("list", epilog="Example: python -m control_plane objectives list --tenant UUID")
def list_command(tenant: Tenant, as_json: AsJson = False) -> None:
    """List a tenant's objectives, by metric and title."""

    async def read() -> list[Objective]:
        async with backends() as services:
            await services.tenants.get(tenant)  # raises NotFound for an unknown tenant
            return await services.objectives.list_objectives(tenant)

    objectives = run_async(read())
    if as_json:
        show_json(objectives)
        return
    show_lines(
        [(o.id, o.metric, o.target or "", o.horizon or "", (o.title, o.summary)) for o in objectives],
        empty="no objectives",
    )


@app.command("progress", epilog="Example: python -m control_plane objectives progress --tenant UUID")
def progress_command(
    tenant: Tenant,
    objective: Annotated[UUID | None, typer.Argument(metavar="[OBJECTIVE]", help="Show only this objective.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show how many envelopes and dead letters name each objective, by status.

    Envelopes that ended longer ago than ACP_KEEP_SETTLED do not count.
    """

    async def read() -> list[tuple[Objective, Progress]]:
        async with backends() as services:
            await services.tenants.get(tenant)  # raises NotFound for an unknown tenant
            return await read_progress(services, tenant, objective)

    pairs = run_async(read())
    if as_json:
        show_json([{"title": o.title, "metric": o.metric, **as_document(p)} for o, p in pairs])
        return
    rows = [
        (
            o.id,
            o.metric,
            ", ".join(f"{count} {status}" for status, count in sorted(p.counts.items())) or "no envelopes",
            "" if p.last_activity_at is None else f"last {p.last_activity_at:%Y-%m-%d %H:%M} UTC",
            (o.title,),
        )
        for o, p in pairs
    ]
    show_lines(rows, empty="no objectives")


@app.command(
    "set",
    epilog="""Example: python -m control_plane objectives set --tenant UUID --title 'Answer within a day'
    --metric first_reply_hours --target 'below 24'""",
)
def set_command(
    *,
    objective: Annotated[
        UUID | None, typer.Argument(metavar="[OBJECTIVE]", help="Id of the objective to change, as `list` shows it.")
    ] = None,
    tenant: Tenant,
    title: Annotated[str | None, typer.Option(help="The goal, in one sentence.")] = None,
    metric: Annotated[str | None, typer.Option(help="Name of the metric that shows progress.")] = None,
    target: Annotated[str | None, typer.Option(help="Value of the metric to reach.")] = None,
    horizon: Annotated[str | None, typer.Option(help="When the target must be reached, such as 2026 Q4.")] = None,
    summary: Annotated[str | None, typer.Option(help="Further information for the agents.")] = None,
    by: By = "operator",
) -> None:
    """Add an objective, or change the given fields of one. Prints its id."""
    fields = {"title": title, "metric": metric, "target": target, "horizon": horizon, "summary": summary}
    changes = {name: value for name, value in fields.items() if value is not None}
    if objective is None and (title is None or metric is None):
        raise InvalidInput("--title" if title is None else "--metric", "is required for a new objective")

    async def save_objective() -> Objective:
        async with backends() as services:
            if objective is not None:
                return await change_objective(services, tenant, objective, changes, actor=operator(by))
            return await add_objective(
                services, tenant, title=title or "", metric=metric or "", target=target, horizon=horizon,
                summary=summary, actor=operator(by),
            )  # fmt: skip

    print(run_async(save_objective()).id)
