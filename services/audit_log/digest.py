"""What an audit row's hash covers, computed here: whoever owns the database could replace its own functions."""

import re
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from json.encoder import encode_basestring
from uuid import UUID

from services.audit_log import RawAuditRow

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?[+-]\d\d:\d\d(:\d\d)?", re.ASCII)
"""No finer than microseconds: Python would drop the rest without a word."""


def row_digest(
    *, tenant_id: UUID, seq: int, actor_type: str, actor_id: str, category: str, payload: str, created_at: datetime
) -> bytes:
    """As `db/functions/app_private/append_audit.sql` makes it; `payload` is the text of a `jsonb`."""
    who = f"{encode_basestring(actor_type)}, {encode_basestring(actor_id)}"
    what = f"{encode_basestring(category)}, {payload}"
    covered = f'["{tenant_id}", {seq}, {who}, {what}, {(created_at - EPOCH) // MICROSECOND}]'
    return sha256(covered.encode()).digest()


def chain_hash(previous_hash: str, digest: bytes) -> str:
    """A row's hash, in hex, from the one before and the row's own digest."""
    return sha256(bytes.fromhex(previous_hash) + digest).hexdigest()


def has_valid_hash(link: RawAuditRow, *, seq: int | None = None) -> bool:
    """Whether a row's hash is that of its content and of the hash before it; `seq` tries another place than its own."""
    seq = link.seq if seq is None else seq
    created_at = created_at_of(link)
    if (
        seq is None
        or link.actor_type is None
        or link.actor_id is None
        or link.category is None
        or link.payload is None
        or created_at is None
        or link.previous_hash is None
    ):
        return False
    try:
        digest = row_digest(
            tenant_id=link.tenant_id,
            seq=seq,
            actor_type=link.actor_type,
            actor_id=link.actor_id,
            category=link.category,
            payload=link.payload,
            created_at=created_at,
        )
        exact = bytes.fromhex(link.previous_hash).hex() == link.previous_hash
        return exact and chain_hash(link.previous_hash, digest) == link.hash
    except ValueError:  # no hex, or half a character
        return False


def created_at_of(link: RawAuditRow) -> datetime | None:
    """When the row says that it was made; None where it says no such thing."""
    if link.created_at is None or not _MOMENT.fullmatch(link.created_at):
        return None
    try:
        return datetime.fromisoformat(link.created_at)
    except ValueError:
        return None
