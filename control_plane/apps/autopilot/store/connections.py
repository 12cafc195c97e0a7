"""Add, change, delete and list a tenant's connections to ticket systems."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter

from control_plane.apps.autopilot.connections import Connection, ConnectionType
from services.backends.functions import Functions, by
from services.envelope import Actor
from services.errors import NotFound

_CONNECTION = TypeAdapter(Connection)
_CONNECTIONS = TypeAdapter(list[Connection])


async def list_connections(functions: Functions, tenant: UUID) -> list[Connection]:
    """The connections of a tenant, by name."""
    return _CONNECTIONS.validate_python(await functions.call("autopilot.list_connections", tenant=tenant))


async def read_connection(functions: Functions, tenant: UUID, connection: UUID) -> Connection:
    """One connection. Raises NotFound."""
    row = await functions.call("autopilot.read_connection", tenant=tenant, connection=connection)
    if row is None:
        raise NotFound("connection", connection)
    return _CONNECTION.validate_python(row)


async def add_connection(
    functions: Functions, tenant: UUID, name: str, kind: ConnectionType, *, options: Mapping[str, Any] | None = None,
    sync_every_minutes: int | None = None, actor: Actor,
) -> Connection:  # fmt: skip
    """Add a connection. Raises InvalidInput, NotAllowed, and StateConflict if the name is taken."""
    row = await functions.call(
        "autopilot.add_connection", tenant=tenant, name=name, connection_type=kind, options=dict(options or {}),
        sync_every_minutes=sync_every_minutes, **by(actor), as_of=functions.as_of(),
    )  # fmt: skip
    return _CONNECTION.validate_python(row)


async def change_connection(
    functions: Functions, tenant: UUID, connection: UUID, *, name: str | None = None,
    options: Mapping[str, Any] | None = None, is_enabled: bool | None = None, sync_every_minutes: int | None = None,
    starts_over: bool = False, replaces: Connection | None = None, actor: Actor,
) -> Connection:  # fmt: skip
    """Change what is not None. `sync_every_minutes=0`: only when somebody asks. `starts_over`: the next sync reads all
    tickets, which is refused while a run is open. `replaces`: the connection that the caller read; if people have
    changed it since, nothing changes. Raises NotFound, InvalidInput, NotAllowed, StateConflict."""
    row = await functions.call(
        "autopilot.change_connection", tenant=tenant, connection=connection, name=name,
        options=None if options is None else dict(options), is_enabled=is_enabled,
        sync_every_minutes=sync_every_minutes, starts_over=starts_over,
        replaces=None if replaces is None else _edited(replaces), **by(actor), as_of=functions.as_of(),
    )  # fmt: skip
    return _CONNECTION.validate_python(row)


async def delete_connection(functions: Functions, tenant: UUID, connection: UUID, *, actor: Actor) -> None:
    """Delete a connection; its tickets stay. Raises NotFound, NotAllowed, and StateConflict while a run is open."""
    await functions.call(
        "autopilot.delete_connection", tenant=tenant, connection=connection, **by(actor), as_of=functions.as_of()
    )


def _edited(connection: Connection) -> Mapping[str, Any]:
    """What people change of a connection; syncs change the rest."""
    return {
        "name": connection.name, "latest_options": dict(connection.latest_options),
        "is_enabled": connection.is_enabled, "sync_every_minutes": connection.sync_every_minutes,
    }  # fmt: skip
