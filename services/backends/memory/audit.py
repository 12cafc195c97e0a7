"""Audit rows, chained with the same hashes as PostgreSQL's: see `db/functions/app_private/append_audit.sql`."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from services.audit_log import AuditEntry, AuditRow
from services.audit_log.digest import chain_hash, row_digest
from services.backends.memory.state import State
from services.envelope import Actor, ActorType, Envelope
from services.errors import InvalidInput
from services.jsonb import as_stored, is_equal, jsonb_text

UNSAID = frozenset({"metadata", "schema", "config", "description", "summary", "annotations", "drift"})
"""Columns that may hold anything: the log says that they changed, not to what."""
ACTOR_TYPES = frozenset(ActorType) - {ActorType.OTHER}
"""The types that an audit row may have."""
LOOKS = frozenset({"checked_at", "scanned_at"})
"""Moments of looks, which change nothing."""


def append_audit(state: State, entries: Iterable[AuditEntry], now: datetime) -> None:
    """Append to the tenants' chains, in the order given; a payload bears the door its actor came through."""
    for entry in entries:
        if entry.actor.type not in ACTOR_TYPES:
            raise InvalidInput("actor_type", "is too long, empty, or not one of the allowed values")
        seq, previous = state.audit_heads.get(entry.tenant_id, (0, ""))
        door = {} if entry.actor.door is None else {"door": entry.actor.door.value}
        kept = AuditEntry(
            tenant_id=entry.tenant_id,
            actor=replace(entry.actor, door=None),
            category=entry.category,
            payload=as_stored({**entry.payload, **door}),
        )
        digest = audit_digest(kept, seq + 1, now)
        row = AuditRow(
            entry=kept, seq=seq + 1, created_at=now, previous_hash=previous, hash=chain_hash(previous, digest)
        )
        state.audit_log[entry.tenant_id, row.seq] = row
        state.audit_heads[entry.tenant_id] = (row.seq, row.hash)


def audit_digest(entry: AuditEntry, seq: int, created_at: datetime) -> bytes:
    """What a row's hash covers; see `db/functions/app_private/append_audit.sql`."""
    return row_digest(
        tenant_id=entry.tenant_id,
        seq=seq,
        actor_type=entry.actor.type,
        actor_id=entry.actor.id,
        category=entry.category,
        payload=jsonb_text(entry.payload),
        created_at=created_at,
    )


def envelope_entry(envelope: Envelope, actor: Actor, event: str, **detail: Any) -> AuditEntry:
    """The audit row of something that happened to an envelope; what is None is left out."""
    payload = {
        "envelope_id": envelope.id, "external_id": envelope.external_id, "tool_slug": envelope.tool_slug, **detail,
    }  # fmt: skip
    return AuditEntry(
        tenant_id=envelope.tenant_id,
        actor=actor,
        category=f"envelope.{event}",
        payload={key: value for key, value in payload.items() if value is not None},
    )


def audit_change(
    state: State, table: str, *, tenant: UUID, before: Mapping[str, Any] | None, after: Mapping[str, Any],
    by: Actor, now: datetime,
) -> None:  # fmt: skip
    """The audit row of a changed rule, account, tool or objective, if anything did change."""
    was, became = as_stored(before or {}), as_stored(after)
    changed = {
        key: "…" if key in UNSAID else value
        for key, value in became.items()
        if key not in LOOKS and (key not in was or not is_equal(was[key], value))
    }
    if changed:
        category = f"{table}.insert" if before is None else f"{table}.update"
        payload = {"id": became["id"], "changed": changed}
        append_audit(state, [AuditEntry(tenant_id=tenant, actor=by, category=category, payload=payload)], now)
