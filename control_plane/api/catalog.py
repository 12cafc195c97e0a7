"""`/v1/catalog`: the tools of a tenant, changes of their providers, and the decisions about them."""

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field

from control_plane.api.answers import Answer
from control_plane.api.bodies import StrictRoute, body_in_openapi, read_object
from control_plane.api.identity import Operator, Principal, Reader, TenantId
from control_plane.api.pages import After, Cursors, Limit, Page
from control_plane.api.tools import Context, RunningTools
from services.add_tool import add_tool
from services.catalog import SyncChange, Tool, ToolDecision, ToolStatus
from services.decide_tool import decide_tool
from services.envelope import Risk
from services.errors import NotFound
from services.sync_catalog import Source, SyncReport, select_tenants, undecided_tools
from services.sync_sources import SyncFailure, sources_in_catalogs, sync_sources

router = APIRouter(prefix="/v1/catalog", route_class=StrictRoute, tags=["catalog"])
Slug = Annotated[str, Field(min_length=1, max_length=1024, examples=["SLACK__chat.post"])]


class ToolAnswer(Answer):
    """One version of a tool. Names and descriptions are the provider's: untrusted text."""

    tenant_id: UUID
    tool_slug: str
    version: str
    display_name: str
    description: str
    risk: Risk
    schema_: dict[str, Any] = Field(validation_alias="schema", serialization_alias="schema", examples=[{}])
    required_scopes: list[str]
    provider: str = Field(examples=["mcp"])
    idempotent: bool
    rate_bucket: str | None
    scan: dict[str, Any] | None
    source: str
    annotations: dict[str, Any]
    schema_hash: str
    status: ToolStatus
    drift: list[str] = Field(description="What the provider changed: one difference per entry.", examples=[[]])
    drifted_to: str | None
    unreadable: str | None


class ToolList(BaseModel):
    items: list[ToolAnswer]


class NewTool(BaseModel, extra="forbid"):
    """A tool with columns of `tool_catalog`. It replaces a tool with the same slug and version."""

    tool_slug: Slug
    version: str = Field(min_length=1, max_length=255, examples=["1"])
    provider: str = Field(examples=["http"])
    config: dict[str, Any] = Field(
        default={}, description="Settings that the provider needs to call the tool.",
        examples=[{"url": "https://desk.example/hooks", "secret": "desk"}],
    )  # fmt: skip
    schema_: dict[str, Any] = Field(
        default={}, alias="schema", description="JSON Schema of the arguments.", examples=[{"type": "object"}]
    )
    display_name: str = Field(default="", examples=["Open a ticket"])
    description: str = ""
    risk: Risk = Risk.LOW
    required_scopes: list[str] = []
    idempotent: bool = False
    rate_bucket: str | None = None
    scan: dict[str, Any] | None = None
    annotations: dict[str, Any] = {}


class Accept(BaseModel, extra="forbid"):
    """The definition of a tool that a person accepts."""

    hash: str = Field(
        pattern=r"^[0-9a-f]{8,64}$", description="`schema_hash` of the tool that you saw, or its first characters.",
        examples=["9f86d081"],
    )  # fmt: skip
    reason: str | None = Field(default=None, max_length=4000)


class DecidedAnswer(BaseModel):
    """The decision, and how many envelopes waited for this decision."""

    tool_slug: str
    version: str
    decision: ToolDecision
    envelopes: int


class SourceAnswer(BaseModel):
    """A source of tools, and why it cannot be reached."""

    provider: str = Field(examples=["mcp"])
    source: str = Field(examples=["everything"])
    problem: str | None


class SourceList(BaseModel):
    items: list[SourceAnswer]


class Sync(BaseModel, extra="forbid"):
    """The source whose tools are written into the catalog."""

    provider: str = Field(min_length=1, max_length=255, examples=["mcp"])
    source: str = Field(min_length=1, max_length=1024, examples=["everything"])
    may_be_empty: bool = Field(default=False, description="Let a source that lists no tools remove all of its tools.")
    trust: bool = Field(default=False, description="Accept new tools without a decision.")


class ChangeAnswer(Answer):
    tool_slug: str
    version: str
    change: SyncChange
    drift: list[str] = Field(examples=[[]])


class RefusedAnswer(Answer):
    name: str
    why: str


class SyncAnswer(BaseModel):
    """What a sync changed in one tenant's catalog, or why it changed nothing."""

    tenant_id: UUID | None
    changes: list[ChangeAnswer]
    refused: list[RefusedAnswer]
    problem: str | None


class SyncList(BaseModel):
    items: list[SyncAnswer]


@router.get("/tools")
async def list_tools(
    caller: Reader,
    tenant_id: TenantId = None,
    status: ToolStatus | None = None,
    limit: Limit = 50,
    after: After = None,
) -> Page[ToolAnswer]:
    """All versions of the tenant's tools, sorted by slug, the newest version first."""
    tenant = await caller.known_tenant(tenant_id)
    cursors = Cursors("tools", tenant, status)
    tools = await caller.backends.catalog.list_tools(tenant)
    left = _tools_after(tools, cursors.read_key(after))
    shown = [tool for tool in left if status in {None, tool.status}][: limit + 1]
    last = shown[limit - 1] if len(shown) > limit else None
    return Page(
        items=[_answer(tool) for tool in shown[:limit]],
        next=None if last is None else cursors.write_key(last.tool_slug, last.version),
    )


@router.post("/tools", status_code=201, openapi_extra=body_in_openapi(NewTool))
async def add(request: Request, caller: Operator, tenant_id: TenantId = None) -> ToolAnswer:
    """Add a tool to the tenant's catalog, or replace the same version of it. For operators."""
    document = {**await read_object(request), "tenant_id": str(caller.one_tenant(tenant_id))}
    added = await add_tool(caller.backends, document, actor=caller.actor)
    return _answer(await _find_tool(caller, added.tenant_id, added.tool_slug, added.version))


@router.get("/tools/{tool_slug}")
async def get(
    tool_slug: Slug,
    caller: Reader,
    tenant_id: TenantId = None,
    version: Annotated[
        str | None, Query(max_length=255, description="Version of the tool; by default the newest one in use.")
    ] = None,
) -> ToolAnswer:
    """One tool."""
    return _answer(await _find_tool(caller, caller.one_tenant(tenant_id), tool_slug, version))


@router.post("/tools/{tool_slug}/accept")
async def accept(tool_slug: Slug, body: Accept, caller: Operator, tenant_id: TenantId = None) -> DecidedAnswer:
    """Accept a new or changed tool as you saw it. Envelopes that waited for this are judged again. For operators.

    409 if the provider has changed the tool since.
    """
    return await _decide(caller, tenant_id, tool_slug, ToolDecision.ACCEPTED, body.hash, body.reason)


@router.post("/tools/{tool_slug}/reject")
async def reject(tool_slug: Slug, body: Accept, caller: Operator, tenant_id: TenantId = None) -> DecidedAnswer:
    """Reject a new or changed tool as you saw it, so that it is not called. For operators."""
    return await _decide(caller, tenant_id, tool_slug, ToolDecision.REJECTED, body.hash, body.reason)


@router.delete("/tools/{tool_slug}")
async def remove(
    tool_slug: Slug,
    caller: Operator,
    reason: Annotated[str, Query(min_length=1, max_length=4000, examples=["the vendor was dropped"])],
    tenant_id: TenantId = None,
) -> DecidedAnswer:
    """Take a tool out of use. It stays in the catalog as rejected; its envelopes are denied. For operators."""
    return await _decide(caller, tenant_id, tool_slug, ToolDecision.REJECTED, None, reason)


@router.get("/drift")
async def list_drift(caller: Reader, tenant_id: TenantId = None) -> ToolList:
    """The new and changed tools that nobody has decided about, by the last sync."""
    tools = await caller.backends.catalog.list_tools(await caller.known_tenant(tenant_id))
    return ToolList(items=[_answer(tool) for tool in undecided_tools(tools)])


@router.get("/sources")
async def check_sources(caller: Operator, tools: RunningTools, tenant_id: TenantId = None) -> SourceList:
    """The sources of the catalog, of one tenant or of all, and whether each can be reached now. For operators."""
    tenants = await select_tenants(caller.backends, tenant_id)
    known, failures = await sources_in_catalogs(caller.backends, tenants)
    if failures:
        raise failures[0].error
    return SourceList(
        items=[
            SourceAnswer(provider=provider, source=source, problem=await tools.health(provider, source))
            for provider, source in sorted(known)
        ]
    )


@router.post("/sync")
async def sync(body: Sync, caller: Operator, context: Context, tenant_id: TenantId = None) -> SyncList:
    """Write the tools that a source offers now into the catalog of one tenant, or of all. For operators.

    New and changed tools wait for a decision.
    """
    tenants = await select_tenants(caller.backends, tenant_id)
    results = sync_sources(
        caller.backends, context.tools, {Source(body.provider, body.source): tenants}, rules=context.rules,
        trusted_sources={*context.trusted_sources, *([body.source] if body.trust else [])}, actor=caller.actor,
        may_be_empty=body.may_be_empty,
    )  # fmt: skip
    items = []
    async for result in results:
        if isinstance(result, SyncFailure):
            if result.tenant_id is None:
                raise result.error
            items.append(SyncAnswer(tenant_id=result.tenant_id, changes=[], refused=[], problem=str(result.error)))
        else:
            items.append(_sync_answer(result[1]))
    return SyncList(items=items)


async def _decide(
    caller: Principal, tenant_id: UUID | None, tool_slug: str, decision: ToolDecision, hash_prefix: str | None,
    reason: str | None,
) -> DecidedAnswer:  # fmt: skip
    decided = await decide_tool(
        caller.backends, caller.one_tenant(tenant_id), tool_slug, decision=decision, hash_prefix=hash_prefix,
        reason=reason, actor=caller.actor,
    )  # fmt: skip
    return DecidedAnswer(tool_slug=tool_slug, version=decided.version, decision=decision, envelopes=decided.envelopes)


async def _find_tool(caller: Principal, tenant: UUID, tool_slug: str, version: str | None) -> Tool:
    for tool in await caller.backends.catalog.list_tools(tenant):
        if tool.tool_slug == tool_slug and (
            tool.version == version if version is not None else tool.status is not ToolStatus.RETIRED
        ):
            return tool
    raise NotFound("tool", None, "this tenant has no such tool", field="tool_slug")


def _tools_after(tools: Sequence[Tool], key: tuple[str, ...] | None) -> Sequence[Tool]:
    """The tools after the tool with this slug and version. That tool still exists, as tools are never deleted."""
    keys = [(tool.tool_slug, tool.version) for tool in tools]
    return tools if key is None else tools[keys.index((key[0], key[1])) + 1 :]


def _answer(tool: Tool) -> ToolAnswer:
    return ToolAnswer.model_validate(tool)


def _sync_answer(report: SyncReport) -> SyncAnswer:
    return SyncAnswer(
        tenant_id=report.tenant_id, changes=[ChangeAnswer.model_validate(change) for change in report.changes],
        refused=[RefusedAnswer.model_validate(refused) for refused in report.refused], problem=None,
    )  # fmt: skip
