"""Convert audit rows from and to JSON rows."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from services.audit_log import AuditEntry, AuditRow, Head, RawAuditRow
from services.backends.rows.reading import moment_or_never
from services.envelope import Actor, ActorType

ACTOR_TYPES = {actor_type.value: actor_type for actor_type in ActorType}


def audit_from_row(row: Mapping[str, Any]) -> AuditRow:
    """An AuditRow from a row of `audit_log`, with the hashes as hex strings."""
    return AuditRow(
        entry=AuditEntry(
            tenant_id=UUID(row["tenant_id"]),
            actor=Actor(type=ACTOR_TYPES.get(row["actor_type"], ActorType.OTHER), id=row["actor_id"]),
            category=row["category"],
            payload=row["payload"] if isinstance(row["payload"], dict) else {},
        ),
        seq=row["seq"],
        created_at=moment_or_never(row["created_at"]),
        previous_hash=row["previous_hash"],
        hash=row["hash"],
    )


def entry_row(entry: AuditEntry) -> dict[str, Any]:
    """One element of the argument `entries` of `worker_api.append_audit`."""
    return {
        "tenant_id": entry.tenant_id,
        "actor_type": entry.actor.type,
        "actor_id": entry.actor.id,
        "category": entry.category,
        "payload": entry.payload,
        "door": entry.actor.door,
    }


def raw_audit_from_row(row: Mapping[str, Any]) -> RawAuditRow:
    """A RawAuditRow from a row that `worker_api.read_audit` returns."""
    return RawAuditRow(
        tenant_id=UUID(row["tenant_id"]),
        seq=row["seq"],
        actor_type=row["actor_type"],
        actor_id=row["actor_id"],
        category=row["category"],
        payload=row["payload"],
        created_at=row["created_at"],
        previous_hash=row["previous_hash"],
        hash=row["hash"],
    )


def head_from_row(row: Mapping[str, Any]) -> Head:
    """A Head from a row that `worker_api.list_audit_heads` returns."""
    return Head(tenant_id=UUID(row["tenant_id"]), seq=row["seq"], hash=row["hash"], newest=row["newest"])
