"""Does a worker slow down as time goes by? Five million envelopes in rounds, with settled envelopes deleted in between.

The last tenth's rate against the first tenth's, and how large table and indexes are at the end against half-way.
"""

from datetime import timedelta

from services.backends.open import postgres_backends
from services.database.connect import connect
from tests.bench.processes import our_worker
from tests.bench.runner import Figure, Lab
from tests.bench.workload import fill, make_tenants
from tests.builders import CLOCK

ENVELOPES, ROUNDS = 5_000_000, 50
RATE, SIZE = 0.9, 1.25
BYTES = """
select sum(pg_total_relation_size(t))::float8
from unnest(array['public.outbox', 'app_private.open_envelopes', 'app_private.lanes']::regclass[]) as t
"""


async def measure(lab: Lab) -> list[Figure]:
    """One long run."""
    each = lab.sized(ENVELOPES) // ROUNDS
    rates: list[float] = []
    sizes: list[float] = []
    with lab.database() as url:
        async with postgres_backends(url, pool_size=2) as backends:
            tenants = await make_tenants(backends)
            for number in range(ROUNDS):
                await fill(backends, tenants, each)
                rates.append(each / float((await our_worker(url, "--stop-after", str(each)))["seconds"]))
                while await backends.outbox.forget_settled(keep=timedelta(microseconds=1), limit=10_000, actor=CLOCK):
                    pass
                with connect(url) as connection:
                    [(size,)] = connection.execute(BYTES.encode()).fetchall()
                sizes.append(size)
                lab.say(f"  round {number + 1}: {rates[-1]:.4g}/s, {size / 2**20:.0f} MB")
    tenth = ROUNDS // 10
    first, last = rates[:tenth], rates[-tenth:]
    return [
        Figure.of("steady/last tenth", "envelopes/s", last, "first tenth", first, at_least=RATE),
        Figure.of("steady/size", "bytes", sizes[-1:], "half-way", sizes[ROUNDS // 2 : ROUNDS // 2 + 1], at_most=SIZE),
    ]
