"""Record, before calls are sent, that grants allow them."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from services.backends.memory.audit import append_audit, envelope_entry
from services.backends.memory.catalog import raised_risk
from services.backends.memory.check_texts import check_texts
from services.backends.memory.lanes import is_in_flight
from services.backends.memory.state import State
from services.envelope import Actor, ActorType, EnvelopeKey
from services.grants import GrantUse
from services.outbox import GrantedCall, GrantUses, Lease


def use_grants(state: State, worker_id: str, calls: Sequence[GrantedCall]) -> GrantUses:
    """See `services.outbox.Outbox.use_grants`."""
    check_texts(worker_id=worker_id)
    with state.change() as now:
        leases: defaultdict[EnvelopeKey, set[Lease]] = defaultdict(set)
        for call in calls:
            leases[call.claimed.envelope.key].add(call.claimed.lease)
        covered = {
            call.claimed.envelope.key: call
            for call in sorted(calls, key=lambda call: call.claimed.envelope.key)
            if _may_use_grant(state, worker_id, call, now)
        }
        busy = {key for key in covered if len(leases[key]) > 1}
        for key, call in covered.items():
            use = key, call.claimed.lease
            if key in busy or use in state.grant_uses:
                continue
            grant = state.grants[key[0], call.grant_id]
            state.grant_uses[use] = GrantUse(tenant_id=key[0], grant_id=grant.id, envelope_id=key[1], used_at=now)
            state.grants[key[0], call.grant_id] = replace(grant, use_count=grant.use_count + 1, last_used_at=now)
            entry = envelope_entry(
                state.outbox[key], Actor(type=ActorType.WORKER, id=worker_id), "granted",
                grant_id=grant.id, issued_by=grant.issued_by, digest=call.digest,
            )  # fmt: skip
            append_audit(state, [entry], now)
        return GrantUses(may_go=frozenset(covered.keys() - busy), busy=frozenset(busy))


def _may_use_grant(state: State, worker_id: str, call: GrantedCall, now: datetime) -> bool:
    """Whether the attempt is in flight and its grant is still valid for it."""
    envelope, lease = call.claimed.envelope, call.claimed.lease
    grant, rules = state.grants.get((lease.tenant_id, call.grant_id)), state.guardrails.get(lease.tenant_id)
    row = state.outbox.get(envelope.key)
    return (
        row is not None
        and is_in_flight(state, worker_id, lease, envelope.id)
        and grant is not None
        and grant.is_open(now)
        and (rules is None or raised_risk(state, row) not in rules[1].approval_rules.get("two_people", ()))
    )
