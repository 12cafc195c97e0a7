"""Build audit rows and append them to the chains, with the same hashes as in PostgreSQL."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from services.audit_log import AuditEntry, AuditRow, RawAuditRow
from services.audit_log.digest import chain_hash, row_digest
from services.backends.memory.state import State
from services.envelope import Actor, ActorType, Envelope
from services.errors import InvalidInput
from services.jsonb import as_stored, is_equal, jsonb_text, moment_text

HIDDEN_COLUMNS = frozenset({"metadata", "schema", "config", "description", "summary", "annotations", "drift"})
"""Columns with free text or documents: the audit row names a changed column but not its value."""
ACTOR_TYPES = frozenset(ActorType) - {ActorType.OTHER}
"""The types that an audit row may have."""
IGNORED_COLUMNS = frozenset({"checked_at", "scanned_at"})
"""Columns without audit rows: a check or a scan is not a change."""


def append_audit(state: State, entries: Iterable[AuditEntry], now: datetime) -> None:
    """Append to the chains of the tenants, in this order. The actor's door is stored in the payload.

    See `db/functions/app_private/append_audit.sql`. Raises InvalidInput for an actor type that is not allowed.
    """
    for entry in entries:
        if entry.actor.type not in ACTOR_TYPES:
            raise InvalidInput("actor_type", "is too long, empty, or not one of the allowed values")
        seq, previous = state.audit_heads.get(entry.tenant_id, (0, ""))
        door = {} if entry.actor.door is None else {"door": entry.actor.door.value}
        row_entry = AuditEntry(
            tenant_id=entry.tenant_id,
            actor=replace(entry.actor, door=None),
            category=entry.category,
            payload=as_stored({**entry.payload, **door}),
        )
        digest = audit_digest(row_entry, seq + 1, now)
        row = AuditRow(
            entry=row_entry, seq=seq + 1, created_at=now, previous_hash=previous, hash=chain_hash(previous, digest)
        )
        state.audit_log[entry.tenant_id, row.seq] = row
        state.audit_heads[entry.tenant_id] = (row.seq, row.hash)


def audit_digest(entry: AuditEntry, seq: int, created_at: datetime) -> bytes:
    """The digest of a row's content, which its hash covers."""
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
    """The audit entry for an event of an envelope. Details that are None are left out."""
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
    """Append the audit row for a change of a row of `table`. Does nothing if no audited column changed."""
    old, new = as_stored(before or {}), as_stored(after)
    changed = {
        key: "…" if key in HIDDEN_COLUMNS else value
        for key, value in new.items()
        if key not in IGNORED_COLUMNS and (key not in old or not is_equal(old[key], value))
    }
    if changed:
        category = f"{table}.insert" if before is None else f"{table}.update"
        payload = {"id": new["id"], "changed": changed}
        append_audit(state, [AuditEntry(tenant_id=tenant, actor=by, category=category, payload=payload)], now)


def raw_row(row: AuditRow) -> RawAuditRow:
    """The row as `worker_api.read_audit` returns it."""
    return RawAuditRow(
        tenant_id=row.entry.tenant_id,
        seq=row.seq,
        actor_type=row.entry.actor.type,
        actor_id=row.entry.actor.id,
        category=row.entry.category,
        payload=jsonb_text(row.entry.payload),
        created_at=moment_text(row.created_at),
        previous_hash=row.previous_hash,
        hash=row.hash,
    )
