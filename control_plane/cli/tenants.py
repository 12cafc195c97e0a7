"""`python -m control_plane tenants`: who there is, and who is paused."""

from typing import Annotated
from uuid import UUID

import typer

from control_plane.cli.answers import backends, operator, show_json, show_lines
from services.add_tenant import add_tenant
from services.process.terminal import run_async
from services.tenants import Tenant

app = typer.Typer(no_args_is_help=True, help="List, add, pause and resume tenants.")

TenantId = Annotated[UUID, typer.Option("--tenant", help="Which one.")]
By = Annotated[str, typer.Option("--by", envvar="USER", help="Who asks; the audit log names them.")]
AsJson = Annotated[bool, typer.Option("--json", help="Answer as JSON on stdout.")]


@app.command("list", epilog="Example: python -m control_plane tenants list")
def list_command(as_json: AsJson = False) -> None:
    """Every tenant, by name."""

    async def ask() -> list[Tenant]:
        async with backends() as services:
            return await services.tenants.list_tenants()

    tenants = run_async(ask())
    if as_json:
        show_json(tenants)
        return
    rows = [
        (
            t.id,
            t.name,
            t.plan,
            f"lanes: {t.lanes}",
            _paused(t),
        )
        for t in tenants
    ]
    show_lines(rows, empty="no tenants; try: python -m control_plane db seed")


@app.command(epilog="Example: python -m control_plane tenants add 'Acme Robotics' --lanes 4")
def add(
    name: str,
    plan: Annotated[str, typer.Option(help="What they pay for; yours to name.")] = "standard",
    lanes: Annotated[int, typer.Option(min=1, max=256, help="How many workers may serve them at once.")] = 1,
    by: By = "operator",
) -> None:
    """Add a tenant and print its id."""

    async def save() -> Tenant:
        async with backends() as services:
            return await add_tenant(services, name, plan=plan, lanes=lanes, actor=operator(by))

    print(run_async(save()).id)


@app.command(epilog="Example: python -m control_plane tenants pause --tenant UUID --reason 'odd orders'")
def pause(tenant: TenantId, reason: str | None = None, by: By = "operator") -> None:
    """Execute nothing more of this tenant's until it is resumed; what runs now ends."""

    async def save() -> None:
        async with backends() as services:
            await services.tenants.pause(tenant, actor=operator(by), reason=reason)

    run_async(save())
    print(f"paused {tenant}")


@app.command(epilog="Example: python -m control_plane tenants resume --tenant UUID")
def resume(tenant: TenantId, by: By = "operator") -> None:
    """Undo a pause; what it held is judged at once."""

    async def save() -> None:
        async with backends() as services:
            await services.tenants.resume(tenant, actor=operator(by))

    run_async(save())
    print(f"resumed {tenant}")


def _paused(tenant: Tenant) -> str:
    if tenant.paused_at is None:
        return ""
    return f"paused since {tenant.paused_at:%Y-%m-%d %H:%M} UTC: {tenant.paused_reason or 'no reason given'}"
