"""Python peers: `peer.py pgqueuer|procrastinate fill|drain|batch|single|latency N`. Answers one JSON line."""

# ruff: noqa: ARG001, PLC0415, SIM105  # only one of the two is loaded
# mypy: ignore-errors
# It runs in a virtual environment of its own, which the product's checks do not see.

import asyncio
import json
import os
import random
import sys
import time
from datetime import timedelta

URL = os.environ["DATABASE_URL"]
BATCH = 1000


def payload(n):
    return {"n": n, "sku": "bolt-m8", "quantity": 5, "note": "n" * 120}


class PgQueuer:
    """One dequeuer, 500 jobs at a time: the fastest of its settings when measured."""

    async def open(self):
        import asyncpg
        from pgqueuer.db import AsyncpgDriver
        from pgqueuer.queries import Queries

        self.connection = await asyncpg.connect(URL)
        self.driver = AsyncpgDriver(self.connection)
        self.queries = Queries(self.driver)
        if not await self.connection.fetchval("select to_regclass('pgqueuer') is not null"):
            await self.queries.install()

    async def batch(self, numbers):
        payloads = [json.dumps(payload(n)).encode() for n in numbers]
        await self.queries.enqueue(["noop"] * len(payloads), payloads, [0] * len(payloads))

    async def single(self, n):
        await self.queries.enqueue("noop", json.dumps(payload(n)).encode())

    async def work(self, called, until):
        import asyncpg
        from pgqueuer.db import AsyncpgDriver
        from pgqueuer.qm import QueueManager
        from pgqueuer.queries import Queries

        manager = QueueManager(Queries(AsyncpgDriver(await asyncpg.connect(URL))))

        @manager.entrypoint("noop")
        async def noop(job):
            called()

        running = asyncio.create_task(manager.run(batch_size=500, dequeue_timeout=timedelta(seconds=30)))
        await asyncio.wait([running, asyncio.create_task(until.wait())], return_when=asyncio.FIRST_COMPLETED)
        if running.done():
            running.result()
        manager.shutdown.set()
        await asyncio.wait([running], timeout=5)


class Procrastinate:
    """As its documentation starts a worker, with 24 jobs at once."""

    async def open(self):
        import procrastinate

        self.app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=URL))
        self.called = lambda: None

        @self.app.task(name="noop")
        async def noop(**_):
            self.called()

        self.noop = noop
        await self.app.open_async()
        try:
            await self.app.schema_manager.apply_schema_async()
        except procrastinate.exceptions.ConnectorException:
            pass  # it exists already

    async def batch(self, numbers):
        await self.noop.batch_defer_async(*[payload(n) for n in numbers])

    async def single(self, n):
        await self.noop.defer_async(**payload(n))

    async def work(self, called, until):
        self.called = called
        running = asyncio.create_task(
            self.app.run_worker_async(concurrency=24, install_signal_handlers=False, listen_notify=True)
        )
        await until.wait()
        running.cancel()
        await asyncio.wait([running], timeout=5)


async def drain(queue, count):
    until, left, started = asyncio.Event(), count, time.perf_counter()

    def called():
        nonlocal left
        left -= 1
        if left == 0:
            until.ended = time.perf_counter()
            until.set()

    await queue.work(called, until)
    return until.ended - started


async def latency(queue, count):
    until, spans, began = asyncio.Event(), [], asyncio.Queue()
    working = asyncio.create_task(queue.work(lambda: began.put_nowait(time.perf_counter()), until))
    await asyncio.sleep(2)
    for n in range(count):
        await queue.single(n)
        committed = time.perf_counter()
        spans.append((await began.get() - committed) * 1000)
        await asyncio.sleep(random.uniform(0.02, 0.1))  # noqa: S311
    until.set()
    await working
    return spans


async def main():
    name, verb, number = sys.argv[1:]
    count = int(number)
    queue = {"pgqueuer": PgQueuer, "procrastinate": Procrastinate}[name]()
    await queue.open()
    started, answer = time.perf_counter(), {}
    if verb in {"fill", "batch"}:
        for start in range(0, count, BATCH):
            await queue.batch(range(start, min(start + BATCH, count)))
    elif verb == "single":
        for n in range(count):
            await queue.single(n)
    elif verb == "drain":
        answer = {"seconds": await drain(queue, count)}
    elif verb == "latency":
        answer = {"milliseconds": await latency(queue, count)}
    print(json.dumps({"seconds": time.perf_counter() - started, **answer}), flush=True)
    os._exit(0)


if __name__ == "__main__":
    import uvloop

    uvloop.run(main())
