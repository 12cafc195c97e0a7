"""How long until an idle worker starts on an envelope? Milliseconds from commit to the start of its tool."""

import asyncio
import random
import statistics
import time
from typing import Any

from services.backends.open import postgres_backends
from services.envelope import OPEN_STATUSES
from tests.bench.processes import PEERS, our_worker
from tests.bench.runner import Figure, Lab
from tests.bench.workload import AGENT, a_proposal, make_tenants

ENVELOPES = 200
P99 = 10.0
POLL = 0.2
"""Seconds between two looks where nothing wakes the worker."""


async def measure(lab: Lab) -> list[Figure]:
    """The median against the best peer's, the 99th percentile, and the longest wait without LISTEN."""
    count = lab.sized(ENVELOPES)
    sides: dict[str, Any] = {"ours": lambda: ours(lab, count), "polling": lambda: ours(lab, count, listens=False)}
    sides |= {peer.name: lambda peer=peer: theirs(lab, peer, count) for peer in PEERS}
    spans: dict[str, list[list[float]]] = {name: [] for name in sides}
    for number in range(lab.rounds):
        for name, ask in sides.items():
            spans[name].append(await ask())
            lab.say(f"  round {number + 1}: {name} median {statistics.median(spans[name][-1]):.2f} ms")
    medians = {name: [statistics.median(seconds) for seconds in spans[name]] for name in sides}
    best = min((peer.name for peer in PEERS), key=lambda name: statistics.median(medians[name]))
    worst = [statistics.quantiles(span, n=100)[98] for span in spans["ours"]]
    longest = [max(seconds) for seconds in spans["polling"]]
    bar = [P99] * lab.rounds
    return [
        Figure.of(f"pickup/median/{best}", "ms", medians["ours"], best, medians[best], at_most=1.2),
        Figure.of("pickup/99th percentile", "ms", worst, "10 ms", bar, at_most=1),
        Figure.of("pickup/longest, polling", "ms", longest, "poll interval", [POLL * 1000] * lab.rounds, at_most=1),
    ]


async def ours(lab: Lab, count: int, *, listens: bool = True) -> list[float]:
    """Milliseconds of each."""
    committed: dict[str, float] = {}
    with lab.database() as url:
        async with postgres_backends(url, pool_size=1) as backends, asyncio.TaskGroup() as group:
            tenants = await make_tenants(backends)
            flags = ["--stop-after", str(count + 1), "--note", *([] if listens else ["--no-listen"])]
            worker = group.create_task(our_worker(url, *flags, ACP_POLL_EVERY=str(5 if listens else POLL)))
            for n in range(count + 1):
                await asyncio.sleep(random.uniform(0.02, 0.1))  # noqa: S311  # no secret
                proposal = a_proposal(tenants[n % len(tenants)])
                await backends.outbox.enqueue([proposal], actor=AGENT)
                committed[str(proposal.id)] = time.time()
                # The worker is still starting.
                while n == 0 and (await backends.outbox.get(proposal.tenant_id, proposal.id)).status in OPEN_STATUSES:  # noqa: ASYNC110
                    await asyncio.sleep(0.1)
        began = (await worker)["began"]
    first = next(iter(committed))  # plans are made
    return [max(0.0, began[id_] - at) * 1000 for id_, at in committed.items() if id_ != first]


async def theirs(lab: Lab, peer: Any, count: int) -> list[float]:
    """Milliseconds of each."""
    with lab.database(migrated=False) as url:
        told = await peer.ask(url, "latency", count)
    return [max(0.0, span) for span in told["milliseconds"][1:]]
