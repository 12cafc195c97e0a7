"""`python -m control_plane autopilot connections`, `add-connection`, `change-connection`, `delete-connection`."""

import json
from typing import Annotated, Any
from uuid import UUID

import typer

from control_plane.apps.autopilot.connections import Connection, ConnectionType
from control_plane.apps.autopilot.store import connections as store
from control_plane.apps.autopilot.store import functions_of
from control_plane.cli.options import AsJson, By, Tenant, backends, operator
from control_plane.cli.output import show_json, show_lines
from services.errors import InvalidInput
from services.process.terminal import run_async

app = typer.Typer()
ConnectionId = Annotated[UUID, typer.Argument(metavar="CONNECTION", help="Id of the connection.")]
Options = Annotated[str | None, typer.Option(help="What a sync needs to know, as a JSON object; no secrets.")]


@app.command("connections", epilog="Example: python -m control_plane autopilot connections --tenant UUID")
def list_connections(tenant: Tenant, as_json: AsJson = False) -> None:
    """List the connections to ticket systems, by name."""

    async def read() -> list[Connection]:
        async with backends() as services:
            await services.tenants.get(tenant)
            return await store.list_connections(functions_of(services), tenant)

    found = run_async(read())
    if as_json:
        show_json(found)
    else:
        show_lines(
            [(c.id, c.connection_type, c.name or "–", _schedule(c), c.last_sync_at or "never synced") for c in found],
            empty="no connections",
        )


@app.command(
    "add-connection",
    epilog="Example: python -m control_plane autopilot add-connection jira Helpdesk --tenant UUID --every 15"
    ' --options \'{"site": "https://acme.example"}\'',
)
def add_connection(
    kind: Annotated[ConnectionType, typer.Argument(metavar="TYPE", help="The ticket system.")],
    name: Annotated[str, typer.Argument(help="The name that people see.")],
    tenant: Tenant,
    *,
    options: Options = None,
    every: Annotated[int | None, typer.Option(help="Minutes between two syncs; without it, only on request.")] = None,
    by: By = "operator",
    as_json: AsJson = False,
) -> None:
    """Add a connection to a ticket system."""

    async def add() -> Connection:
        async with backends() as services:
            return await store.add_connection(
                functions_of(services), tenant, name, kind, options=_read_options(options),
                sync_every_minutes=every, actor=operator(by),
            )  # fmt: skip

    _show(run_async(add()), "added", as_json=as_json)


@app.command(
    "change-connection",
    epilog="Example: python -m control_plane autopilot change-connection UUID --tenant UUID --disable",
)
def change_connection(
    connection: ConnectionId,
    tenant: Tenant,
    *,
    name: Annotated[str | None, typer.Option(help="The new name.")] = None,
    options: Options = None,
    every: Annotated[int | None, typer.Option(help="Minutes between two syncs; 0: only on request.")] = None,
    enable: Annotated[
        bool | None, typer.Option("--enable/--disable", help="Whether syncs may start; an open one ends as usual.")
    ] = None,
    start_over: Annotated[bool, typer.Option("--start-over", help="The next sync reads every ticket again.")] = False,
    by: By = "operator",
    as_json: AsJson = False,
) -> None:
    """Change a connection; what is not given stays."""

    async def change() -> Connection:
        async with backends() as services:
            return await store.change_connection(
                functions_of(services), tenant, connection, name=name,
                options=None if options is None else _read_options(options), is_enabled=enable,
                sync_every_minutes=every, starts_over=start_over, actor=operator(by),
            )  # fmt: skip

    _show(run_async(change()), "changed", as_json=as_json)


@app.command(
    "delete-connection", epilog="Example: python -m control_plane autopilot delete-connection UUID --tenant UUID"
)
def delete_connection(connection: ConnectionId, tenant: Tenant, by: By = "operator") -> None:
    """Delete a connection. Its tickets stay."""

    async def delete() -> None:
        async with backends() as services:
            await store.delete_connection(functions_of(services), tenant, connection, actor=operator(by))

    run_async(delete())
    print(f"deleted {connection}")


def _read_options(text: str | None) -> dict[str, Any]:
    if text is None:
        return {}
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise InvalidInput("options", "must be a JSON object")
    return found


def _schedule(connection: Connection) -> str:
    if not connection.is_enabled:
        return "disabled"
    every = connection.sync_every_minutes
    return "on request" if every is None else f"every {every} min"


def _show(connection: Connection, what: str, *, as_json: bool) -> None:
    if as_json:
        show_json(connection)
    else:
        print(f"{what} {connection.id}")
