"""`python -m control_plane tenants`: all tenants, and which of them are paused."""

from datetime import datetime
from typing import Annotated

import typer

from control_plane.cli.options import AsJson, By, LastsFor, Reason, Until, backends, end_of_pause, operator
from control_plane.cli.options import Tenant as TenantId
from control_plane.cli.output import show_json, show_lines
from services.add_tenant import add_tenant
from services.process.terminal import run_async
from services.tenants import Tenant

app = typer.Typer(no_args_is_help=True, help="List, add, pause and resume tenants.")


@app.command("list", epilog="Example: python -m control_plane tenants list")
def list_command(as_json: AsJson = False) -> None:
    """List all tenants by name."""

    async def read() -> list[Tenant]:
        async with backends() as services:
            return await services.tenants.list_tenants()

    tenants = run_async(read())
    if as_json:
        show_json(tenants)
        return
    rows = [
        (
            t.id,
            t.name,
            t.plan,
            f"lanes: {t.lanes}",
            _pause_text(t),
        )
        for t in tenants
    ]
    show_lines(rows, empty="no tenants; try: python -m control_plane db seed")


@app.command(epilog="Example: python -m control_plane tenants add 'Acme Robotics' --lanes 4")
def add(
    name: Annotated[str, typer.Argument(help="Name of the tenant.")],
    plan: Annotated[str, typer.Option(help="Name of the tenant's plan, in your own words.")] = "standard",
    lanes: Annotated[
        int,
        typer.Option(min=1, max=256, help="Number of lanes: how many workers may serve the tenant at the same time."),
    ] = 1,
    by: By = "operator",
) -> None:
    """Add a tenant and print its id."""

    async def save_tenant() -> Tenant:
        async with backends() as services:
            return await add_tenant(services, name, plan=plan, lanes=lanes, actor=operator(by))

    print(run_async(save_tenant()).id)


@app.command(epilog="Example: python -m control_plane tenants limit --tenant UUID --requests 6000 --token-requests 600")
def limit(
    *,
    tenant: TenantId,
    requests: Annotated[int | None, typer.Option(min=0, help="Requests per minute for the whole tenant.")] = None,
    token_requests: Annotated[
        int | None, typer.Option(min=0, help="Requests per minute for each of its API tokens and users.")
    ] = None,
    by: By = "operator",
    as_json: AsJson = False,
) -> None:
    """Limit the requests of a tenant to the API, also over MCP. 0 is no limit.

    If an option is left out, the limit of the settings applies again.
    """

    async def set_limits() -> Tenant:
        async with backends() as services:
            await services.tenants.set_request_limits(
                tenant, requests_per_minute=requests, token_requests_per_minute=token_requests, actor=operator(by)
            )
            return await services.tenants.get(tenant)

    saved = run_async(set_limits())
    if as_json:
        show_json(saved)
        return
    print(f"{tenant}: {_limit_text(requests)} for the tenant, {_limit_text(token_requests)} for each token")


@app.command(epilog="Example: python -m control_plane tenants pause --tenant UUID --for 2h --reason 'odd orders'")
def pause(
    tenant: TenantId,
    *,
    until: Until = None,
    lasts_for: LastsFor = None,
    reason: Reason = None,
    by: By = "operator",
) -> None:
    """Stop executing the envelopes of a tenant. Running calls finish.

    A second call replaces the end, and the reason if you give one.
    """
    ends_at = end_of_pause(until, lasts_for)

    async def pause_tenant() -> None:
        async with backends() as services:
            await services.tenants.pause(tenant, actor=operator(by), reason=reason, ends_at=ends_at)

    run_async(pause_tenant())
    print(f"paused {tenant} {_end_text(ends_at)}")


@app.command(epilog="Example: python -m control_plane tenants resume --tenant UUID")
def resume(tenant: TenantId, by: By = "operator") -> None:
    """Resume a paused tenant. Its held envelopes are judged immediately."""

    async def resume_tenant() -> None:
        async with backends() as services:
            await services.tenants.resume(tenant, actor=operator(by))

    run_async(resume_tenant())
    print(f"resumed {tenant}")


def _limit_text(limit: int | None) -> str:
    return "as set for all tenants" if limit is None else "no limit" if limit == 0 else f"{limit} requests a minute"


def _pause_text(tenant: Tenant) -> str:
    if tenant.paused_at is None:
        return ""
    since = f"{tenant.paused_at:%Y-%m-%d %H:%M} UTC"
    return f"paused since {since} {_end_text(tenant.pause_ends_at)}: {tenant.paused_reason or 'no reason given'}"


def _end_text(ends_at: datetime | None) -> str:
    return "until it is resumed" if ends_at is None else f"until {ends_at:%Y-%m-%d %H:%M} UTC"
