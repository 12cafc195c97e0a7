"""How much does our supabase backend cost in addition to PostgREST? Envelopes a second, against the two calls alone.

The peer claims 500 and settles them as succeeded, by the same two functions, and does nothing in between.
"""

import json
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

import httpx

from services.backends.open import postgres_backends
from services.database.rest import RestStack, rest_stack
from tests.bench.processes import answer, our_worker
from tests.bench.runner import Figure, Lab
from tests.bench.workload import fill, make_tenants

BACKLOG, BATCH = 20_000, 500
BAR = 0.7


async def measure(lab: Lab) -> list[Figure]:
    """Ours against the raw loop."""
    backlog = lab.sized(BACKLOG)
    rates = await lab.rounds_of({"ours": lambda: ours(lab, backlog), "raw": lambda: raw(lab, backlog)})
    return [Figure.of("rest", "envelopes/s", rates["ours"], "raw PostgREST", rates["raw"], at_least=BAR)]


@asynccontextmanager
async def served(lab: Lab, backlog: int) -> AsyncIterator[RestStack]:
    """PostgREST in front of a filled database."""
    with lab.database() as url, TemporaryDirectory() as folder:
        async with postgres_backends(url, pool_size=2) as backends:
            await fill(backends, await make_tenants(backends), backlog)
        lab.settle_down()
        async with rest_stack(lab.as_authenticator(url), Path(folder), say=lambda _: None) as stack:
            yield stack


async def ours(lab: Lab, backlog: int) -> float:
    """A worker process with SUPABASE_URL."""
    async with served(lab, backlog) as stack:
        told = await our_worker(
            "", "--stop-after", str(backlog), "--concurrency", str(BATCH),
            SUPABASE_URL=stack.url, SUPABASE_SECRET_KEY=stack.keys.secret,
        )  # fmt: skip
    return backlog / float(told["seconds"])


async def raw(lab: Lab, backlog: int) -> float:
    """A process that does nothing else."""
    async with served(lab, backlog) as stack:
        told = await answer(sys.executable, "-m", "tests.bench.rest", stack.url, stack.keys.secret, backlog, url="")
    return backlog / float(told["seconds"])


def main() -> None:
    """Claim and settle in turn until all envelopes are settled. Arguments: URL, key, number of envelopes."""
    url, key, backlog = sys.argv[1], sys.argv[2], int(sys.argv[3])
    headers = {"apikey": key, "Content-Profile": "worker_api"}
    with httpx.Client(base_url=f"{url}/rest/v1/rpc", headers=headers, timeout=60) as client:
        started, done = time.perf_counter(), 0
        while done < backlog:
            asked = {"worker_id": "raw", "claim_id": str(uuid4()), "max_envelopes": BATCH, "lease_for": "5 min"}
            settled = _succeeded(client.post("/claim", json=asked).raise_for_status().json())
            client.post("/settle", json=settled).raise_for_status()
            done += len(settled["envelopes"])
        sys.stdout.write(json.dumps({"seconds": time.perf_counter() - started}) + "\n")


def _succeeded(lanes: list[dict[str, Any]]) -> dict[str, Any]:
    held = [(lane, envelope[0]) for lane in lanes for envelope in lane["envelopes"]]
    return {
        "worker_id": "raw",
        "tenants": [lane["tenant_id"] for lane, _ in held],
        "lanes": [lane["lane"] for lane, _ in held],
        "tokens": [lane["token"] for lane, _ in held],
        "envelopes": [envelope for _, envelope in held],
        "outcomes": ["success"] * len(held),
        "results": [{"ok": True}] * len(held),
        "details": [None] * len(held),
        "said": [None] * len(held),
        "verdict_sets": [],
    }


if __name__ == "__main__":
    main()
