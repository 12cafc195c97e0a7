"""Do two worker processes drain faster than one? Envelopes a second, of the same backlog."""

import asyncio
from functools import partial

from services.backends.open import postgres_backends
from tests.bench.drain import ours
from tests.bench.processes import our_worker
from tests.bench.runner import Figure, Lab
from tests.bench.workload import fill, make_tenants

BACKLOG = 100_000
BAR = 1.4


async def measure(lab: Lab) -> list[Figure]:
    """Two against one."""
    backlog = lab.sized(BACKLOG)
    rates = await lab.rounds_of({"two": partial(two, lab, backlog), "one": partial(ours, lab, backlog)})
    return [Figure.of("two_workers", "envelopes/s", rates["two"], "one worker", rates["one"], at_least=BAR)]


async def two(lab: Lab, backlog: int) -> float:
    """Each settles two fifths of the backlog, so that both work until the end."""
    with lab.database() as url:
        async with postgres_backends(url, pool_size=2) as backends:
            await fill(backends, await make_tenants(backends), backlog)
            lab.settle_down()
            share = str(backlog * 2 // 5)
            async with asyncio.TaskGroup() as group:
                workers = [group.create_task(our_worker(url, "--stop-after", share)) for _ in range(2)]
            told = [worker.result() for worker in workers]
    return float(sum(one["settled"] for one in told) / max(one["seconds"] for one in told))
