"""What does a claim cost among ten thousand tenants with a hundred held envelopes each and one that is due?"""

import statistics
import time
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from services.backends.open import postgres_backends
from services.outbox import Disposition, Settlement
from services.tenants import Tenant
from tests.bench.runner import Figure, Lab
from tests.bench.workload import AGENT, a_proposal
from tests.builders import operator

TENANTS, HELD = 10_000, 100
CLAIMED = 64
"""The limit of a claim: as many as a worker has in flight by default."""
CLAIMS = 100
BAR = 20.0


async def measure(lab: Lab) -> list[Figure]:
    """The 95th percentile of claims, over one filling."""
    later = datetime.now(UTC) + timedelta(days=1)
    spans = []
    with lab.database() as url:
        async with postgres_backends(url, pool_size=1) as backends:
            tenants = [uuid4() for _ in range(lab.sized(TENANTS))]
            for tenant in tenants:
                await backends.tenants.save(Tenant(id=tenant, name=f"tenant {tenant}"), actor=operator("bench"))
            for n in range(0, len(tenants), 20):
                some = [a_proposal(tenant, at=later) for tenant in tenants[n : n + 20] for _ in range(HELD)]
                due = [a_proposal(tenant) for tenant in tenants[n : n + 20]]
                await backends.outbox.enqueue([*some, *due], actor=AGENT)
                if n % 2000 == 0:
                    lab.say(f"  filled {n} tenants")
            lab.settle_down()
            for _ in range(min(CLAIMS, len(tenants) // CLAIMED)):
                started = time.perf_counter()
                claimed = await backends.outbox.claim("w", limit=CLAIMED, lease_for=timedelta(minutes=5))
                spans.append((time.perf_counter() - started) * 1000)
                assert len(claimed) == CLAIMED
                await backends.outbox.settle(
                    "w",
                    [
                        Settlement(lease=call.lease, envelope_id=call.envelope.id, to=Disposition.SUCCESS)
                        for call in claimed
                    ],
                )
    p95 = statistics.quantiles(spans, n=20)[18]
    return [Figure.of("many_tenants/claim p95", "ms", [p95], "20 ms", [BAR], at_most=1)]
