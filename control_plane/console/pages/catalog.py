"""`/console/catalog`: the tools of a tenant, what their providers changed, and the decisions about it."""

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import Response

from control_plane.api.pages import After, Cursors
from control_plane.api.tools import Context, RunningTools
from control_plane.console.filters import Chosen
from control_plane.console.own_tenant import choose_tenant, whose
from control_plane.console.render import changed, render
from control_plane.console.session import OperatorViewer, Viewer
from services.catalog import ACCEPTED_STATUSES, SyncChange, Tool, ToolDecision, ToolStatus
from services.catalog.definition import stored_definition
from services.decide_tool import decide_tool
from services.errors import NotFound
from services.sync_catalog import Source, undecided_tools
from services.sync_sources import SyncFailure, sources_in_catalogs, sync_sources

router = APIRouter(prefix="/catalog")
PAGE_SIZE = 50


@router.get("")
async def show_list(
    request: Request,
    viewer: Viewer,
    tenant_id: Annotated[Chosen[UUID], Query()] = None,
    status: Annotated[Chosen[ToolStatus], Query()] = None,
    text: Annotated[Chosen[str], Query(max_length=255)] = None,
    after: After = None,
) -> Response:
    """The tools, and those with a pending decision."""
    if viewer.tenant_or_all(tenant_id) is None:
        return await choose_tenant(request, viewer, "Catalog")
    tenant = await viewer.known_tenant(tenant_id)
    tools = await viewer.backends.catalog.list_tools(tenant)
    found = [tool for tool in tools if _matches_filter(tool, status, (text or "").casefold())]
    cursors = Cursors("console.catalog", tenant, status, text)
    left = _tools_after(found, cursors.read_key(after))
    last = left[PAGE_SIZE - 1] if len(left) > PAGE_SIZE else None
    return render(
        request, "catalog/list.html", tools=left[:PAGE_SIZE], undecided=undecided_tools(tools), has_tools=bool(tools),
        statuses=list(ToolStatus), next=None if last is None else cursors.write_key(last.tool_slug, last.version),
        **await _template_values(viewer, tenant),
    )  # fmt: skip


@router.get("/tool")
async def show_one(
    request: Request,
    viewer: Viewer,
    tool_slug: Annotated[str, Query(min_length=1, max_length=1024)],
    tenant_id: UUID | None = None,
    version: Annotated[Chosen[str], Query(max_length=255)] = None,
) -> Response:
    """One tool: what it is now, what its provider wants it to be, and its versions."""
    tenant = await viewer.known_tenant(tenant_id)
    versions = [tool for tool in await viewer.backends.catalog.list_tools(tenant) if tool.tool_slug == tool_slug]
    tool = _choose_version(versions, version)
    accepted = next((tool for tool in versions if tool.status in ACCEPTED_STATUSES), None)
    candidate = next(iter(undecided_tools(versions)), None)
    return render(
        request, "catalog/one.html", tool=tool, versions=versions, accepted=accepted, candidate=candidate,
        definition=stored_definition, may_decide=viewer.tenant_id is None, **await _template_values(viewer, tenant),
    )  # fmt: skip


@router.post("/tool/{decision}")
async def decide(
    viewer: OperatorViewer,
    decision: ToolDecision,
    tool_slug: Annotated[str, Form(max_length=1024)],
    tenant_id: UUID,
    schema_hash: Annotated[str, Form(max_length=64)] = "",
    reason: Annotated[str, Form(max_length=4000)] = "",
) -> Response:
    """Accept or reject the definition that the page showed."""
    decided = await decide_tool(
        viewer.backends, tenant_id, tool_slug, decision=decision, hash_prefix=schema_hash or None,
        reason=reason.strip() or None, actor=viewer.actor,
    )  # fmt: skip
    waited = f" {decided.envelopes:,} waiting envelopes are judged again." if decided.envelopes else ""
    return changed(f"Tool {decision}.{waited}")


@router.get("/sources")
async def show_sources(request: Request, viewer: OperatorViewer, tenant_id: UUID) -> Response:
    """Where the tools of the tenant come from."""
    tenant = await viewer.known_tenant(tenant_id)
    known, _ = await sources_in_catalogs(viewer.backends, [tenant])
    return render(request, "catalog/sources.html", sources=sorted(known), **await _template_values(viewer, tenant))


@router.post("/sources/check")
async def check_source(
    _viewer: OperatorViewer,
    tools: RunningTools,
    provider: Annotated[str, Form(max_length=255)],
    source: Annotated[str, Form(max_length=1024)],
) -> Response:
    """Ask whether a source can be reached now."""
    problem = await tools.health(provider, source)
    return changed(f"{source}: {problem or 'can be reached.'}")


@router.post("/sources/sync")
async def sync_source(
    viewer: OperatorViewer,
    context: Context,
    tenant_id: UUID,
    provider: Annotated[str, Form(max_length=255)],
    source: Annotated[str, Form(max_length=1024)],
) -> Response:
    """Read what a source offers now. New and changed tools wait for a decision."""
    results = sync_sources(
        viewer.backends, context.tools, {Source(provider, source): [tenant_id]}, rules=context.rules,
        trusted_sources=context.trusted_sources, actor=viewer.actor,
    )  # fmt: skip
    async for result in results:
        if isinstance(result, SyncFailure):
            raise result.error
        changes = [tool for tool in result[1].changes if tool.change is not SyncChange.UNCHANGED]
        return changed(f"{source}: {len(changes):,} tools changed." if changes else f"{source}: nothing has changed.")
    raise NotFound("source", source)


async def _template_values(viewer: Viewer, tenant: UUID) -> dict[str, Any]:
    return await whose(viewer, "catalog", tenant)


def _matches_filter(tool: Tool, status: ToolStatus | None, text: str) -> bool:
    if status is None and tool.status is ToolStatus.RETIRED:
        return False
    return status in {None, tool.status} and text in f"{tool.tool_slug}\n{tool.display_name}\n{tool.source}".casefold()


def _tools_after(tools: Sequence[Tool], key: tuple[str, ...] | None) -> Sequence[Tool]:
    """The tools after this slug and version. Tools are sorted by slug, the newest version first."""
    if key is None:
        return tools
    keys = [(tool.tool_slug, tool.version) for tool in tools]
    return tools[keys.index((key[0], key[1])) + 1 :] if (key[0], key[1]) in keys else ()


def _choose_version(versions: Sequence[Tool], version: str | None) -> Tool:
    """The named version; without a name, the accepted version or, if there is none, the newest."""
    for tool in versions:
        if tool.version == version if version is not None else tool.status in ACCEPTED_STATUSES:
            return tool
    if version is None and versions:
        return versions[0]
    raise NotFound("tool", None, "this tenant has no such tool", field="tool_slug")
