"""The digest and hash of an audit row, computed without the database, because the owner of a database can replace its
functions."""

import re
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from json.encoder import encode_basestring
from uuid import UUID

from services.audit_log import RawAuditRow

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
_TIME_PATTERN = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?[+-]\d\d:\d\d(:\d\d)?", re.ASCII)
"""At most six digits of a second: Python would ignore further ones."""


def row_digest(
    *, tenant_id: UUID, seq: int, actor_type: str, actor_id: str, category: str, payload: str, created_at: datetime
) -> bytes:
    """The digest as `db/functions/app_private/append_audit.sql` computes it; `payload` is the text of a `jsonb`."""
    actor = f"{encode_basestring(actor_type)}, {encode_basestring(actor_id)}"
    content = f"{encode_basestring(category)}, {payload}"
    covered = f'["{tenant_id}", {seq}, {actor}, {content}, {(created_at - EPOCH) // MICROSECOND}]'
    return sha256(covered.encode()).digest()


def chain_hash(previous_hash: str, digest: bytes) -> str:
    """A row's hash in hex, from the hash before it and its digest."""
    return sha256(bytes.fromhex(previous_hash) + digest).hexdigest()


def has_valid_hash(row: RawAuditRow, *, seq: int | None = None) -> bool:
    """Whether the row's hash matches its content and previous_hash. If `seq` is given, it is used instead of the row's
    seq."""
    seq = row.seq if seq is None else seq
    created_at = created_at_of(row)
    if (
        seq is None
        or row.actor_type is None
        or row.actor_id is None
        or row.category is None
        or row.payload is None
        or created_at is None
        or row.previous_hash is None
    ):
        return False
    try:
        digest = row_digest(
            tenant_id=row.tenant_id,
            seq=seq,
            actor_type=row.actor_type,
            actor_id=row.actor_id,
            category=row.category,
            payload=row.payload,
            created_at=created_at,
        )
        is_plain_hex = bytes.fromhex(row.previous_hash).hex() == row.previous_hash
        return is_plain_hex and chain_hash(row.previous_hash, digest) == row.hash
    except ValueError:  # a hash is not hex, or a text has a lone surrogate
        return False


def created_at_of(row: RawAuditRow) -> datetime | None:
    """The row's `created_at`; None if it is not a valid time."""
    if row.created_at is None or not _TIME_PATTERN.fullmatch(row.created_at):
        return None
    try:
        return datetime.fromisoformat(row.created_at)
    except ValueError:
        return None
