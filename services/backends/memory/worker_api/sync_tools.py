"""Write the complete list of one source's tools to a tenant's catalog."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from itertools import count
from uuid import UUID

from services.backends.memory.catalog import (
    append_tool_audit,
    decide_tool_approvals,
    newest_version,
    pin_to_version,
    tools_of,
    versions_of,
    write_tool,
)
from services.backends.memory.check_texts import actor_texts, check_texts
from services.backends.memory.lanes import release_held
from services.backends.memory.state import State
from services.catalog import ACCEPTED_STATUSES, CANDIDATE_STATUSES, SyncChange, SyncedTool, SyncEntry, Tool, ToolStatus
from services.envelope import Actor
from services.errors import StateConflict

REFRESHED_COLUMNS = ("display_name", "config", "risk", "required_scopes", "idempotent", "rate_bucket", "scan")
"""Columns that a sync updates although the tool's definition has not changed."""
CHANGE_BY_STATUS = {ToolStatus.ACTIVE: SyncChange.UNCHANGED, ToolStatus.REMOVED: SyncChange.RETURNED}
"""The change to report if a listed tool equals its accepted version, by the stored status of this version. For all
other statuses it is REVERTED."""


def sync_tools(
    state: State, tenant: UUID, *, provider: str, source: str, tools: Sequence[SyncEntry], actor: Actor
) -> list[SyncedTool]:
    """See `services.catalog.Catalog.sync`."""
    check_texts(provider=provider, source=source, **actor_texts(actor))
    with state.change() as now:
        state.require_tenant(tenant)
        changes: list[SyncedTool] = []
        has_returned = False
        for listed in sorted(tools, key=lambda entry: entry.tool.tool_slug):
            offered = replace(listed.tool, provider=provider, source=source)
            before = newest_version(state, tenant, offered.tool_slug, ACCEPTED_STATUSES)
            has_returned = has_returned or (before is not None and before.status is ToolStatus.REMOVED)
            changes.append(_sync_one(state, replace(listed, tool=offered), actor, now))
        if has_returned:
            release_held(state, tenant, {"tool"}, now)
        names = {listed.tool.tool_slug for listed in tools}
        current_tools = [tool for tool in tools_of(state, tenant) if (tool.provider, tool.source) == (provider, source)]
        for slug in sorted({tool.tool_slug for tool in current_tools} - names):
            changes += _remove(state, [tool for tool in current_tools if tool.tool_slug == slug], actor, now)
        return changes


def _sync_one(state: State, listed: SyncEntry, actor: Actor, now: datetime) -> SyncedTool:
    offered, slug, tenant = listed.tool, listed.tool.tool_slug, listed.tool.tenant_id
    accepted, candidate = (
        newest_version(state, tenant, slug, ACCEPTED_STATUSES),
        newest_version(state, tenant, slug, CANDIDATE_STATUSES),
    )
    _check(listed, accepted, candidate)
    if accepted is not None and not accepted.source:  # a person added it: from now on it belongs to the source
        accepted = _assign_to_source(state, accepted, offered, actor, now)
    accepted, candidate = (_update_hash(state, tool, listed, actor, now) for tool in (accepted, candidate))
    current, change = _match(listed, accepted, candidate)
    accepted_versions = versions_of(state, tenant, slug, ACCEPTED_STATUSES)
    if current is None:
        written = _new_version(state, offered, is_trusted=change is SyncChange.ADDED)
    else:
        written = _refresh(current, offered, is_candidate=current is candidate and change is SyncChange.UNCHANGED)
    write_tool(state, written, by=actor, now=now)
    if candidate is not None and candidate is not current:
        write_tool(state, replace(candidate, status=ToolStatus.RETIRED), by=actor, now=now)
        pin_to_version(state, tenant, slug, written.version, now)
    if change is SyncChange.DRIFTED:
        for version in accepted_versions:
            write_tool(state, replace(version, status=ToolStatus.DRIFTED, drift=offered.drift), by=actor, now=now)
    elif current is not None and current is accepted:
        for version in versions_of(state, tenant, slug, ACCEPTED_STATUSES - {ToolStatus.ACTIVE}):
            write_tool(state, replace(version, status=ToolStatus.ACTIVE, drift=()), by=actor, now=now)
    if change in {SyncChange.DRIFTED, SyncChange.REVERTED} and accepted is not None:
        payload = {
            "tool_slug": slug, "accepted_version": accepted.version, "version": written.version,
            "schema_hash": written.schema_hash, "drift": list(written.drift),
        }  # fmt: skip
        append_tool_audit(state, tenant, change, payload, by=actor, now=now)
    if change in {SyncChange.ADDED, SyncChange.REVERTED, SyncChange.RETURNED}:
        reason = (
            "the source of the tool is trusted"
            if change is SyncChange.ADDED
            else "the tool has its accepted definition again"
        )
        decide_tool_approvals(
            state, tenant, slug, version=written.version, approved=True, actor=actor, reason=reason, now=now
        )
    return SyncedTool(tool_slug=slug, version=written.version, change=change, drift=written.drift)


def _check(listed: SyncEntry, accepted: Tool | None, candidate: Tool | None) -> None:
    """Raise StateConflict if the slug belongs to another source, or if the catalog changed since the list was read."""
    offered, existing = listed.tool, accepted or candidate
    if existing is not None and (existing.provider != offered.provider or existing.source not in {"", offered.source}):
        owner = f"{existing.provider} {existing.source}".rstrip()
        raise StateConflict("tool_slug", f"{offered.tool_slug} belongs to {owner}; sync under another name")
    if (accepted.schema_hash if accepted else "") != listed.since:
        raise StateConflict("source", f"the catalog changed while {offered.source} was read; sync again")


def _assign_to_source(state: State, manual: Tool, offered: Tool, actor: Actor, now: datetime) -> Tool:
    for version in versions_of(state, manual.tenant_id, manual.tool_slug, set(ToolStatus)):
        if not version.source:
            write_tool(state, replace(version, source=offered.source), by=actor, now=now)
    assigned = replace(manual, source=offered.source)
    if manual.schema == offered.schema:
        assigned = replace(
            assigned, schema_hash=offered.schema_hash, annotations=offered.annotations, description=offered.description
        )
        write_tool(state, assigned, by=actor, now=now)
    return assigned


def _update_hash(state: State, tool: Tool | None, listed: SyncEntry, actor: Actor, now: datetime) -> Tool | None:
    if tool is None or tool.schema_hash != listed.former:
        return tool
    updated = replace(tool, schema_hash=listed.tool.schema_hash)
    write_tool(state, updated, by=actor, now=now)
    return updated


def _match(listed: SyncEntry, accepted: Tool | None, candidate: Tool | None) -> tuple[Tool | None, SyncChange]:
    """The known version that equals the listed tool (None: no version does), and how the tool has changed."""
    if accepted is not None and accepted.schema_hash == listed.tool.schema_hash:
        return accepted, CHANGE_BY_STATUS.get(accepted.status, SyncChange.REVERTED)
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
    wanted = offered.version
    names = (f"{n}" if not wanted else wanted if n == 1 else f"{wanted}+{n}" for n in count(1))
    return next(name for name in names if (offered.tenant_id, offered.tool_slug, name) not in state.tools)


def _refresh(current: Tool, offered: Tool, *, is_candidate: bool) -> Tool:
    status, drift = (current.status, current.drift) if is_candidate else (ToolStatus.ACTIVE, ())
    return replace(current, status=status, drift=drift, **{name: getattr(offered, name) for name in REFRESHED_COLUMNS})


def _remove(state: State, versions: Sequence[Tool], actor: Actor, now: datetime) -> list[SyncedTool]:
    """Mark a tool that is no longer listed as removed. `versions` has the newest first. A new tool stays
    quarantined."""
    accepted = [tool for tool in versions if tool.status in ACCEPTED_STATUSES - {ToolStatus.REMOVED}]
    if not accepted:
        return []
    for tool in versions:
        if tool.status in CANDIDATE_STATUSES:
            write_tool(state, replace(tool, status=ToolStatus.RETIRED), by=actor, now=now)
    for tool in accepted:
        write_tool(state, replace(tool, status=ToolStatus.REMOVED), by=actor, now=now)
    if any(tool.status in CANDIDATE_STATUSES for tool in versions):
        pin_to_version(state, accepted[0].tenant_id, accepted[0].tool_slug, accepted[0].version, now)
    return [
        SyncedTool(tool_slug=tool.tool_slug, version=tool.version, change=SyncChange.REMOVED)
        for tool in reversed(accepted)
    ]
