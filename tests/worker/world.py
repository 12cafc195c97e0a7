"""What a worker needs in tests: backends with tenants and tools, and tools whose answers the test decides."""

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
from services.envelope import Envelope
from services.errors import NotReady
from services.outbox import Proposal
from services.tenants import Tenant
from services.tools import Outcome, Success, ToolCall
from tests.builders import AGENT, operator
from tests.worker.builders import worker_options
from worker.loop import Worker

AGAIN, ONCE = "STAGE__again.do", "STAGE__once.do"
"""A tool that honours the idempotency key, and one that does not."""

AWAY = NotReady("database: away")
WITHIN = 60
"""Seconds after which a waiting test fails."""

ENQUEUE = """
select worker_api.enqueue(
  ids => array[%(id)s], tenants => array[%(tenant)s], tool_slugs => array[%(slug)s], tool_versions => array['1'],
  arguments => array['{}'::jsonb], connected_account_ids => array[null::text], risks => array['low'],
  external_ids => array[%(id)s::text], trust_contexts => array['{}'::jsonb], metadata => array['{}'::jsonb],
  next_run_at => array[null::timestamptz], actor_type => 'agent', actor_id => 'sql'
)
"""
CANCEL = "select worker_api.cancel(%s, %s, 'agent', 'sql')"
EXPIRE_LEASES = """
with leased as (   -- locked in the same order as everywhere
  select tenant_id, lane from app_private.lanes where worker_id is not null order by 1, 2 for update
)
update app_private.lanes as l set ready_at = now() - interval '1 second'
from leased where l.tenant_id = leased.tenant_id and l.lane = leased.lane
"""


class Progress:
    """Lets a test wait for something that the code under test has done."""

    def __init__(self) -> None:
        self._changed = asyncio.Condition()

    async def report(self) -> None:
        """Let every waiting test check its condition again."""
        async with self._changed:
            self._changed.notify_all()

    async def until(self, holds: Callable[[], bool], *, seconds: float = WITHIN) -> None:
        """Wait until the condition holds. It is checked after each report."""
        async with asyncio.timeout(seconds), self._changed:
            await self._changed.wait_for(holds)


@dataclass
class Stage:
    """Tools that the test controls. Each call is recorded, waits until `curtain` is set, and returns `play(call)`."""

    play: Callable[[ToolCall], Outcome] = lambda _: Success(result={"ok": True})
    calls: list[ToolCall] = field(default_factory=list)
    cancelled: list[UUID] = field(default_factory=list)
    curtain: asyncio.Event = field(default_factory=asyncio.Event)
    hanging: set[UUID] = field(default_factory=set)
    """Tenants whose calls get no answer."""
    at_once: int = 0
    most_at_once: int = 0
    _progress: Progress = field(default_factory=Progress)

    def __post_init__(self) -> None:
        self.curtain.set()

    async def execute(self, call: ToolCall) -> Outcome:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        self.calls.append(call)
        try:
            await self._progress.report()
            await self.curtain.wait()
            if call.tenant_id in self.hanging:
                await asyncio.Event().wait()
            return self.play(call)
        except asyncio.CancelledError:
            self.cancelled.append(call.envelope_id)
            raise
        finally:
            self.at_once -= 1

    async def called(self, times: int) -> list[UUID]:
        """Wait for so many calls. Returns the envelopes of all calls, in order."""
        await self._progress.until(lambda: len(self.calls) >= times)
        return self.ids

    @property
    def ids(self) -> list[UUID]:
        return [call.envelope_id for call in self.calls]


class Answers:
    """Outcomes in the order of an envelope's attempts; the last one repeats."""

    def __init__(self, *outcomes: Outcome) -> None:
        self._outcomes = outcomes
        self._attempts: Counter[UUID] = Counter()

    def __call__(self, call: ToolCall) -> Outcome:
        self._attempts[call.envelope_id] += 1
        attempt = self._attempts[call.envelope_id]
        return self._outcomes[min(attempt, len(self._outcomes)) - 1]


class Faulty:
    """A service whose methods a test can count, delay, let fail and replace."""

    def __init__(self, service: object) -> None:
        self._service = service
        self.progress = Progress()
        """Gets a report when a call begins and when it returns."""
        self.calls: Counter[str] = Counter()
        self.broken: dict[str, Exception] = {}
        self.held: dict[str, asyncio.Event] = {}
        self.instead: dict[str, Callable[..., Awaitable[Any]]] = {}

    def __getattr__(self, verb: str) -> Callable[..., Awaitable[Any]]:
        async def call(*args: object, **kwargs: object) -> Any:
            self.calls[verb] += 1
            await self.progress.report()
            if verb in self.held:
                await self.held[verb].wait()
            if verb in self.broken:
                raise self.broken[verb]
            method = self.instead.get(verb) or getattr(self._service, verb)
            result = await method(*args, **kwargs)
            await self.progress.report()
            return result

        return call

    async def called(self, verb: str, times: int) -> None:
        """Wait until this method has been called so many times."""
        await self.progress.until(lambda: self.calls[verb] >= times)


@dataclass
class World:
    """Tenants, tools and envelopes in a database of their own."""

    backends: Backends
    url: str
    stage: Stage = field(default_factory=Stage)
    tenant_of: dict[UUID, UUID] = field(default_factory=dict)

    async def add_tenant(self, name: str = "acme", *, lanes: int = 1, **tool: Any) -> UUID:
        """Add a tenant with both tools. The fields in `tool` apply to both."""
        tenant = uuid4()
        await self.backends.tenants.save(Tenant(id=tenant, name=name, lanes=lanes), actor=operator("test"))
        for slug in (AGAIN, ONCE):
            await self.add_tool(tenant, slug, **tool)
        return tenant

    async def add_tool(self, tenant: UUID, slug: str, **tool: Any) -> None:
        plain = Tool(tenant_id=tenant, tool_slug=slug, version="1", provider="http", idempotent=slug == AGAIN)
        await self.backends.catalog.save([replace(plain, **tool)], actor=operator("test"))

    async def propose(self, tenant: UUID, count: int = 1, *, slug: str = AGAIN, **fields: Any) -> list[UUID]:
        """Enqueue so many envelopes. Returns their ids in order."""
        ids = [uuid7() for _ in range(count)]
        self.tenant_of |= dict.fromkeys(ids, tenant)
        fields = {"arguments": {"text": "s3cret words"}} | fields
        proposals = [
            Proposal(id=each, tenant_id=tenant, tool_slug=slug, external_id=str(each), **fields) for each in ids
        ]
        await self.backends.outbox.enqueue(proposals, actor=AGENT)
        return ids

    async def get(self, envelope: UUID) -> Envelope:
        return await self.backends.outbox.get(self.tenant_of[envelope], envelope)

    async def states(self, *envelopes: UUID) -> list[tuple[str, int]]:
        """The status and attempts of each envelope."""
        return [(e.status.value, e.attempts) for e in [await self.get(each) for each in envelopes]]

    async def become(self, status: str, *envelopes: UUID) -> None:
        """Wait until all of them have this status."""

        async def are() -> bool:
            return {(await self.get(each)).status for each in envelopes} == {status}

        await eventually(are)

    async def let_pass(self) -> None:
        """Give a worker time to do more than it should: many turns of its event loop."""
        for _ in range(30):
            await self.backends.outbox.due_in()

    def sql(self, statement: str, *args: Any) -> list[tuple[Any, ...]]:
        """Run SQL in one transaction of its own; the rows of the last statement."""
        with psycopg.connect(self.url) as connection:
            cursor = connection.execute(statement, args)  # tests write their own SQL
            return cursor.fetchall() if cursor.description else []

    def leased_lanes(self) -> int:
        return int(self.sql("select count(*) from app_private.lanes where worker_id is not null")[0][0])

    def events_of(self, envelope: UUID) -> list[str]:
        """The categories of an envelope's audit rows, in order."""
        rows = self.sql(
            "select category from public.audit_log where %s = any (array["
            " payload ->> 'envelope_id', jsonb_path_query_first("
            "  payload, '$.envelopes[*] ? (@.envelope_id == $id)', jsonb_build_object('id', %s::text)"
            " ) ->> 'envelope_id']) order by id",
            str(envelope), str(envelope),
        )  # fmt: skip
        return [row[0] for row in rows]

    def faulty(self, service: str = "outbox") -> Faulty:
        """Replace a service by one that can fail."""
        faulty = Faulty(getattr(self.backends, service))
        stands_in: dict[str, Any] = {service: faulty}
        self.backends = replace(self.backends, **stands_in)
        return faulty

    def expire_leases(self) -> None:
        """Make every lease expire now."""
        self.sql(EXPIRE_LEASES)

    def take_over(self, worker_id: str) -> list[UUID]:
        """Let every lease expire, and claim the lanes for this worker before their owner can renew them."""
        with psycopg.connect(self.url) as connection:
            connection.execute(EXPIRE_LEASES)
            claimed = connection.execute(
                "select (envelope ->> 0)::uuid, (lane ->> 'lost')::boolean"
                " from json_array_elements(worker_api.claim(%s, gen_random_uuid(), 100, '1 h')) as lane"
                " cross join json_array_elements(lane -> 'envelopes') as envelope",
                [worker_id],
            ).fetchall()
        return [envelope for envelope, lost in claimed if lost]

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
        """Run a worker during the block."""
        async with at_work(self.worker(**worker)) as working:
            yield working


@asynccontextmanager
async def at_work(worker: Worker) -> AsyncIterator[Worker]:
    """Run the worker during the block, then stop it at once. It must end without an error."""
    task = asyncio.create_task(worker.run())
    try:
        yield worker
    finally:
        worker.stop_now()
        async with asyncio.timeout(WITHIN):
            await task


async def eventually(holds: Callable[[], Awaitable[bool]] | Callable[[], bool]) -> None:
    """Wait until the condition holds. It is polled, because another process or the database may change it."""
    async with asyncio.timeout(WITHIN):
        while True:
            answer = holds()
            if answer if isinstance(answer, bool) else await answer:
                return
            await asyncio.sleep(0.005)


def metric(worker: Worker, name: str, **labels: str) -> float:
    """The value of a sample; 0 if there is none."""
    return worker.metrics.registry.get_sample_value(name, labels) or 0.0
