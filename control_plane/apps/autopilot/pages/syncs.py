"""`/console/syncs`: connections to ticket systems, their ingestion runs, and what could not be processed."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from control_plane.api.etags import check_match, etag, stale_is_refused
from control_plane.api.pages import After, Cursors, page_of
from control_plane.api.tools import Context
from control_plane.apps.autopilot.connections import ConnectionType
from control_plane.apps.autopilot.routes.connections import document_of
from control_plane.apps.autopilot.runs import FailureState
from control_plane.apps.autopilot.sources.logins import read_logins, resolver
from control_plane.apps.autopilot.store import connections, failures, functions_of, runs
from control_plane.apps.autopilot.verify_connection import verify_connection
from control_plane.console.own_tenant import choose_tenant, linker, may, whose
from control_plane.console.render import changed, render
from control_plane.console.session import Viewer
from control_plane.strict_json import parse_object
from services.errors import NotAllowed
from services.tenants import TenantRole
from services.tools.outgoing import AllowedHosts

router = APIRouter(prefix="/syncs")
PAGE_SIZE = 50
Name = Annotated[str, Form(min_length=1, max_length=255)]
Options = Annotated[str, Form(max_length=100_000)]
Minutes = Annotated[int, Form(ge=0, le=525_600)]


@router.get("")
async def show_connections(request: Request, viewer: Viewer, tenant_id: UUID | None = None) -> Response:
    """The connections of a tenant."""
    if viewer.tenant_or_all(tenant_id) is None:
        return await choose_tenant(request, viewer, "Ticket syncs")
    tenant = await viewer.known_tenant(tenant_id)
    functions = functions_of(viewer.backends)
    found = await connections.list_connections(functions, tenant)
    return render(
        request, "autopilot/connections.html", connections=found,
        etags={each.id: etag(document_of(each)) for each in found}, kinds=list(ConnectionType),
        may_sync=may(viewer, TenantRole.OWNER, TenantRole.REVIEWER), may_change=may(viewer, TenantRole.OWNER),
        **await whose(viewer, "syncs", tenant),
    )  # fmt: skip


@router.get("/runs")
async def show_runs(request: Request, viewer: Viewer, tenant_id: UUID | None = None, after: After = None) -> Response:
    """The ingestion runs of a tenant, the newest first."""
    tenant = await viewer.known_tenant(tenant_id)
    functions = functions_of(viewer.backends)
    cursors = Cursors("console.syncs.runs", tenant)
    found = await runs.list_runs(functions, tenant, before=cursors.read(after), limit=PAGE_SIZE + 1)
    page, has_more = page_of(found, PAGE_SIZE)
    return render(
        request, "autopilot/runs.html", runs=page, may_sync=may(viewer, TenantRole.OWNER, TenantRole.REVIEWER),
        names={each.id: each.name for each in await connections.list_connections(functions, tenant)},
        next=cursors.write((page[-1].created_at, page[-1].id)) if has_more else None,
        **await whose(viewer, "syncs", tenant),
    )  # fmt: skip


@router.get("/failures")
async def show_failures(
    request: Request, viewer: Viewer, tenant_id: UUID | None = None, state: FailureState = FailureState.OPEN,
    after: After = None,
) -> Response:  # fmt: skip
    """The records and messages of a tenant that could not be processed, in one state."""
    tenant = await viewer.known_tenant(tenant_id)
    functions = functions_of(viewer.backends)
    cursors = Cursors("console.syncs.failures", tenant, state)
    found = await failures.list_failures(
        functions, tenant, state=state, before=cursors.read(after), limit=PAGE_SIZE + 1
    )
    page, has_more = page_of(found, PAGE_SIZE)
    return render(
        request, "autopilot/failures.html", failures=page, state=state, states=list(FailureState),
        may_decide=may(viewer, TenantRole.OWNER, TenantRole.REVIEWER),
        names={str(each.id): each.name for each in await connections.list_connections(functions, tenant)},
        next=cursors.write((page[-1].created_at, page[-1].id)) if has_more else None,
        **await whose(viewer, "syncs", tenant),
    )  # fmt: skip


@router.post("")
async def add(
    viewer: Viewer, name: Name, options: Options, connection_type: Annotated[ConnectionType, Form()],
    sync_every_minutes: Minutes = 0, tenant_id: UUID | None = None,
) -> Response:  # fmt: skip
    """Add a connection."""
    tenant = viewer.one_tenant(tenant_id)
    await connections.add_connection(
        functions_of(viewer.backends), tenant, name.strip(), connection_type,
        options=parse_object(options, name="options"), sync_every_minutes=sync_every_minutes or None,
        actor=viewer.actor,
    )  # fmt: skip
    return changed(f"{name.strip()} is connected. Verify its login.", to=linker(viewer, "syncs", tenant)())


@router.post("/{connection_id}/change")
async def change(
    connection_id: UUID, viewer: Viewer, name: Name, options: Options, sync_every_minutes: Minutes = 0,
    starts_over: Annotated[bool, Form()] = False, seen: Annotated[str, Form()] = "", tenant_id: UUID | None = None,
) -> Response:  # fmt: skip
    """Change a connection. Refused if somebody else has changed it meanwhile: `seen` is the ETag of what the person
    saw."""
    functions, tenant = functions_of(viewer.backends), viewer.one_tenant(tenant_id)
    found = await connections.read_connection(functions, tenant, connection_id)
    check_match(seen, document_of(found))
    with stale_is_refused():
        await connections.change_connection(
            functions, tenant, connection_id, name=name.strip(), options=parse_object(options, name="options"),
            sync_every_minutes=sync_every_minutes, starts_over=starts_over, replaces=found, actor=viewer.actor,
        )  # fmt: skip
    return changed("Saved.", to=linker(viewer, "syncs", tenant)())


@router.post("/{connection_id}/delete")
async def delete(connection_id: UUID, viewer: Viewer, tenant_id: UUID | None = None) -> Response:
    """Delete a connection; its tickets stay."""
    await connections.delete_connection(
        functions_of(viewer.backends), viewer.one_tenant(tenant_id), connection_id, actor=viewer.actor
    )
    return changed("Deleted. Its tickets stay.")


@router.post("/{connection_id}/start")
async def start(connection_id: UUID, viewer: Viewer, tenant_id: UUID | None = None) -> Response:
    """Start a sync."""
    functions, tenant = functions_of(viewer.backends), viewer.one_tenant(tenant_id)
    await runs.start_sync(functions, tenant, connection_id, actor=viewer.actor)
    return changed("Started. The page shows how far it is.")


@router.post("/{connection_id}/verify")
async def verify(connection_id: UUID, viewer: Viewer, context: Context, tenant_id: UUID | None = None) -> Response:
    """Ask the ticket system whether it accepts the login and lets it read tickets."""
    if not may(viewer, TenantRole.OWNER, TenantRole.REVIEWER):
        raise NotAllowed("role: must be owner or reviewer")
    verified = await verify_connection(
        functions_of(viewer.backends), viewer.one_tenant(tenant_id), connection_id,
        resolve=resolver(read_logins()), allowed_hosts=AllowedHosts(context.allowed_hosts),
    )  # fmt: skip
    return changed("The login works." if verified.code is None else f"The login does not work. {verified.problem}")


@router.post("/{connection_id}/enable")
async def enable(connection_id: UUID, viewer: Viewer, tenant_id: UUID | None = None) -> Response:
    """Allow syncs of a connection again."""
    return await _switch(viewer, connection_id, tenant_id, is_enabled=True)


@router.post("/{connection_id}/disable")
async def disable(connection_id: UUID, viewer: Viewer, tenant_id: UUID | None = None) -> Response:
    """Start no more syncs of a connection."""
    return await _switch(viewer, connection_id, tenant_id, is_enabled=False)


@router.post("/runs/{run_id}/cancel")
async def cancel(run_id: UUID, viewer: Viewer, tenant_id: UUID | None = None) -> Response:
    """Cancel a run."""
    await runs.cancel_run(functions_of(viewer.backends), viewer.one_tenant(tenant_id), run_id, actor=viewer.actor)
    return changed("Cancelled. The tickets that it stored stay.")


@router.post("/failures/{failure_id}/redrive")
async def redrive(failure_id: UUID, viewer: Viewer, tenant_id: UUID | None = None) -> Response:
    """Ask that a record or message is processed again."""
    await failures.redrive_failure(
        functions_of(viewer.backends), viewer.one_tenant(tenant_id), failure_id, actor=viewer.actor
    )
    return changed("It is processed again within seconds.")


@router.post("/failures/{failure_id}/dismiss")
async def dismiss(failure_id: UUID, viewer: Viewer, tenant_id: UUID | None = None) -> Response:
    """Say that nothing is to be done about a failure."""
    await failures.dismiss_failure(
        functions_of(viewer.backends), viewer.one_tenant(tenant_id), failure_id, actor=viewer.actor
    )
    return changed("Dismissed.")


async def _switch(viewer: Viewer, connection: UUID, tenant_id: UUID | None, *, is_enabled: bool) -> Response:
    await connections.change_connection(
        functions_of(viewer.backends), viewer.one_tenant(tenant_id), connection, is_enabled=is_enabled,
        actor=viewer.actor,
    )  # fmt: skip
    return changed("Syncs may start again." if is_enabled else "No more syncs start. An open run continues.")
