"""Does a noisy tenant delay quiet ones? Seconds until fifty tenants' ten envelopes each are done, behind a backlog."""

import asyncio
import time
from datetime import UTC, datetime, timedelta

from services.backends.open import postgres_backends
from services.database.connect import connect
from tests.bench.processes import our_worker
from tests.bench.runner import Figure, Lab
from tests.bench.workload import AGENT, a_proposal, fill, make_tenants

NOISY, EACH = 100_000, 10
DUE_IN = timedelta(seconds=6)
"""Seconds in which the worker starts with the envelopes of the noisy tenant."""
BAR = 1.0
LAST = """
select extract(epoch from max(o.updated_at))::float8, count(*) filter (where o.status <> 'success')
from public.outbox as o where o.tenant_id <> %s
"""


async def measure(lab: Lab) -> list[Figure]:
    """The longest wait of the quiet tenants."""
    waits = [await waited(lab) for _ in range(lab.rounds)]
    return [Figure.of("fairness", "s", waits, "1 s", [BAR] * lab.rounds, at_most=1)]


async def waited(lab: Lab) -> float:
    """Seconds from the time at which the envelopes of the quiet tenants became due to the end of the last one."""
    with lab.database() as url:
        async with postgres_backends(url, pool_size=1) as backends:
            noisy, *quiet = await make_tenants(backends, 51)
            await fill(backends, [noisy], lab.sized(NOISY))
            due_at = datetime.now(UTC) + DUE_IN
            few = [a_proposal(tenant, at=due_at) for tenant in quiet for _ in range(EACH)]
            await backends.outbox.enqueue(few, actor=AGENT)
        async with asyncio.timeout(600):
            await our_worker(url, "--stop-after", str(lab.sized(NOISY) + len(few)))
        with connect(url) as connection:
            [(ended, left)] = connection.execute(LAST.encode(), [noisy]).fetchall()
    assert left == 0
    lab.say(f"  {ended - due_at.timestamp():.3f} s, at {time.strftime('%X')}")
    return float(ended - due_at.timestamp())
