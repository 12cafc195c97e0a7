"""Count the envelopes that have ended, for charts."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from uuid import UUID

from services.audit_log import AuditRow
from services.backends.memory.state import State
from services.envelope import Envelope, Status
from services.overview import EndsCounted
from services.overview.latency import latency_class

SPANS = {
    timedelta(minutes=1): timedelta(minutes=75),
    timedelta(minutes=15): timedelta(hours=26),
    timedelta(hours=2): timedelta(days=8),
}
"""Each length of a span, and for how long such spans are kept."""
_END_STATUSES = frozenset({
    Status.SUCCESS, Status.CONFLICT, Status.REJECTED, Status.EXPIRED, Status.CANCELLED, Status.FAILED, Status.DENIED,
})  # fmt: skip
_ANSWERED_STATUSES = frozenset({Status.SUCCESS, Status.CONFLICT})
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def count_ends(state: State, *, limit: int) -> EndsCounted:
    """See `services.overview.Overviews.count_ends`."""
    with state.change() as now:
        for tenant in state.audit_heads.keys() - state.end_positions.keys():
            state.end_positions[tenant] = _first_position(state, tenant, now)
        moved = [tenant for tenant, (seq, _) in sorted(state.audit_heads.items()) if seq > state.end_positions[tenant]]
        rows_each = max(limit // max(len(moved), 1), 1)
        ends, more = 0, False
        for tenant in moved:
            rows = list(islice(_rows_after(state, tenant, state.end_positions[tenant]), rows_each))
            ends += sum(_count_end(state, row, now) for row in rows)
            state.end_positions[tenant] = rows[-1].seq
            more |= len(rows) == rows_each
        for key in [key for key in state.end_counts if key[2] < now - SPANS[key[1]]]:
            del state.end_counts[key]
    return EndsCounted(ends=ends, more=more)


def _first_position(state: State, tenant: UUID, now: datetime) -> int:
    oldest = now - max(SPANS.values())
    return max(
        (seq for (owner, seq), row in state.audit_log.items() if owner == tenant and row.created_at < oldest), default=0
    )


def _rows_after(state: State, tenant: UUID, position: int) -> Iterator[AuditRow]:
    seq = position + 1
    while (row := state.audit_log.get((tenant, seq))) is not None:
        yield row
        seq += 1


def _count_end(state: State, row: AuditRow, now: datetime) -> bool:
    """Count the envelope whose end the row records. Returns False if the row records no end."""
    payload = row.entry.payload
    noun, _, event = row.entry.category.partition(".")
    status = payload.get("status") if event == "resolved" else event
    if noun != "envelope" or status not in _END_STATUSES:
        return False
    keys = [str(status)]
    if status in _ANSWERED_STATUSES and (envelope := _find_envelope(state, row)) is not None:
        keys.append(str(latency_class(row.created_at - envelope.created_at)))
    for every, kept_for in SPANS.items():
        if row.created_at < now - kept_for:
            continue
        starts_at = row.created_at - (row.created_at - _EPOCH) % every
        for tenant in (row.entry.tenant_id, None):
            counts = dict(state.end_counts.get((tenant, every, starts_at), {}))
            for key in keys:
                counts[key] = counts.get(key, 0) + 1
            state.end_counts[tenant, every, starts_at] = counts
    return True


def _find_envelope(state: State, row: AuditRow) -> Envelope | None:
    try:
        id_ = UUID(row.entry.payload.get("envelope_id"))
    except (TypeError, ValueError, AttributeError):  # a program may have appended any row
        return None
    envelope = state.outbox.get((row.entry.tenant_id, id_))
    return envelope if envelope is not None and envelope.status in _ANSWERED_STATUSES else None
