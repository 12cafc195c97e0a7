"""How long do reads of drafts take with a million messages? The 95th percentile of each, and no table read as a whole.

As the API reads, for a tenant with 800,000 of the messages and for one of 5,000: as a user of the tenant, and as an
operator with the role `service_role`. And as a tenant's own program reads the tables, under row-level security.
"""

import json
import random
import statistics
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg

from control_plane.apps.drafts.store import drafts, functions_of, messages, samples
from services.backends.functions import Functions
from services.backends.open import postgres_access
from services.clock import utc_now
from services.database.connect import connect
from services.envelope import Door
from tests.bench.drafts_rows import BIG, FAITHFUL, SMALL, fill
from tests.bench.runner import Figure, Lab

READS, WARM_UP, PAGE = 300, 20, 51
P95, P95_OF_A_DAY = 5.0, 20.0
DAY = timedelta(days=1)
TABLES = ("conversations", "messages", "drafts", "draft_actions", "learning_samples", "attachments", "abstentions")
SCANS = """
select coalesce(sum(seq_scan), 0)::int from pg_stat_user_tables where schemaname = 'drafts' and relname = any (%s)
"""
OTHERS = """
select count(*) from pg_stat_activity
where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'
"""
POOL_PID = """
select pid from pg_stat_activity
where datname = current_database() and application_name = 'agent-control-plane' order by backend_start desc limit 1
"""
DIRECT = {
    "conversations": "select * from drafts.conversations where {tenant} and status = 'open'"
    " order by last_message_at desc, id desc limit 51",
    "queue": "select * from drafts.drafts where {tenant} and status = 'pending' order by due_at, id limit 51",
    "timeline": "select * from drafts.messages where {tenant} and conversation_id = %(conversation)s order by sent_at",
    "one customer": "select * from drafts.conversations where {tenant} and customer_key = %(customer)s"
    " order by last_message_at desc, id desc limit 51",
    "corrections of a day": "select * from drafts.learning_samples where {tenant} and created_at >= %(since)s"
    " and created_at < %(until)s order by created_at, id",
    "decisions of a day": "select type, count(*) from drafts.draft_actions where {tenant} and created_at >= %(since)s"
    " and created_at < %(until)s group by type",
    "how many wait": "select count(*), min(due_at) from drafts.drafts where {tenant} and status = 'pending'",
}
OF_A_DAY = {"corrections of a day", "decisions of a day", "how many wait", "report of a day"}


@dataclass(frozen=True, slots=True)
class Spans:
    """How long the reads took, by name: the highest 95th percentile of all tenants and roles."""

    lab: Lab
    url: str
    slowest: dict[str, float] = field(default_factory=dict)

    def add(self, name: str, who: str, rows: "Rows", milliseconds: Sequence[float], processor: float) -> None:
        """Keep the reads of one caller. `processor` is the mean processor time of the database, in milliseconds."""
        p95 = statistics.quantiles(milliseconds, n=20)[18]
        size = "large" if rows.tenant == BIG else "small"
        median = statistics.median(milliseconds)
        self.lab.say(
            f"  {name}, {who}, {size} tenant: median {median:.2f} ms, p95 {p95:.2f} ms; database {processor:.2f} ms"
        )
        self.slowest[name] = max(self.slowest.get(name, 0.0), p95)


@dataclass(frozen=True, slots=True)
class Rows:
    """What there is to be read of a tenant."""

    tenant: UUID
    conversations: Sequence[UUID]
    queue: Sequence[tuple[datetime, UUID]]
    customers: Sequence[str]
    assignees: Sequence[UUID]
    until: datetime
    """The end of the day that is read: all days before it are full."""

    def any_conversation(self) -> UUID:
        return random.choice(self.conversations)  # noqa: S311  # no secret

    def any_place(self) -> tuple[datetime, UUID] | None:
        """Where a page of the queue begins: every second time at its top."""
        return random.choice([None, random.choice(self.queue)])  # noqa: S311

    def any_customer(self) -> str:
        """Every tenth time one with many conversations."""
        return FAITHFUL if random.random() < 0.1 else random.choice(self.customers)  # noqa: S311


async def measure(lab: Lab) -> list[Figure]:
    """Each read against its bar, the slowest of both tenants and roles, and the scans of whole tables."""
    with lab.database() as url:
        fill(lab, url)
        with connect(url) as connection:
            rows = [_rows(connection, tenant) for tenant in (BIG, SMALL)]
        before, spans = _scans(url), Spans(lab, url)
        for each in rows:
            async with postgres_access(url, pool_size=1) as access:
                claims = {"tenant_id": str(each.tenant), "sub": "user-1", "role": "authenticated"}
                user = access.as_tenant(each.tenant, {**claims, "tenant_role": "reviewer"}, Door.API, None)
                await _measure_calls("a user", functions_of(user), each, spans)
            async with postgres_access(f"{url}?options=-c%20role%3Dservice_role", pool_size=1) as access:
                await _measure_calls("an operator", functions_of(access.operator), each, spans)
            for role in ("authenticated", "service_role"):
                _measure_tables(url, role, each, spans)
        scans = _scans(url) - before
    return [
        *(_figure(name, milliseconds) for name, milliseconds in spans.slowest.items()),
        Figure.of("drafts_lists/scans of whole tables", "scans, +1", [scans + 1], "none, +1", [1], at_most=1),
    ]


def _figure(name: str, milliseconds: float) -> Figure:
    bar = P95_OF_A_DAY if name.removeprefix("table: ") in OF_A_DAY else P95
    return Figure.of(f"drafts_lists/{name}", "ms", [milliseconds], f"{bar:.0f} ms", [bar], at_most=1)


def _rows(connection: psycopg.Connection, tenant: UUID) -> Rows:
    def read(query: str) -> list[Any]:
        return connection.execute(query.encode(), {"tenant": tenant}).fetchall()

    return Rows(
        tenant=tenant,
        conversations=[id_ for (id_,) in read(
            "select id from drafts.conversations where tenant_id = %(tenant)s order by random() limit 1000"
        )],
        queue=read(
            "select due_at, id from drafts.drafts where tenant_id = %(tenant)s and status = 'pending'"
            " order by random() limit 1000"
        ),
        customers=[key for (key,) in read(
            "select customer_key from drafts.conversations where tenant_id = %(tenant)s order by random() limit 1000"
        )],
        assignees=[id_ for (id_,) in read("select id from drafts.users where tenant_id = %(tenant)s")],
        until=utc_now() - 4 * DAY,
    )  # fmt: skip


async def _measure_calls(who: str, functions: Functions, rows: Rows, spans: Spans) -> None:
    tenant, since, until = rows.tenant, rows.until - DAY, rows.until
    pid = _pool_pid(spans.url)

    async def read_samples() -> None:
        async for _ in samples.read_samples(functions, tenant, since, until):
            pass

    reads: Mapping[str, Callable[[], Awaitable[object]]] = {
        "conversations": lambda: messages.list_conversations(functions, tenant, limit=PAGE),
        "queue": lambda: drafts.list_queue(functions, tenant, after=rows.any_place(), limit=PAGE),
        "queue of one person": lambda: drafts.list_queue(
            functions, tenant, assignee=random.choice(rows.assignees), limit=PAGE  # noqa: S311
        ),
        "one draft": lambda: drafts.read_draft(functions, tenant, random.choice(rows.queue)[1]),  # noqa: S311
        "timeline": lambda: messages.read_conversation(functions, tenant, rows.any_conversation()),
        "messages": lambda: messages.list_messages(functions, tenant, rows.any_conversation(), limit=PAGE),
        "one customer": lambda: messages.list_conversations(
            functions, tenant, customer=rows.any_customer(), limit=PAGE
        ),
        "corrections of a day": read_samples,
        "report of a day": lambda: samples.read_quality(functions, tenant, since, until, "channel"),
    }  # fmt: skip
    for name, read in reads.items():
        if name == "corrections of a day" and who != "an operator":
            continue  # a job reads it
        for _ in range(WARM_UP):
            await read()
        each: list[float] = []
        before = _processor(pid)
        for _ in range(READS):
            started = time.perf_counter()
            await read()
            each.append((time.perf_counter() - started) * 1000)
        spans.add(name, who, rows, each, (_processor(pid) - before) / READS)


def _measure_tables(url: str, role: str, rows: Rows, spans: Spans) -> None:
    for name, query in DIRECT.items():
        condition = "true" if role == "authenticated" else "tenant_id = %(tenant)s"
        statement = query.format(tenant=condition).encode()
        claims = json.dumps({"role": role, "sub": "someone", "tenant_id": str(rows.tenant)})
        each: list[float] = []
        with connect(url) as connection:
            before = 0.0
            for number in range(WARM_UP + READS):
                before = _processor(connection.info.backend_pid) if number == WARM_UP else before
                values = {
                    "tenant": rows.tenant, "conversation": rows.any_conversation(), "customer": rows.any_customer(),
                    "since": rows.until - DAY, "until": rows.until,
                }  # fmt: skip
                with connection.transaction():
                    connection.execute(
                        "select set_config('request.jwt.claims', %s, true), set_config('role', %s, true)",
                        [claims, role],
                    )
                    started = time.perf_counter()
                    connection.execute(statement, values, prepare=True).fetchall()
                    each.append((time.perf_counter() - started) * 1000)
            spent = _processor(connection.info.backend_pid) - before
        spans.add(f"table: {name}", role, rows, each[WARM_UP:], spent / READS)


def _pool_pid(url: str) -> int:
    """The process that serves the only connection of the pool."""
    with connect(url) as connection:
        return int(connection.execute(POOL_PID).fetchall()[0][0])


def _processor(pid: int) -> float:
    """Milliseconds that this process has had a core."""
    return int(Path(f"/proc/{pid}/schedstat").read_text(encoding="ascii").split()[0]) / 1e6


def _scans(url: str) -> int:
    """Counted when the connections of all reads have ended, because a connection reports its scans at its end."""
    with connect(url) as connection:
        while connection.execute(OTHERS).fetchall()[0][0]:
            pass
        return int(connection.execute(SCANS, [list(TABLES)]).fetchall()[0][0])
