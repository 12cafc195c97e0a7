"""Write the whole listing of one source into a tenant's catalog."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from itertools import count
from uuid import UUID

from services.backends.memory.catalog import (
    audit_tool,
    decide_tool_approvals,
    newest_of,
    pin_to_version,
    tools_of,
    versions_of,
    write_tool,
)
from services.backends.memory.check_texts import actor_texts, check_texts
from services.backends.memory.lanes import release_held
from services.backends.memory.state import State
from services.catalog import ACCEPTED, CANDIDATE, SyncChange, SyncedTool, SyncEntry, Tool, ToolStatus
from services.envelope import Actor
from services.errors import StateConflict

REFRESHED = ("display_name", "config", "risk", "required_scopes", "idempotent", "rate_bucket", "scan")
"""What a sync brings up to date in a tool whose definition is the same."""
AS_ACCEPTED = {ToolStatus.ACTIVE: SyncChange.UNCHANGED, ToolStatus.REMOVED: SyncChange.RETURNED}
"""What it means that a tool is as it was accepted, by how its version stands; of any other it reverted."""


def sync_tools(
    state: State, tenant: UUID, *, provider: str, source: str, tools: Sequence[SyncEntry], actor: Actor
) -> list[SyncedTool]:
    """See `services.catalog.Catalog.sync`."""
    check_texts(provider=provider, source=source, **actor_texts(actor))
    with state.change() as now:
        state.require_tenant(tenant)
        changes: list[SyncedTool] = []
        came_back = False
        for listed in sorted(tools, key=lambda each: each.tool.tool_slug):
            offered = replace(listed.tool, provider=provider, source=source)
            before = newest_of(state, tenant, offered.tool_slug, ACCEPTED)
            came_back = came_back or (before is not None and before.status is ToolStatus.REMOVED)
            changes.append(_sync_one(state, replace(listed, tool=offered), actor, now))
        if came_back:
            release_held(state, tenant, {"tool"}, now)
        names = {listed.tool.tool_slug for listed in tools}
        mine = [tool for tool in tools_of(state, tenant) if (tool.provider, tool.source) == (provider, source)]
        for slug in sorted({tool.tool_slug for tool in mine} - names):
            changes += _remove(state, [tool for tool in mine if tool.tool_slug == slug], actor, now)
        return changes


def _sync_one(state: State, listed: SyncEntry, actor: Actor, now: datetime) -> SyncedTool:
    offered, slug, tenant = listed.tool, listed.tool.tool_slug, listed.tool.tenant_id
    accepted, candidate = newest_of(state, tenant, slug, ACCEPTED), newest_of(state, tenant, slug, CANDIDATE)
    _check(listed, accepted, candidate)
    if accepted is not None and not accepted.source:  # a person added it: from now on it is the source's
        accepted = _adopted(state, accepted, offered, actor, now)
    accepted, candidate = (_rehashed(state, each, listed, actor, now) for each in (accepted, candidate))
    current, change = _standing_of(listed, accepted, candidate)
    standing = versions_of(state, tenant, slug, ACCEPTED)
    if current is None:
        fresh = _new_version(state, offered, is_trusted=change is SyncChange.ADDED)
    else:
        fresh = _refreshed(current, offered, is_candidate=current is candidate and change is SyncChange.UNCHANGED)
    write_tool(state, fresh, by=actor, now=now)
    if candidate is not None and candidate is not current:
        write_tool(state, replace(candidate, status=ToolStatus.RETIRED), by=actor, now=now)
        pin_to_version(state, tenant, slug, fresh.version, now)
    if change is SyncChange.DRIFTED:
        for version in standing:
            write_tool(state, replace(version, status=ToolStatus.DRIFTED, drift=offered.drift), by=actor, now=now)
    elif current is not None and current is accepted:
        for version in versions_of(state, tenant, slug, ACCEPTED - {ToolStatus.ACTIVE}):
            write_tool(state, replace(version, status=ToolStatus.ACTIVE, drift=()), by=actor, now=now)
    if change in {SyncChange.DRIFTED, SyncChange.REVERTED} and accepted is not None:
        payload = {
            "tool_slug": slug, "accepted_version": accepted.version, "version": fresh.version,
            "schema_hash": fresh.schema_hash, "drift": list(fresh.drift),
        }  # fmt: skip
        audit_tool(state, tenant, change, payload, by=actor, now=now)
    if change in {SyncChange.ADDED, SyncChange.REVERTED, SyncChange.RETURNED}:
        why = (
            "the source of the tool is trusted"
            if change is SyncChange.ADDED
            else "the tool has its accepted definition again"
        )
        decide_tool_approvals(
            state, tenant, slug, version=fresh.version, approved=True, actor=actor, reason=why, now=now
        )
    return SyncedTool(tool_slug=slug, version=fresh.version, change=change, drift=fresh.drift)


def _check(listed: SyncEntry, accepted: Tool | None, candidate: Tool | None) -> None:
    """Raises StateConflict where the slug is another source's, or the listing was read against an older catalog."""
    offered, holder = listed.tool, accepted or candidate
    if holder is not None and (holder.provider != offered.provider or holder.source not in {"", offered.source}):
        whose = f"{holder.provider} {holder.source}".rstrip()
        raise StateConflict("tool_slug", f"{offered.tool_slug} belongs to {whose}; sync under another name")
    if (accepted.schema_hash if accepted else "") != listed.since:
        raise StateConflict("source", f"the catalog changed while {offered.source} was read; sync again")


def _adopted(state: State, by_hand: Tool, offered: Tool, actor: Actor, now: datetime) -> Tool:
    for version in versions_of(state, by_hand.tenant_id, by_hand.tool_slug, set(ToolStatus)):
        if not version.source:
            write_tool(state, replace(version, source=offered.source), by=actor, now=now)
    adopted = replace(by_hand, source=offered.source)
    if by_hand.schema == offered.schema:
        adopted = replace(
            adopted, schema_hash=offered.schema_hash, annotations=offered.annotations, description=offered.description
        )
        write_tool(state, adopted, by=actor, now=now)
    return adopted


def _rehashed(state: State, tool: Tool | None, listed: SyncEntry, actor: Actor, now: datetime) -> Tool | None:
    if tool is None or tool.schema_hash != listed.former:
        return tool
    rehashed = replace(tool, schema_hash=listed.tool.schema_hash)
    write_tool(state, rehashed, by=actor, now=now)
    return rehashed


def _standing_of(listed: SyncEntry, accepted: Tool | None, candidate: Tool | None) -> tuple[Tool | None, SyncChange]:
    """Which of the two is listed, None for neither, and what that means."""
    if accepted is not None and accepted.schema_hash == listed.tool.schema_hash:
        return accepted, AS_ACCEPTED.get(accepted.status, SyncChange.REVERTED)
    rejected = candidate is not None and candidate.status is ToolStatus.REJECTED
    trusted = accepted is None and listed.trusted and not rejected
    if candidate is not None and candidate.schema_hash == listed.tool.schema_hash:
        return candidate, SyncChange.ADDED if trusted else SyncChange.UNCHANGED
    if accepted is not None:
        return None, SyncChange.DRIFTED
    return None, SyncChange.ADDED if trusted else SyncChange.NEW


def _new_version(state: State, offered: Tool, *, is_trusted: bool) -> Tool:
    return replace(
        offered,
        version=_find_free_version(state, offered),
        status=ToolStatus.ACTIVE if is_trusted else ToolStatus.QUARANTINED,
        drift=() if is_trusted else offered.drift,
    )


def _find_free_version(state: State, offered: Tool) -> str:
    own = offered.version
    names = (f"{n}" if not own else own if n == 1 else f"{own}+{n}" for n in count(1))
    return next(name for name in names if (offered.tenant_id, offered.tool_slug, name) not in state.tools)


def _refreshed(current: Tool, offered: Tool, *, is_candidate: bool) -> Tool:
    status, drift = (current.status, current.drift) if is_candidate else (ToolStatus.ACTIVE, ())
    return replace(current, status=status, drift=drift, **{name: getattr(offered, name) for name in REFRESHED})


def _remove(state: State, versions: Sequence[Tool], actor: Actor, now: datetime) -> list[SyncedTool]:
    """Of one tool that is listed no more, the newest first; one that is new goes on waiting."""
    accepted = [tool for tool in versions if tool.status in ACCEPTED - {ToolStatus.REMOVED}]
    if not accepted:
        return []
    for tool in versions:
        if tool.status in CANDIDATE:
            write_tool(state, replace(tool, status=ToolStatus.RETIRED), by=actor, now=now)
    for tool in accepted:
        write_tool(state, replace(tool, status=ToolStatus.REMOVED), by=actor, now=now)
    if any(tool.status in CANDIDATE for tool in versions):
        pin_to_version(state, accepted[0].tenant_id, accepted[0].tool_slug, accepted[0].version, now)
    return [
        SyncedTool(tool_slug=tool.tool_slug, version=tool.version, change=SyncChange.REMOVED)
        for tool in reversed(accepted)
    ]
