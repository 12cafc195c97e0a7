"""`python -m control_plane autopilot insight`: bursts, near-duplicates, stuck tickets, trend and savings."""

from datetime import date, datetime, timedelta
from typing import Annotated
from uuid import UUID

import typer

from control_plane.apps.autopilot.insight.near_duplicates import DuplicateGroup, list_near_duplicates
from control_plane.apps.autopilot.insight.savings import Savings, read_savings
from control_plane.apps.autopilot.store import functions_of, insight
from control_plane.apps.autopilot.store.insight import BurstAlert, DayFigures, StuckTicket
from control_plane.cli.options import AsJson, By, Tenant, backends, operator
from control_plane.cli.output import show_json, show_lines
from services.clock import utc_now
from services.process.terminal import run_async
from services.untrusted import one_line

app = typer.Typer(no_args_is_help=True)
Cluster = Annotated[UUID | None, typer.Option(help="Only this cluster.")]
Limit = Annotated[int, typer.Option(min=1, max=1000, help="Maximum number of rows.")]
Days = Annotated[int, typer.Option(min=1, max=365, help="How many days, today included.")]


@app.callback()
def group() -> None:
    """Show what the numbers of tickets tell."""


@app.command(epilog="Example: python -m control_plane autopilot insight bursts --tenant UUID --current")
def bursts(
    tenant: Tenant,
    *,
    current: Annotated[bool, typer.Option("--current", help="Only alerts that have not ended.")] = False,
    limit: Limit = 50,
    as_json: AsJson = False,
) -> None:
    """List the burst alerts, the newest first: many more tickets of a cluster than usual."""

    async def read() -> list[BurstAlert]:
        async with backends() as services:
            await services.tenants.get(tenant)
            return await insight.list_bursts(functions_of(services), tenant, current_only=current, limit=limit)

    found = run_async(read())
    if as_json:
        show_json(found)
        return
    show_lines(
        [
            (
                a.id, a.status, one_line(a.cluster or "without a cluster"), _time(a.started_at),
                f"{a.tickets} tickets in {a.window_minutes} min, {a.expected:.1f} expected",
            )
            for a in found
        ],
        empty="no bursts",
    )  # fmt: skip


@app.command(epilog="Example: python -m control_plane autopilot insight acknowledge UUID --tenant UUID --by maria")
def acknowledge(
    alert: Annotated[UUID, typer.Argument(metavar="ALERT", help="Id of the alert, as `bursts` shows it.")],
    tenant: Tenant,
    by: By = "operator",
) -> None:
    """Say that you take care of a burst."""

    async def change() -> BurstAlert:
        async with backends() as services:
            return await insight.acknowledge_burst(functions_of(services), tenant, alert, actor=operator(by))

    print(f"acknowledged {run_async(change()).id}")


@app.command(epilog="Example: python -m control_plane autopilot insight stuck --tenant UUID")
def stuck(tenant: Tenant, *, cluster: Cluster = None, limit: Limit = 50, as_json: AsJson = False) -> None:
    """List the stuck tickets, the oldest first: open for longer than usual, and not updated for a day."""

    async def read() -> list[StuckTicket]:
        async with backends() as services:
            await services.tenants.get(tenant)
            return await insight.list_stuck_tickets(functions_of(services), tenant, cluster=cluster, limit=limit)

    found = run_async(read())
    if as_json:
        show_json(found)
        return
    show_lines(
        [
            (
                one_line(t.external_id), f"opened {_time(t.opened_at)}", f"usually {t.usual_hours:.1f} h",
                one_line(t.subject),
            )
            for t in found
        ],
        empty="no stuck tickets",
    )  # fmt: skip


@app.command(epilog="Example: python -m control_plane autopilot insight duplicates --tenant UUID --days 2")
def duplicates(tenant: Tenant, *, cluster: Cluster = None, days: Days = 7, as_json: AsJson = False) -> None:
    """List open tickets of one cluster that say nearly the same, the largest groups first."""

    async def read() -> list[DuplicateGroup]:
        async with backends() as services:
            await services.tenants.get(tenant)
            return await list_near_duplicates(
                functions_of(services), tenant, within=timedelta(days=days), now=utc_now(), cluster=cluster
            )

    found = run_async(read())
    if as_json:
        show_json(found)
        return
    show_lines(
        [
            (
                f"{len(g.tickets)} tickets", ", ".join(one_line(t.external_id) for t in g.tickets[:5]),
                one_line(g.tickets[0].subject),
            )
            for g in found
        ],
        empty="no near-duplicates",
    )  # fmt: skip


@app.command(epilog="Example: python -m control_plane autopilot insight trend --tenant UUID --days 14")
def trend(tenant: Tenant, *, cluster: Cluster = None, days: Days = 30, as_json: AsJson = False) -> None:
    """Show how many tickets each day brought. Days are in UTC."""
    first, last = _days(days)

    async def read() -> list[DayFigures]:
        async with backends() as services:
            await services.tenants.get(tenant)
            return await insight.read_trend(
                functions_of(services), tenant, first_day=first, last_day=last, cluster=cluster
            )

    found = run_async(read())
    if as_json:
        show_json(found)
        return
    show_lines(
        [
            (
                d.day,
                f"{d.total_tickets} tickets",
                f"{d.automated_count} automatic",
                f"{d.kb_gap_count} without knowledge",
            )
            for d in found
        ],
        empty="no tickets",
    )


@app.command(epilog="Example: python -m control_plane autopilot insight savings --tenant UUID")
def savings(tenant: Tenant, *, cluster: Cluster = None, days: Days = 30, as_json: AsJson = False) -> None:
    """Show the hours and the cost that automatic responses saved."""
    first, last = _days(days)

    async def read() -> Savings:
        async with backends() as services:
            await services.tenants.get(tenant)
            return await read_savings(functions_of(services), tenant, first_day=first, last_day=last, cluster=cluster)

    found = run_async(read())
    if as_json:
        show_json(found)
    else:
        print(
            f"{found.automated} of {found.tickets} tickets answered automatically: {found.hours:g} h,"
            f" {found.cost:g} at {found.cost_per_hour:g} an hour"
        )


def _days(count: int) -> tuple[date, date]:
    today = utc_now().date()
    return today - timedelta(days=count - 1), today


def _time(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
