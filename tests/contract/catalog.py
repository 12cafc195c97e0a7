"""Listings of an MCP server, and short forms to sync them with the catalog."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from services.audit_log import AuditLogger
from services.backends import Backends
from services.catalog import Catalog, DecidedTool, ListedTool, Tool, ToolDecision
from services.envelope import Actor, ActorType
from services.sync_catalog import SyncReport, sync_catalog, undecided_tools
from tests.builders import a_listing, a_tool, operator
from tests.contract.builders import asking, put_one, take_one

SYSTEM = Actor(type=ActorType.SYSTEM, id="catalog_drift")
PATHS: dict[str, Any] = {"type": "object", "properties": {"path": {"type": "string"}}, "required": ["path"]}
MANY: dict[str, Any] = {"type": "object", "properties": {"path": {"type": "array"}}, "required": ["path"]}
READ = ListedTool(
    name="read", description="Reads a file.", schema=PATHS, annotations={"readOnlyHint": True},
    config={"server": "files", "tool": "read"},
)  # fmt: skip
WRITE = ListedTool(
    name="write", description="Writes a file.", schema=PATHS, config={"server": "files", "tool": "write"}
)
CHANGED = replace(READ, schema=MANY)
DRIFT = ('schema.properties.path.type: "string" → "array"',)


async def sync_tools(
    backends: Backends, tenant: UUID, *listed: ListedTool, source: str = "files", trusted: bool = True
) -> SyncReport:
    """Sync the listing. By default its source is trusted, so that new tools are active at once."""
    listing = a_listing(*listed, source=source)
    return await sync_catalog(backends, tenant, listing, actor=SYSTEM, trusted=trusted, may_be_empty=True)


def added_by_hand(tenant: UUID, **overrides: Any) -> Tool:
    """The tool READ, as a person would add it."""
    known = {"tool_slug": "FILES__read", "provider": "mcp", "schema": PATHS, "config": READ.config, "idempotent": True}
    return a_tool(tenant_id=tenant, **{**known, **overrides})


def changes_of(report: SyncReport) -> list[tuple[str, str, str]]:
    return [(change.tool_slug, change.version, change.change) for change in report.changes]


async def statuses(catalog: Catalog, tenant: UUID) -> list[tuple[str, str, str]]:
    return [(tool.tool_slug, tool.version, tool.status.value) for tool in await catalog.list_tools(tenant)]


async def catalog_rows(audit_log: AuditLogger, tenant: UUID) -> Sequence[tuple[str, str, Any]]:
    """The catalog's own audit rows, the newest first."""
    return [
        (row.entry.category, row.entry.actor.id, row.entry.payload)
        for row in await audit_log.tail(tenant, limit=100)
        if row.entry.category.startswith("tool_catalog.") and "changed" not in row.entry.payload
    ]


async def an_envelope_awaiting_approval(backends: Backends, tenant: UUID, *, digest: str = "d1") -> UUID:
    """An envelope of FILES__read that waits because its tool is new or changed, as the worker leaves it."""
    envelope = await put_one(backends.outbox, tenant, tool_slug="FILES__read", tool_version="1")
    claimed = await take_one(backends.outbox)
    verdicts = ({"guardrail": "tool", "decision": "needs_approval", "reason": "changed"},)
    await backends.outbox.settle("worker-1", [asking(claimed, digest=digest, verdicts=verdicts)])
    return envelope.id


async def accept(
    backends: Backends, tenant: UUID, slug: str = "FILES__read", decision: ToolDecision = ToolDecision.ACCEPTED
) -> DecidedTool:
    [waits] = [tool for tool in undecided_tools(await backends.catalog.list_tools(tenant)) if tool.tool_slug == slug]
    return await backends.catalog.decide(
        tenant, slug, decision=decision, schema_hash=waits.schema_hash, actor=operator("olga")
    )
