"""The tools of the catalog: find, validate and write them, and release the envelopes that wait for them."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from services.approvals import ApprovalDecision, RejectionCode
from services.audit_log import AuditEntry
from services.backends.memory.approvals import close_approval
from services.backends.memory.audit import append_audit, audit_change
from services.backends.memory.column_rules import check_document, check_text, require_object
from services.backends.memory.envelopes import change_envelope
from services.backends.memory.state import State
from services.backends.rows.catalog import tool_from_row, tool_row
from services.backends.rows.written import as_row
from services.catalog import Tool, ToolStatus
from services.envelope import WAITING_STATUSES, Actor, Envelope, Risk, Status, highest_risk
from services.guardrails import Decision
from services.jsonb import as_stored

MAX_BYTES_OF_DOCUMENTS = {"schema": 262_144, "config": 65_536, "annotations": 65_536, "scan": 65_536}
MAX_BYTES_OF_TEXTS = {
    "tool_slug": 1024, "version": 1024, "provider": 1024, "source": 4096, "rate_bucket": 1024, "schema_hash": 1024,
    "display_name": 16_384, "description": 65_536,
}  # fmt: skip
"""The largest size of each column, in bytes: of JSON columns in MAX_BYTES_OF_DOCUMENTS, of text columns here."""


def tools_of(state: State, tenant: UUID) -> list[Tool]:
    """A tenant's tools, sorted by slug, the newest version first."""
    numbered = [row for row in state.tools.values() if row[1].tenant_id == tenant]
    return [tool for _, tool in sorted(numbered, key=lambda row: (row[1].tool_slug, -row[0]))]


def versions_of(state: State, tenant: UUID, slug: str, statuses: Collection[ToolStatus]) -> list[Tool]:
    """The versions of a tool with one of these statuses, the newest first."""
    return [tool for tool in tools_of(state, tenant) if tool.tool_slug == slug and tool.status in statuses]


def newest_version(state: State, tenant: UUID, slug: str, statuses: Collection[ToolStatus]) -> Tool | None:
    """The newest version of a tool with one of these statuses, or None."""
    return next(iter(versions_of(state, tenant, slug, statuses)), None)


def raised_risk(state: State, envelope: Envelope) -> Risk:
    """The risk of the envelope or the risk of its tool, whichever is higher."""
    named = envelope.tool_version
    tools = [
        tool
        for tool in tools_of(state, envelope.tenant_id)
        if tool.tool_slug == envelope.tool_slug
        and (tool.status is not ToolStatus.RETIRED if named is None else tool.version == named)
    ]
    return highest_risk(envelope.risk, *(tool.risk for tool in tools))


def check_tool(tool: Tool) -> None:
    """Check the sizes of a tool's columns. See `db/functions/app_private/check_tool.sql`. Raises InvalidInput."""
    for field, at_most in MAX_BYTES_OF_DOCUMENTS.items():
        document = getattr(tool, field)
        if field == "scan" and document is None:
            continue
        require_object(field, document)
        check_document(field, document, at_most)
    for field, at_most in MAX_BYTES_OF_TEXTS.items():
        check_text(field, getattr(tool, field), at_most)


def write_tool(state: State, tool: Tool, *, by: Actor, now: datetime) -> None:
    """Insert or replace a version of a tool, and append its audit row. Raises InvalidInput."""
    key = (tool.tenant_id, tool.tool_slug, tool.version)
    before = state.tools.get(key)
    number = before[0] if before else len(state.tools) + 1
    check_tool(tool)
    stored_tool = tool_from_row(as_stored(tool_row(tool)))
    state.tools[key] = (number, stored_tool)
    audit_change(
        state, "tool_catalog", tenant=tool.tenant_id, by=by, now=now,
        before=_table_row(*before) if before else None, after=_table_row(number, stored_tool),
    )  # fmt: skip


def append_tool_audit(
    state: State, tenant: UUID, event: str, payload: Mapping[str, Any], *, by: Actor, now: datetime
) -> None:
    """Append the audit row for an event of a tool."""
    entry = AuditEntry(tenant_id=tenant, actor=by, category=f"tool_catalog.{event}", payload=payload)
    append_audit(state, [entry], now)


def decide_tool_approvals(
    state: State, tenant: UUID, slug: str, *, version: str | None, approved: bool, actor: Actor, reason: str,
    now: datetime,
) -> int:  # fmt: skip
    """Decide the approvals that wait for this tool. Returns how many. See `app_private/decide_tool_approvals.sql`."""
    if version is not None:
        pin_to_version(state, tenant, slug, version, now)
    waiting = sorted(
        envelope.key
        for envelope in state.outbox.values()
        if (envelope.tenant_id, envelope.tool_slug) == (tenant, slug) and _waits_for_tool(envelope)
    )
    decision = ApprovalDecision.APPROVED if approved else ApprovalDecision.REJECTED
    new_status = Status.PENDING if approved else Status.REJECTED
    code = None if approved else RejectionCode.TOOL_REJECTED
    for key in waiting:
        close_approval(state, key, decision=decision, by=actor.id, now=now, code=code)
        change_envelope(
            state, state.outbox[key], new_status, event=decision, actor=actor, reason=reason, now=now, code=code
        )
    return len(waiting)


def pin_to_version(state: State, tenant: UUID, slug: str, version: str, now: datetime) -> None:
    """If a waiting envelope is pinned to a retired version of the tool, pin it to `version` instead.

    See `db/functions/app_private/pin_to_version.sql`.
    """
    retired = {tool.version for tool in versions_of(state, tenant, slug, {ToolStatus.RETIRED})}
    for envelope in list(state.outbox.values()):
        if (
            (envelope.tenant_id, envelope.tool_slug) == (tenant, slug)
            and envelope.status in WAITING_STATUSES
            and envelope.tool_version in retired
        ):
            state.outbox[envelope.key] = replace(envelope, tool_version=version, updated_at=now)


def _table_row(number: int, tool: Tool) -> dict[str, Any]:
    row = {"id": number, **as_row(replace(tool, risk=Risk(tool.risk)))}
    for name in ("drifted_to", "subscription_id", "unreadable", "stamp"):  # not columns of the table
        del row[name]
    return row


def _waits_for_tool(envelope: Envelope) -> bool:
    return envelope.status is Status.AWAITING_APPROVAL and any(
        (verdict["guardrail"], verdict["decision"]) == ("tool", Decision.NEEDS_APPROVAL)
        for verdict in envelope.verdicts
    )
