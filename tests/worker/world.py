"""A small world for a worker: real PostgreSQL behind it, and in front of it tools that a test plays."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID, uuid4

import psycopg
from uuid_utils.compat import uuid7

from services.backends import Backends
from services.catalog import Tool
from services.clock import Clock, utc_now
from services.envelope import Actor, ActorType, Envelope
from services.errors import NotReady
from services.outbox import Proposal
from services.tenants import Tenant
from services.tools import Outcome, Success, ToolCall
from tests.builders import operator
from tests.worker.builders import worker_options
from worker.loop import Worker

AGAIN, ONCE = "STAGE__again.do", "STAGE__once.do"
"""A tool that honours the idempotency key, and one that does not."""

AGENT = Actor(type=ActorType.AGENT, id="test")
AWAY = NotReady("database: away")
WITHIN = 60
"""Seconds until a test that waits has failed; nothing waits for so long when all is well."""

RUN_OUT = """
with leased as (   -- locked in the order that everybody keeps
  select tenant_id, lane from app_private.lanes where worker_id is not null order by 1, 2 for update
)
update app_private.lanes as l set ready_at = now() - interval '1 second'
from leased where l.tenant_id = leased.tenant_id and l.lane = leased.lane
"""


@dataclass
class Stage:
    """Tools played by the test: each call is recorded, waits while the curtain is down, and ends as `play` says."""

    play: Callable[[ToolCall], Outcome] = lambda _: Success(result={"ok": True})
    calls: list[ToolCall] = field(default_factory=list)
    cancelled: list[UUID] = field(default_factory=list)
    curtain: asyncio.Event = field(default_factory=asyncio.Event)
    at_once: int = 0
    most_at_once: int = 0
    _moved: asyncio.Condition = field(default_factory=asyncio.Condition)

    def __post_init__(self) -> None:
        self.curtain.set()

    async def execute(self, call: ToolCall) -> Outcome:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        self.calls.append(call)
        try:
            async with self._moved:
                self._moved.notify_all()
            await self.curtain.wait()
            return self.play(call)
        except asyncio.CancelledError:
            self.cancelled.append(call.envelope_id)
            raise
        finally:
            self.at_once -= 1

    async def called(self, times: int) -> list[UUID]:
        """Which envelopes were called, in order, once there are so many calls."""
        async with asyncio.timeout(WITHIN), self._moved:
            await self._moved.wait_for(lambda: len(self.calls) >= times)
        return self.ids

    @property
    def ids(self) -> list[UUID]:
        return [call.envelope_id for call in self.calls]


class Answers:
    """Outcomes in the order of an envelope's attempts; the last one repeats."""

    def __init__(self, *outcomes: Outcome) -> None:
        self._outcomes = outcomes
        self._given: dict[UUID, int] = {}

    def __call__(self, call: ToolCall) -> Outcome:
        attempt = self._given[call.envelope_id] = self._given.get(call.envelope_id, 0) + 1
        return self._outcomes[min(attempt, len(self._outcomes)) - 1]


class Faulty:
    """A service whose verbs a test can count, hold up and break."""

    def __init__(self, service: object) -> None:
        self._service = service
        self.calls: Counter[str] = Counter()
        self.broken: dict[str, Exception] = {}
        self.held: dict[str, asyncio.Event] = {}
        self.instead: dict[str, Callable[..., Awaitable[Any]]] = {}

    def __getattr__(self, verb: str) -> Callable[..., Awaitable[Any]]:
        async def call(*args: object, **kwargs: object) -> Any:
            self.calls[verb] += 1
            if verb in self.held:
                await self.held[verb].wait()
            if verb in self.broken:
                raise self.broken[verb]
            method = self.instead.get(verb) or getattr(self._service, verb)
            return await method(*args, **kwargs)

        return call


@dataclass
class World:
    """Tenants, tools and envelopes in a database of their own."""

    backends: Backends
    url: str
    stage: Stage = field(default_factory=Stage)
    tenant_of: dict[UUID, UUID] = field(default_factory=dict)

    async def add_tenant(self, name: str = "acme", *, lanes: int = 1, **tool: Any) -> UUID:
        """A tenant with both tools; `tool` goes to both."""
        tenant = uuid4()
        await self.backends.tenants.save(Tenant(id=tenant, name=name, lanes=lanes), actor=operator("test"))
        for slug in (AGAIN, ONCE):
            await self.add_tool(tenant, slug, **tool)
        return tenant

    async def add_tool(self, tenant: UUID, slug: str, **tool: Any) -> None:
        known = Tool(tenant_id=tenant, tool_slug=slug, version="1", provider="http", idempotent=slug == AGAIN)
        await self.backends.catalog.save([replace(known, **tool)], actor=operator("test"))

    async def propose(self, tenant: UUID, count: int = 1, *, slug: str = AGAIN, **fields: Any) -> list[UUID]:
        """So many envelopes, in this order."""
        ids = [uuid7() for _ in range(count)]
        self.tenant_of |= dict.fromkeys(ids, tenant)
        wanted = {"arguments": {"text": "s3cret words"}} | fields
        proposals = [
            Proposal(id=each, tenant_id=tenant, tool_slug=slug, external_id=str(each), **wanted) for each in ids
        ]
        await self.backends.outbox.enqueue(proposals, actor=AGENT)
        return ids

    async def get(self, envelope: UUID) -> Envelope:
        return await self.backends.outbox.get(self.tenant_of[envelope], envelope)

    async def states(self, *envelopes: UUID) -> list[tuple[str, int]]:
        """Status and attempts of each."""
        return [(e.status.value, e.attempts) for e in [await self.get(each) for each in envelopes]]

    async def become(self, status: str, *envelopes: UUID) -> None:
        """Wait until all of them have this status."""

        async def are() -> bool:
            return {(await self.get(each)).status for each in envelopes} == {status}

        await eventually(are)

    async def let_pass(self) -> None:
        """Give a worker that would do more the time to do it: many of its own turns."""
        for _ in range(30):
            await self.backends.outbox.due_in()

    def sql(self, statement: str, *args: Any) -> list[tuple[Any, ...]]:
        """Run SQL in one transaction of its own; the rows of the last statement."""
        with psycopg.connect(self.url) as connection:
            cursor = connection.execute(statement, args)  # tests write their own SQL
            return cursor.fetchall() if cursor.description else []

    def lanes_held(self) -> int:
        return int(self.sql("select count(*) from app_private.lanes where worker_id is not null")[0][0])

    def events_of(self, envelope: UUID) -> list[str]:
        """What the audit log tells of an envelope, in order."""
        rows = self.sql(
            "select category from public.audit_log where payload ->> 'envelope_id' = %s order by id", str(envelope)
        )
        return [row[0] for row in rows]

    def faulty(self, service: str = "outbox") -> Faulty:
        """Put a service that can fail in the place of a sound one."""
        faulty = Faulty(getattr(self.backends, service))
        stands_in: dict[str, Any] = {service: faulty}
        self.backends = replace(self.backends, **stands_in)
        return faulty

    def expire_leases(self) -> None:
        """Make every lease run out now."""
        self.sql(RUN_OUT)

    def take_over(self, worker_id: str) -> list[UUID]:
        """Make every lease run out and have this worker take the lanes, before their holder can renew."""
        with psycopg.connect(self.url) as connection:
            connection.execute(RUN_OUT)
            taken = connection.execute(
                "select (envelope ->> 0)::uuid, (lane ->> 'lost')::boolean"
                " from json_array_elements(worker_api.claim(%s, gen_random_uuid(), 100, '1 h')) as lane"
                " cross join json_array_elements(lane -> 'envelopes') as envelope",
                [worker_id],
            ).fetchall()
        return [envelope for envelope, lost in taken if lost]

    def worker(
        self, *, worker_id: str = "w1", tenant: UUID | None = None, clock: Clock = utc_now, **options: Any
    ) -> Worker:
        return Worker(
            backends=self.backends,
            tools=self.stage,
            options=worker_options(**options),
            worker_id=worker_id,
            tenant=tenant,
            clock=clock,
        )

    @asynccontextmanager
    async def working(self, **worker: Any) -> AsyncIterator[Worker]:
        """A worker at work; hurried out at the end, if it is still there."""
        async with at_work(self.worker(**worker)) as at:
            yield at


@asynccontextmanager
async def at_work(worker: Worker) -> AsyncIterator[Worker]:
    """Run it meanwhile. Leaving hurries it; it must end well."""
    task = asyncio.create_task(worker.run())
    try:
        yield worker
    finally:
        worker.stop_now()
        async with asyncio.timeout(WITHIN):
            await task


async def eventually(holds: Callable[[], Awaitable[bool]] | Callable[[], bool]) -> None:
    """Look again and again until it holds."""
    async with asyncio.timeout(WITHIN):
        while True:
            answer = holds()
            if answer if isinstance(answer, bool) else await answer:
                return
            await asyncio.sleep(0.005)


def metric(worker: Worker, name: str, **labels: str) -> float:
    """A sample's value; 0 where it was never counted."""
    return worker.metrics.registry.get_sample_value(name, labels) or 0.0
