"""How fast does one worker process drain a backlog? Envelopes a second, against other queues on PostgreSQL.

A hundred thousand envelopes of fifty tenants wait, and the tool does nothing. Ours judges each by every guardrail,
writes its result and a chained audit row, and updates metrics and the log. The peers mark a job as done or delete it.
"""

from functools import partial

from services.backends.open import postgres_backends
from tests.bench.processes import GRAPHILE, PGBOSS, PGQUEUER, PROCRASTINATE, Peer, our_worker
from tests.bench.runner import Figure, Lab
from tests.bench.workload import fill, make_tenants

BACKLOG = 100_000
BARS = {GRAPHILE: 1.2, PGQUEUER: 2.5, PGBOSS: 2.5, PROCRASTINATE: 50}
SLOW = {PROCRASTINATE: 20}
"""Peers that get so many times fewer jobs."""


async def measure(lab: Lab) -> list[Figure]:
    """One figure per peer, all in the same rounds."""
    backlog = lab.sized(BACKLOG)
    sides = {"ours": partial(ours, lab, backlog)}
    sides |= {peer.name: partial(theirs, lab, peer, backlog // SLOW.get(peer, 1)) for peer in BARS}
    rates = await lab.rounds_of(sides)
    return [
        Figure.of(f"drain/{peer.name}", "envelopes/s", rates["ours"], peer.name, rates[peer.name], at_least=bar)
        for peer, bar in BARS.items()
    ]


async def ours(lab: Lab, backlog: int, **environment: str) -> float:
    """Envelopes a second, from the worker's first claim to its last settlement."""
    with lab.database() as url:
        async with postgres_backends(url, pool_size=2) as backends:
            await fill(backends, await make_tenants(backends), backlog)
        lab.settle_down()
        told = await our_worker(url, "--stop-after", str(backlog), **environment)
    return backlog / float(told["seconds"])


async def theirs(lab: Lab, peer: Peer, backlog: int) -> float:
    """Jobs a second, from the start of the worker to the last one's end."""
    with lab.database(migrated=False) as url:
        await peer.ask(url, "fill", backlog)
        lab.settle_down()
        told = await peer.ask(url, "drain", backlog)
    return backlog / float(told["seconds"])
