"""`/v1/autopilot/connections`: the ticket systems from which tickets come, and syncs of them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from control_plane.api.answers import Answer
from control_plane.api.bodies import StrictRoute
from control_plane.api.etags import IfMatch, check_match, etag, stale_is_refused
from control_plane.api.identity import Person, Reader, TenantId
from control_plane.api.tools import Context
from control_plane.apps.autopilot.connections import Connection, ConnectionType
from control_plane.apps.autopilot.routes.runs import RunAnswer
from control_plane.apps.autopilot.sources import SourceCode
from control_plane.apps.autopilot.sources.logins import read_logins, resolver
from control_plane.apps.autopilot.store import connections, functions_of, runs
from control_plane.apps.autopilot.verify_connection import verify_connection
from services.errors import NotAllowed
from services.tenants import TenantRole
from services.tools.outgoing import AllowedHosts

router = APIRouter(prefix="/v1/autopilot/connections", route_class=StrictRoute, tags=["ticket connections"])
Name = Annotated[str, Field(min_length=1, max_length=255, examples=["Help desk"])]
Options = Annotated[
    Mapping[str, Any],
    Field(description="What a sync needs to know, no secrets.", examples=[{"url": "https://acme.service-now.com"}]),
]


class ConnectionAnswer(Answer):
    """A connection to a ticket system."""

    id: UUID
    name: str | None
    connection_type: ConnectionType
    options: Options = Field(validation_alias="latest_options")
    is_enabled: bool = Field(description="Whether syncs may start.")
    sync_every_minutes: int | None = Field(description="Null: a sync starts only when somebody asks.")
    last_sync_at: datetime | None = Field(description="When a sync last reached the end.")
    open_run_id: UUID | None = Field(description="The run that has not ended.")


class ConnectionList(BaseModel):
    """The connections of a tenant, by name."""

    items: list[ConnectionAnswer]


class NewConnection(BaseModel, extra="forbid"):
    """A connection to add."""

    name: Name
    connection_type: ConnectionType
    options: Options = {}
    sync_every_minutes: int | None = Field(default=None, ge=1, le=525_600, examples=[15])


class ConnectionChange(BaseModel, extra="forbid"):
    """The fields of a connection that change."""

    name: Name | None = None
    options: Options | None = None
    is_enabled: bool | None = None
    sync_every_minutes: int | None = Field(
        default=None, ge=0, le=525_600, description="0: a sync starts only when somebody asks.", examples=[15]
    )
    starts_over: bool = Field(default=False, description="The next sync reads every ticket again.")


class VerifiedAnswer(BaseModel):
    """Whether a sync could read tickets now."""

    is_valid: bool
    code: SourceCode | None = Field(description="Why not, in one word.")
    problem: str | None = Field(description="Why not, on one line.")


@router.get("")
async def list_all(caller: Reader, tenant_id: TenantId = None) -> ConnectionList:
    """The connections to ticket systems, by name."""
    found = await connections.list_connections(functions_of(caller.backends), await caller.known_tenant(tenant_id))
    return ConnectionList(items=[ConnectionAnswer.model_validate(each) for each in found])


@router.post("", status_code=201)
async def add(body: NewConnection, response: Response, caller: Person, tenant_id: TenantId = None) -> ConnectionAnswer:
    """Add a connection. Its login is not stored: the operator puts it into the settings. For owners."""
    added = await connections.add_connection(
        functions_of(caller.backends), caller.one_tenant(tenant_id), body.name, body.connection_type,
        options=body.options, sync_every_minutes=body.sync_every_minutes, actor=caller.actor,
    )  # fmt: skip
    response.headers["Location"] = f"{router.prefix}/{added.id}"
    return _answer(response, added)


@router.get("/{connection_id}")
async def get(connection_id: UUID, response: Response, caller: Reader, tenant_id: TenantId = None) -> ConnectionAnswer:
    """One connection. Send its ETag as If-Match to change it."""
    found = await connections.read_connection(
        functions_of(caller.backends), caller.one_tenant(tenant_id), connection_id
    )
    return _answer(response, found)


@router.patch("/{connection_id}")
async def change(
    connection_id: UUID, body: ConnectionChange, response: Response, caller: Person, tenant_id: TenantId = None,
    if_match: IfMatch = None,
) -> ConnectionAnswer:  # fmt: skip
    """Change the named fields and keep the others. Needs the header If-Match. For owners."""
    functions, tenant = functions_of(caller.backends), caller.one_tenant(tenant_id)
    found = await connections.read_connection(functions, tenant, connection_id)
    check_match(if_match, document_of(found))
    with stale_is_refused():
        changed = await connections.change_connection(
            functions, tenant, connection_id, name=body.name, options=body.options, is_enabled=body.is_enabled,
            sync_every_minutes=body.sync_every_minutes, starts_over=body.starts_over, replaces=found,
            actor=caller.actor,
        )  # fmt: skip
    return _answer(response, changed)


@router.delete("/{connection_id}", status_code=204)
async def delete(connection_id: UUID, caller: Person, tenant_id: TenantId = None) -> None:
    """Delete a connection; its tickets stay. 409 while one of its runs is open. For owners."""
    await connections.delete_connection(
        functions_of(caller.backends), caller.one_tenant(tenant_id), connection_id, actor=caller.actor
    )


@router.post("/{connection_id}/sync", status_code=201)
async def sync(connection_id: UUID, response: Response, caller: Person, tenant_id: TenantId = None) -> RunAnswer:
    """Start a sync. 409 if a run of the connection is open: the error names it. For owners and reviewers."""
    run = await runs.start_sync(
        functions_of(caller.backends), caller.one_tenant(tenant_id), connection_id, actor=caller.actor
    )
    response.headers["Location"] = f"/v1/autopilot/runs/{run.id}"
    return RunAnswer.model_validate(run)


@router.post("/{connection_id}/verify")
async def verify(connection_id: UUID, caller: Person, context: Context, tenant_id: TenantId = None) -> VerifiedAnswer:
    """Ask the ticket system whether it accepts the login and lets it read tickets. For owners and reviewers."""
    if caller.role not in {None, TenantRole.OWNER, TenantRole.REVIEWER}:
        raise NotAllowed("role: must be owner or reviewer")
    verified = await verify_connection(
        functions_of(caller.backends), caller.one_tenant(tenant_id), connection_id,
        resolve=resolver(read_logins()), allowed_hosts=AllowedHosts(context.allowed_hosts),
    )  # fmt: skip
    return VerifiedAnswer(is_valid=verified.code is None, code=verified.code, problem=verified.problem)


def _answer(response: Response, connection: Connection) -> ConnectionAnswer:
    response.headers["ETag"] = etag(document_of(connection))
    return ConnectionAnswer.model_validate(connection)


def document_of(connection: Connection) -> Mapping[str, Any]:
    """What the ETag is made of: what people change. Syncs change the other fields."""
    return {
        "id": str(connection.id), "name": connection.name, "options": dict(connection.latest_options),
        "is_enabled": connection.is_enabled, "sync_every_minutes": connection.sync_every_minutes,
    }  # fmt: skip
