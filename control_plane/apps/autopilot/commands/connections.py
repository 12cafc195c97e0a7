"""`python -m control_plane autopilot connections`, `add-connection`, `change-connection`, `delete-connection`,
`verify-connection`, `sync`."""

import json
from typing import Annotated, Any
from uuid import UUID

import typer

from control_plane.apps.autopilot.connections import Connection, ConnectionType
from control_plane.apps.autopilot.runs import Run
from control_plane.apps.autopilot.sources.logins import read_logins, resolver
from control_plane.apps.autopilot.store import connections as store
from control_plane.apps.autopilot.store import functions_of, runs
from control_plane.apps.autopilot.verify_connection import Verified, verify_connection
from control_plane.cli.options import AsJson, By, Tenant, backends, operator
from control_plane.cli.output import show_json, show_lines
from control_plane.settings import read_settings
from services.errors import InvalidInput
from services.process.terminal import run_async
from services.tools.outgoing import AllowedHosts

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
    ' --options \'{"url": "https://acme.atlassian.net"}\'',
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


@app.command(
    "verify-connection", epilog="Example: python -m control_plane autopilot verify-connection UUID --tenant UUID"
)
def verify(connection: ConnectionId, tenant: Tenant, as_json: AsJson = False) -> None:
    """Ask the ticket system whether it accepts the login. Exits with 1 if not."""
    settings = read_settings()

    async def ask() -> Verified:
        async with backends() as services:
            return await verify_connection(
                functions_of(services), tenant, connection, resolve=resolver(read_logins()),
                allowed_hosts=AllowedHosts(settings.known_allowed_hosts),
            )  # fmt: skip

    found = run_async(ask())
    if as_json:
        show_json(found)
    else:
        print("valid" if found.code is None else f"{found.code}: {found.problem}")
    if found.code is not None:
        raise typer.Exit(1)


@app.command("sync", epilog="Example: python -m control_plane autopilot sync UUID --tenant UUID")
def sync(connection: ConnectionId, tenant: Tenant, by: By = "operator", as_json: AsJson = False) -> None:
    """Start a sync of a connection. The job `ingestion_runs` does it."""

    async def start() -> Run:
        async with backends() as services:
            return await runs.start_sync(functions_of(services), tenant, connection, actor=operator(by))

    started = run_async(start())
    if as_json:
        show_json(started)
    else:
        print(f"started {started.id}")


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
