"""What does the hash chain cost? Envelopes settled per second, against the same rows written without a chain.

Through the product's own `settle`, as a worker calls it: in batches over twenty tenants. Enqueueing and claiming are
not timed. The peer's `append_audit` writes rows of the same size, with no hash, no order and no lock.
"""

import time
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID, uuid4

from uuid_utils.compat import uuid7

from services.backends import Backends
from services.backends.open import postgres_backends
from services.database.connect import connect
from services.envelope import Actor, ActorType
from services.outbox import Disposition, Outbox, Proposal, Settlement
from services.tenants import Tenant
from tests.bench.runner import Figure, Lab
from tests.builders import operator

TENANTS = 20
BATCHES = (500, 64)
"""Envelopes in one call: a worker has up to 64 in flight by default, a large one up to 500."""
ENVELOPES = 20_000
"""Envelopes that each side settles in each round."""
WARM_UP = 5
"""Calls before the measurement."""
BAR = 0.85

UNCHAINED = """
create sequence app_private.any_seq cache 1000;
alter sequence app_private.any_seq owner to app_owner;
create or replace function app_private.append_audit(
  tenants uuid[], actor_type text, actor_id text, categories text[], payloads jsonb[], as_of timestamptz
)
returns void language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  insert into public.audit_log
    (tenant_id, actor_type, actor_id, category, payload, created_at, seq, previous_hash, hash)
  select
    e.tenant_id, append_audit.actor_type, append_audit.actor_id, e.category, e.payload, as_of,
    nextval('app_private.any_seq'),
    '\\x0000000000000000000000000000000000000000000000000000000000000000',
    '\\x0000000000000000000000000000000000000000000000000000000000000000'
  from unnest(tenants, categories, payloads) as e (tenant_id, category, payload);
end
$$;
"""


async def measure(lab: Lab) -> list[Figure]:
    """One figure per size of batch."""
    figures = []
    for batch in BATCHES:

        async def chained(batch: int = batch) -> float:
            return await _settled_per_second(lab, batch, chain=True)

        async def unchained(batch: int = batch) -> float:
            return await _settled_per_second(lab, batch, chain=False)

        ours, theirs, ratio = await lab.compare(chained, unchained)
        figures.append(
            Figure(
                bench=f"audit_chain/{batch}",
                unit="settled/s",
                ours=ours,
                peer="no chain",
                theirs=theirs,
                ratio=ratio,
                at_least=BAR,
            )
        )
    return figures


async def _settled_per_second(lab: Lab, batch: int, *, chain: bool) -> float:
    with lab.database() as url:
        if not chain:
            with connect(url) as connection:
                connection.execute(UNCHAINED.encode())
        async with postgres_backends(url, pool_size=1) as backends:
            await _fill(backends, batch * WARM_UP + ENVELOPES)
            lab.settle_down()
            await _settle(backends.outbox, batch, envelopes=batch * WARM_UP)
            settled, spent = await _settle(backends.outbox, batch, envelopes=ENVELOPES)
            return settled / spent


async def _fill(backends: Backends, envelopes: int) -> None:
    tenants = [uuid4() for _ in range(TENANTS)]
    for tenant in tenants:
        await backends.tenants.save(Tenant(id=tenant, name=f"tenant {tenant}"), actor=operator("bench"))
    for start in range(0, envelopes, 1000):
        some = range(start, min(start + 1000, envelopes))
        await backends.outbox.enqueue(
            [_a_proposal(tenants[n % TENANTS]) for n in some], actor=Actor(type=ActorType.AGENT, id="bench")
        )


def _a_proposal(tenant: UUID) -> Proposal:
    return Proposal(
        id=uuid7(),
        tenant_id=tenant,
        tool_slug="ORDERS__create",
        tool_version="1",
        arguments={"sku": "bolt-m8", "quantity": 5, "note": "n" * 120},
        external_id=f"order-{uuid4()}",
    )


async def _settle(outbox: Outbox, batch: int, *, envelopes: int) -> tuple[int, float]:
    """Settle at least so many envelopes, if there are so many. Returns how many, and the seconds."""
    settled, spent = 0, 0.0
    while settled < envelopes:
        claimed = await outbox.claim("worker-1", limit=batch, lease_for=timedelta(minutes=5))
        if not claimed:
            break
        endings = [
            Settlement(
                lease=one.lease,
                envelope_id=one.envelope.id,
                to=Disposition.SUCCESS,
                result={"id": str(one.envelope.id), "ok": True},
            )
            for one in claimed
        ]
        spent += await _timed(outbox, endings)
        settled += len(claimed)
    return settled, spent


async def _timed(outbox: Outbox, endings: Sequence[Settlement]) -> float:
    started = time.perf_counter()
    refused = await outbox.settle("worker-1", endings)
    assert not refused
    return time.perf_counter() - started
