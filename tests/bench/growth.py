"""How far does it scale past one machine? A simulation of workers, tenants and databases, checked against measured
points.

Three numbers are measured on this machine: the microseconds of processor time that an envelope takes in the worker and,
for its claim and its settlement together, in the database. The simulation uses these numbers. Its result for one and
two worker processes on this machine, where workers and database share the cores, must be within a quarter of the
measured one. `python -m tests.bench.growth` prints its results for other machines: the table of docs/how-to/grow.md.
"""

import heapq
import sys
from dataclasses import dataclass
from pathlib import Path

from services.backends.open import postgres_backends
from services.database.connect import connect
from tests.bench.processes import our_worker
from tests.bench.runner import Figure, Lab
from tests.bench.two_workers import two
from tests.bench.workload import fill, make_tenants

BACKLOG = 50_000
BATCH = 1000
AHEAD = 2
"""Batches that a worker holds: one is settled while the next one is claimed and executed."""
CLOSE = 0.25
CLAIM_SHARE = 0.2
"""The claim's part of the time that the database takes for an envelope. The rest is the settlement's."""
TICKS = 100
"""Units of processor time per second, as /proc counts them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """Seconds of processor time for an envelope."""

    client: float
    server: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Fleet:
    """The machines, workers and tenants of one simulation."""

    workers: int
    tenants: int
    """With one lane each: at most so many workers are busy at once."""
    databases: int = 1
    cores: int = 2
    """Processor cores of each database."""
    shared: bool = False
    """Workers and the one database run on the same cores."""


def simulate(costs: Costs, fleet: Fleet, *, batches: int = 400) -> float:
    """Envelopes a second. Each worker claims, executes and settles batch after batch; it claims while it settles.

    Tenants are spread evenly over the databases, workers over the tenants. Cores serve in the order of arrival. Network
    and disk cost nothing, and tools answer immediately.
    """
    busy = min(fleet.workers, fleet.tenants)
    databases = [[0.0] * fleet.cores for _ in range(fleet.databases)]
    settled, unsettled, idle = [0.0] * busy, [0] * busy, [False] * busy
    own = databases * busy if fleet.shared else [[0.0] for _ in range(busy)]
    events = [(0.0, worker, "claim") for worker in range(busy)]
    left, now = batches * busy, 0.0
    while left:
        now, worker, step = heapq.heappop(events)
        database = databases[worker % fleet.databases]
        if step == "claim" and unsettled[worker] == AHEAD:
            idle[worker] = True
        elif step == "claim":
            unsettled[worker] += 1
            heapq.heappush(events, (_served(database, now, CLAIM_SHARE * costs.server), worker, "execute"))
        elif step == "execute":
            done = _served(own[worker], now, costs.client)
            heapq.heappush(events, (done, worker, "settle"))
            heapq.heappush(events, (done, worker, "claim"))
        elif step == "settle" and settled[worker] > now:
            heapq.heappush(events, (settled[worker], worker, "settle"))
        elif step == "settle":
            settled[worker] = _served(database, now, (1 - CLAIM_SHARE) * costs.server)
            heapq.heappush(events, (settled[worker], worker, "end"))
        else:
            left -= 1
            unsettled[worker] -= 1
            if idle[worker]:
                idle[worker] = False
                heapq.heappush(events, (now, worker, "claim"))
    return batches * busy * BATCH / now


def _served(cores: list[float], at: float, seconds: float) -> float:
    """When a batch is done, on the core that is free first."""
    done = max(heapq.heappop(cores), at) + seconds * BATCH
    heapq.heappush(cores, done)
    return done


async def measure(lab: Lab) -> list[Figure]:
    """The simulated rates against the measured ones."""
    backlog = lab.sized(BACKLOG)
    one, costs = await measured(lab, backlog)
    both = await two(lab, backlog)
    lab.say(f"  client {costs.client * 1e6:.0f} µs, server {costs.server * 1e6:.0f} µs an envelope")
    return [
        Figure.of(
            f"growth/{workers} worker{'s' * (workers > 1)}", "envelopes/s",
            [simulate(costs, Fleet(workers=workers, tenants=50, shared=True))], "measured", [rate],
            at_least=1 - CLOSE, at_most=1 + CLOSE,
        )
        for workers, rate in ((1, one), (2, both))
    ]  # fmt: skip


async def measured(lab: Lab, backlog: int) -> tuple[float, Costs]:
    """The rate of one worker, and its processor time."""
    with lab.database() as url:
        async with postgres_backends(url, pool_size=2) as backends:
            await fill(backends, await make_tenants(backends), backlog)
        lab.settle_down()
        before = _server_seconds(url)
        told = await our_worker(url, "--stop-after", str(backlog))
        server = _server_seconds(url) - before
    return backlog / told["seconds"], Costs(client=told["cpu"] / backlog, server=server / backlog)


def _server_seconds(url: str) -> float:
    """Processor time of the server and all its processes, also of those that have ended."""
    with connect(url) as connection:
        [(backend,)] = connection.execute("select pg_backend_pid()").fetchall()
    postmaster = _stat(backend)[1]
    children = [stat for stat in map(_stat, _processes()) if stat and int(stat[1]) == int(postmaster)]
    own = _stat(int(postmaster))
    ticks = sum(int(stat[11]) + int(stat[12]) for stat in [*children, own]) + int(own[13]) + int(own[14])
    return ticks / TICKS


def _processes() -> list[int]:
    return [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]


def _stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat from the third on; empty if the process has ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
    except OSError:
        return []


def main() -> None:
    """The table of docs/how-to/grow.md, for these microseconds: client, server."""
    costs = Costs(client=float(sys.argv[1]) / 1e6, server=float(sys.argv[2]) / 1e6)
    for databases, cores in ((1, 2), (1, 4), (1, 8), (4, 8)):
        for workers in (1, 2, 4, 8, 32):
            fleet = Fleet(workers=workers, tenants=1000, databases=databases, cores=cores)
            print(f"| {databases} × {cores} cores | {workers} | {simulate(costs, fleet):,.0f} |")


if __name__ == "__main__":
    main()
