"""Does the worker keep its slots full when tools take time? A thousand calls of 200 ms, two hundred at once."""

from services.backends import postgres_backends
from tests.bench.processes import our_worker
from tests.bench.runner import Figure, Lab
from tests.bench.workload import fill, make_tenants

ENVELOPES, TAKES, SLOTS = 1_000, 0.2, 200
BAR = 0.9


async def measure(lab: Lab) -> list[Figure]:
    """Ours against the ideal."""
    ideal = SLOTS / TAKES
    rates = [await rate(lab) for _ in range(lab.rounds)]
    return [Figure.of("real_tools", "envelopes/s", rates, "the ideal", [ideal] * lab.rounds, at_least=BAR)]


async def rate(lab: Lab) -> float:
    """Envelopes a second."""
    with lab.database() as url:
        async with postgres_backends(url, pool_size=2) as backends:
            await fill(backends, await make_tenants(backends), ENVELOPES)
        flags = ("--stop-after", str(ENVELOPES), "--takes", str(TAKES), "--concurrency", str(SLOTS))
        told = await our_worker(url, *flags)
    return ENVELOPES / float(told["seconds"])
