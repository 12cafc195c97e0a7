"""How long do reads of autopilot take with a million tickets? The 95th percentile of each, and no table is scanned.

For a tenant with a million tickets and for one of a thousand: lists as a user of the tenant, and as an operator with
the role `service_role`; the functions of jobs as the latter.
"""

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from control_plane.apps.autopilot.store import functions_of
from services.backends.functions import Functions
from services.backends.open import postgres_access
from services.database.connect import connect
from services.envelope import Door
from tests.bench.autopilot_calls import JOBS, READS, Call, Places, call
from tests.bench.autopilot_rows import BIG, SMALL, rows_for
from tests.bench.runner import Figure, Lab

TICKETS = 1_000_000
CALLS, CALLS_OF_JOBS, WARM_UP = 100, 20, 10
P95, P95_OF_JOBS = 20.0, 500.0
LARGE = (
    "tickets", "clusters", "ticket_counts", "cluster_members", "article_clusters", "analytics_cluster_daily",
    "responses", "knowledge_articles", "dry_runs", "dry_run_cases", "ingestion_runs", "message_processing_failures",
    "received_messages", "burst_alerts",
)  # fmt: skip
SCANS = """
select coalesce(sum(seq_scan), 0)::int from pg_stat_user_tables where schemaname = 'autopilot' and relname = any (%s)
"""
OTHERS = """
from pg_stat_activity
where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'
"""
PROCESS = f"select pid {OTHERS}"


@dataclass(frozen=True, slots=True)
class Spans:
    """How long the calls took, by name: the highest 95th percentile of all tenants and roles."""

    lab: Lab
    slowest: dict[str, float] = field(default_factory=dict)

    def add(self, name: str, who: str, milliseconds: list[float], of_database: list[float]) -> None:
        """Keep the calls of one caller: how long they took, and the processor time of the database."""
        p95 = _p95(milliseconds)
        self.lab.say(
            f"  {name}, {who}: median {statistics.median(milliseconds):.1f} ms, p95 {p95:.1f} ms;"
            f" database: median {statistics.median(of_database):.1f} ms, p95 {_p95(of_database):.1f} ms"
        )
        self.slowest[name] = max(self.slowest.get(name, 0.0), p95)


async def measure(lab: Lab) -> list[Figure]:
    """Each list and each function of a job against its bar, the slowest of both tenants and roles, and the scans."""
    lists, jobs = Spans(lab), Spans(lab)
    with lab.database() as url:
        with connect(url) as connection:
            connection.execute(rows_for(lab.sized(TICKETS)).encode())
            connection.commit()
            connection.autocommit = True
            connection.execute("vacuum (analyze)")
        lab.settle_down()
        before = _scans(url)
        await measure_calls(url, lists, jobs)
        scans = _scans(url) - before
    bars = {name: (ms, P95) for name, ms in lists.slowest.items()}
    bars |= {f"job: {name}": (ms, P95_OF_JOBS) for name, ms in jobs.slowest.items()}
    return [
        *(
            Figure.of(f"autopilot_lists/{name}", "ms", [ms], f"{bar:.0f} ms", [bar], at_most=1)
            for name, (ms, bar) in bars.items()
        ),
        Figure.of("autopilot_lists/scans of whole tables", "scans, +1", [scans + 1], "none, +1", [1], at_most=1),
    ]


async def measure_calls(url: str, lists: Spans, jobs: Spans) -> None:
    """Call everything, for both tenants."""
    for tenant, size in ((BIG, "large tenant"), (SMALL, "small tenant")):
        with connect(url) as connection:
            places = Places.of(connection, tenant)
        async with postgres_access(url, pool_size=1) as access:
            claims = {"tenant_id": str(tenant), "sub": "user-1", "role": "authenticated", "tenant_role": "reviewer"}
            user = functions_of(access.as_tenant(tenant, claims, Door.API, None))
            await _measure(READS, user, places, url=url, who=f"a user of the {size}", times=CALLS, spans=lists)
        async with postgres_access(f"{url}?options=-c%20role%3Dservice_role", pool_size=1) as access:
            operator = functions_of(access.operator)
            await _measure(READS, operator, places, url=url, who=f"an operator, {size}", times=CALLS, spans=lists)
            await _measure(JOBS, operator, places, url=url, who=size, times=CALLS_OF_JOBS, spans=jobs)


async def _measure(
    calls: Mapping[str, Callable[[Places], Call]], functions: Functions, places: Places, *, url: str, who: str,
    times: int, spans: Spans,
) -> None:  # fmt: skip
    for name, make in calls.items():
        for _ in range(WARM_UP):
            await call(functions, places, *make(places))
        each: list[float] = []
        of_database: list[float] = []
        process = _process_of_database(url)
        for _ in range(times):
            function, arguments = make(places)
            started, worked = time.perf_counter(), _processor_time(process)
            await call(functions, places, function, arguments)
            each.append((time.perf_counter() - started) * 1000)
            of_database.append(_processor_time(process) - worked)
        spans.add(name, who, each, of_database)


def _p95(values: list[float]) -> float:
    return statistics.quantiles(values, n=20)[18]


def _process_of_database(url: str) -> int:
    """The process that serves the only connection of the calls."""
    with connect(url) as connection:
        return int(connection.execute(PROCESS).fetchall()[0][0])


def _processor_time(process: int) -> float:
    """In milliseconds."""
    return int(Path(f"/proc/{process}/schedstat").read_text().split()[0]) / 1e6


def _scans(url: str) -> int:
    """Counted when the connections of all calls have ended, because a connection reports its scans at its end."""
    with connect(url) as connection:
        while connection.execute(f"select count(*) {OTHERS}".encode()).fetchall()[0][0]:
            pass
        return int(connection.execute(SCANS.encode(), [list(LARGE)]).fetchall()[0][0])
