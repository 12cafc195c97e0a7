"""Does a long queue slow the worker down? The rate over a million envelopes, against a hundred thousand."""

from typing import Any

from services.backends.open import postgres_backends
from tests.bench.processes import our_worker
from tests.bench.runner import Figure, Lab
from tests.bench.workload import fill, make_tenants

LONG, SHORT = 1_000_000, 100_000
BAR = 0.85


async def measure(lab: Lab) -> list[Figure]:
    """The long backlog against the short one, and its last decile against its first."""
    long, short = lab.sized(LONG), lab.sized(SHORT)
    ends: list[tuple[float, float]] = []

    async def whole() -> float:
        told = await drained(lab, long)
        ends.append((told["deciles"][-1], told["deciles"][0]))
        return long / float(told["seconds"])

    async def part() -> float:
        return short / float((await drained(lab, short))["seconds"])

    rates = await lab.rounds_of({"1M": whole, "100k": part})
    last, first = zip(*ends, strict=True)
    return [
        Figure.of("backlog/1M", "envelopes/s", rates["1M"], "100k", rates["100k"], at_least=BAR),
        Figure.of("backlog/last tenth", "envelopes/s", last, "first tenth", first, at_least=BAR),
    ]


async def drained(lab: Lab, backlog: int) -> dict[str, Any]:
    """The figures that the worker measured."""
    with lab.database() as url:
        async with postgres_backends(url, pool_size=2) as backends:
            await fill(backends, await make_tenants(backends), backlog)
        lab.settle_down()
        return await our_worker(url, "--stop-after", str(backlog))
