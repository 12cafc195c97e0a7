"""Take a person's word about tools that are new or changed."""

from collections.abc import Sequence
from uuid import UUID

from services.backends import Backends
from services.catalog import CANDIDATE, DecidedTool, Tool, ToolDecision, ToolStatus
from services.envelope import Actor
from services.errors import InvalidInput, NotFound
from services.sync_catalog import select_tenants, undecided_tools

FEWEST_DIGITS = 8
"""Of a hash that stands for the whole."""


async def decide_tool(
    backends: Backends,
    tenant: UUID,
    tool_slug: str,
    *,
    decision: ToolDecision,
    seen: str | None,
    reason: str | None,
    actor: Actor,
) -> DecidedTool:
    """`accepted` or `rejected`, about the definition whose hash begins with `seen`; None means it as it stands now.

    A tool that was accepted may be rejected too, with a reason. Raises NotFound where there is nothing to decide,
    StateConflict when the tool has changed since, InvalidInput.
    """
    if seen is not None and len(seen) < FEWEST_DIGITS:
        raise InvalidInput("hash", f"give at least its first {FEWEST_DIGITS} digits")
    tools = [tool for tool in await backends.catalog.list_tools(tenant) if tool.tool_slug == tool_slug]
    candidates = [tool for tool in tools if tool.status in CANDIDATE]
    if not candidates and decision == ToolDecision.REJECTED:
        candidates = [tool for tool in tools if tool.status in {ToolStatus.ACTIVE, ToolStatus.REMOVED}]
    if not candidates:
        problem = f"{tool_slug!r} of this tenant waits for no decision"
        raise NotFound("decision", tool_slug, problem, field="tool_slug")
    now = candidates[0].schema_hash
    meant = now if seen is None or now.startswith(seen) else seen
    return await backends.catalog.decide(
        tenant, tool_slug, decision=decision, schema_hash=meant, actor=actor, reason=reason
    )


async def list_new_tools(backends: Backends, source: str, *, provider: str | None, tenant: UUID | None) -> list[Tool]:
    """Every tool that is new to this source, of one tenant or of all. Raises NotFound where there is none."""
    found = [
        tool
        for owner in await select_tenants(backends, tenant)
        for tool in undecided_tools(await backends.catalog.list_tools(owner))
        if tool.is_new and tool.source == source and provider in {None, tool.provider}
    ]
    if not found:
        raise NotFound("new tool", source, f"no new tool of {source!r} waits", field="source")
    return found


async def decide_tools(
    backends: Backends, tools: Sequence[Tool], *, decision: ToolDecision, reason: str | None, actor: Actor
) -> int:
    """Decide each as it was shown; returns how many envelopes had waited for them."""
    envelopes = 0
    for tool in tools:
        decided = await backends.catalog.decide(
            tool.tenant_id, tool.tool_slug, decision=decision, schema_hash=tool.schema_hash, actor=actor, reason=reason
        )
        envelopes += decided.envelopes
    return envelopes
