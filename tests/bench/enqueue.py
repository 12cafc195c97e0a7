"""How fast are envelopes put in? In batches of a thousand, and one at a time; jobs a second against the peers'."""

import time
from functools import partial

from services.backends.open import postgres_backends
from tests.bench.processes import PEERS, Peer
from tests.bench.runner import Figure, Lab
from tests.bench.workload import AGENT, a_proposal, fill, make_tenants

MANY, FEW = 50_000, 1_000
BARS = {"batch": 0.8, "single": 1.0}


async def measure(lab: Lab) -> list[Figure]:
    """One figure per peer and way."""
    figures = []
    for verb, count in (("batch", lab.sized(MANY)), ("single", lab.sized(FEW))):
        sides = {"ours": partial(ours, lab, verb, count)}
        sides |= {peer.name: partial(theirs, lab, peer, verb, count) for peer in PEERS}
        rates = await lab.rounds_of(sides)
        figures += [
            Figure.of(
                f"enqueue/{verb}/{peer.name}", "jobs/s", rates["ours"], peer.name, rates[peer.name], at_least=BARS[verb]
            )
            for peer in PEERS
        ]
    return figures


async def ours(lab: Lab, verb: str, count: int) -> float:
    """With the audit row, the lane's clock and the wake-up of workers."""
    with lab.database() as url:
        async with postgres_backends(url, pool_size=2) as backends:
            tenants = await make_tenants(backends)
            await fill(backends, tenants, 1000)  # plans are made
            lab.settle_down()
            started = time.perf_counter()
            if verb == "batch":
                await fill(backends, tenants, count)
            else:
                for n in range(count):
                    await backends.outbox.enqueue([a_proposal(tenants[n % len(tenants)])], actor=AGENT)
            return count / (time.perf_counter() - started)


async def theirs(lab: Lab, peer: Peer, verb: str, count: int) -> float:
    """The same into an empty database of theirs."""
    with lab.database(migrated=False) as url:
        await peer.ask(url, "fill", 1000)
        lab.settle_down()
        return count / float((await peer.ask(url, verb, count))["seconds"])
