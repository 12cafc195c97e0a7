"""Record a person's decision about a new or changed tool: accepted or rejected."""

from dataclasses import replace
from uuid import UUID

from services.backends.memory.catalog import (
    append_tool_audit,
    decide_tool_approvals,
    newest_version,
    tools_of,
    versions_of,
    write_tool,
)
from services.backends.memory.check_texts import actor_texts, check_texts
from services.backends.memory.lanes import release_held
from services.backends.memory.state import State
from services.catalog import CANDIDATE_STATUSES, DecidedTool, ToolDecision, ToolStatus
from services.envelope import Actor
from services.errors import InvalidInput, NotFound, StateConflict

REJECTABLE = frozenset({ToolStatus.ACTIVE, ToolStatus.REMOVED})
"""The statuses of accepted tools that a person may still reject."""


def decide_tool(
    state: State,
    tenant: UUID,
    tool_slug: str,
    *,
    decision: ToolDecision,
    schema_hash: str,
    actor: Actor,
    reason: str | None,
) -> DecidedTool:
    """See `services.catalog.Catalog.decide`."""
    check_texts(tool_slug=tool_slug, decision=decision, schema_hash=schema_hash, **actor_texts(actor), reason=reason)
    if decision not in set(ToolDecision):
        raise InvalidInput("decision", f'must be "accepted" or "rejected", not "{decision}"')
    is_accepted = decision == ToolDecision.ACCEPTED
    with state.change() as now:
        candidate = newest_version(state, tenant, tool_slug, CANDIDATE_STATUSES)
        was_accepted = candidate is None and not is_accepted
        if was_accepted:
            candidate = newest_version(state, tenant, tool_slug, REJECTABLE)
        if candidate is None:
            raise NotFound(
                "tool", tool_slug, f"{tool_slug!r} of this tenant has no pending decision", field="tool_slug"
            )
        if candidate.schema_hash != schema_hash:
            raise StateConflict("schema_hash", "the tool has changed since you looked; list the changed tools again")
        if candidate.status is ToolStatus.REJECTED and not is_accepted:
            raise StateConflict("tool_slug", f"{tool_slug} was already rejected")
        if was_accepted and not reason:
            raise InvalidInput("reason", "is needed to reject a tool that was accepted")
        for before in [tool for tool in tools_of(state, tenant) if tool.tool_slug == tool_slug]:
            if before.status in {ToolStatus.DRIFTED, ToolStatus.BLOCKED}:
                new_status = ToolStatus.RETIRED if is_accepted else ToolStatus.BLOCKED
                write_tool(state, replace(before, status=new_status), by=actor, now=now)
        new_status = ToolStatus.ACTIVE if is_accepted else ToolStatus.REJECTED
        drift = () if was_accepted else candidate.drift
        write_tool(state, replace(candidate, status=new_status, drift=drift), by=actor, now=now)
        for older in versions_of(state, tenant, tool_slug, REJECTABLE) if was_accepted else ():
            write_tool(state, replace(older, status=ToolStatus.RETIRED), by=actor, now=now)
        payload = {"tool_slug": tool_slug, "version": candidate.version, "schema_hash": schema_hash}
        payload = payload if reason is None else {**payload, "reason": reason}
        append_tool_audit(state, tenant, decision, payload, by=actor, now=now)
        released = decide_tool_approvals(
            state, tenant, tool_slug, version=candidate.version if is_accepted or was_accepted else None,
            approved=is_accepted, actor=actor, reason=f"the tool was {decision}", now=now,
        )  # fmt: skip
        if was_accepted:
            release_held(state, tenant, {"tool"}, now)
        return DecidedTool(version=candidate.version, envelopes=released)
