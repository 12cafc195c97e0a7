"""Mark calls as sent before they leave."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from services.backends.memory.check_texts import check_texts
from services.backends.memory.lanes import is_in_flight
from services.backends.memory.state import State
from services.envelope import EnvelopeKey
from services.outbox import ClaimedEnvelope, Lease, SentMarks


def mark_sent(state: State, worker_id: str, calls: Sequence[ClaimedEnvelope]) -> SentMarks:
    """See `services.outbox.Outbox.mark_sent`."""
    check_texts(worker_id=worker_id)
    with state.change():
        leases: defaultdict[EnvelopeKey, set[Lease]] = defaultdict(set)
        for call in calls:
            leases[call.envelope.key].add(call.lease)
        duplicates = frozenset(envelope for envelope, its_leases in leases.items() if len(its_leases) > 1)
        calls_to_mark = [
            call
            for call in calls
            if call.envelope.key not in duplicates and is_in_flight(state, worker_id, call.lease, call.envelope.id)
        ]
        for call in calls_to_mark:
            key = (call.lease.tenant_id, call.lease.lane)
            state.lanes[key] = replace(state.lanes[key], sent=state.lanes[key].sent | {call.envelope.id})
        return SentMarks(marked=frozenset(call.envelope.key for call in calls_to_mark), busy=duplicates)
