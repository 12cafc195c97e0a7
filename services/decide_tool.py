"""Store a person's decision on new or changed tools."""

from collections.abc import Sequence
from uuid import UUID

from services.backends import Backends
from services.catalog import CANDIDATE_STATUSES, DecidedTool, Tool, ToolDecision, ToolStatus
from services.envelope import Actor
from services.errors import InvalidInput, NotFound
from services.sync_catalog import select_tenants, undecided_tools

MIN_HASH_DIGITS = 8
"""The shortest beginning of a hash that names a definition."""


async def decide_tool(
    backends: Backends,
    tenant: UUID,
    tool_slug: str,
    *,
    decision: ToolDecision,
    hash_prefix: str | None,
    reason: str | None,
    actor: Actor,
) -> DecidedTool:
    """Accept or reject the definition whose hash begins with `hash_prefix`; None means the definition as it is now.

    A tool that was accepted before may also be rejected, with a reason. Raises NotFound if there is nothing to decide,
    StateConflict if the tool has changed since, and InvalidInput.
    """
    if hash_prefix is not None and len(hash_prefix) < MIN_HASH_DIGITS:
        raise InvalidInput("hash", f"must have at least the first {MIN_HASH_DIGITS} digits")
    tools = [tool for tool in await backends.catalog.list_tools(tenant) if tool.tool_slug == tool_slug]
    candidates = [tool for tool in tools if tool.status in CANDIDATE_STATUSES]
    if not candidates and decision == ToolDecision.REJECTED:
        candidates = [tool for tool in tools if tool.status in {ToolStatus.ACTIVE, ToolStatus.REMOVED}]
    if not candidates:
        problem = f"{tool_slug!r} of this tenant has no pending decision"
        raise NotFound("decision", tool_slug, problem, field="tool_slug")
    current_hash = candidates[0].schema_hash
    schema_hash = current_hash if hash_prefix is None or current_hash.startswith(hash_prefix) else hash_prefix
    return await backends.catalog.decide(
        tenant, tool_slug, decision=decision, schema_hash=schema_hash, actor=actor, reason=reason
    )


async def list_new_tools(backends: Backends, source: str, *, provider: str | None, tenant: UUID | None) -> list[Tool]:
    """The pending new tools of this source, of one tenant or of all. Raises NotFound if there are none."""
    tools = [
        tool
        for tenant_id in await select_tenants(backends, tenant)
        for tool in undecided_tools(await backends.catalog.list_tools(tenant_id))
        if tool.is_new and tool.source == source and provider in {None, tool.provider}
    ]
    if not tools:
        raise NotFound("new tool", source, f"{source!r} has no new tool with a pending decision", field="source")
    return tools


async def decide_tools(
    backends: Backends, tools: Sequence[Tool], *, decision: ToolDecision, reason: str | None, actor: Actor
) -> int:
    """Decide on each of these tools. Returns how many envelopes had waited for the decisions."""
    envelopes = 0
    for tool in tools:
        decided = await backends.catalog.decide(
            tool.tenant_id, tool.tool_slug, decision=decision, schema_hash=tool.schema_hash, actor=actor, reason=reason
        )
        envelopes += decided.envelopes
    return envelopes
