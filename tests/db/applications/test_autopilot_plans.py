"""What autopilot reads and changes takes few pages, however many tickets the tenant has."""

import json
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg.types.json import Jsonb

from services.database.connect import connect
from tests.bench.autopilot_calls import JOBS, OF_ALL_TENANTS, READS, Call, Places
from tests.bench.autopilot_rows import BIG, rows_for

TICKETS = 20_000
"""Of one tenant. Its table then has more than a thousand pages, and its members 350."""
FEW = 1_000
"""Pages. Reading all tickets of the tenant takes more."""
MORE = {
    "clusters": 2_500,
    "one cluster": 3_000,
    "proposals": 4_500,
    "gaps": 7_000,
    "articles": 3_000,
    "articles with a status": 3_000,
    "tenants with tickets to answer": 8_000,
    "clusters that may have a burst": 2_000,
    "usual times of clusters": 8_000,
    "stored numbers, 10,000": 6_000,
    "texts of 400 tickets": 3_000,
    "clusters to search": 4_000,
    "tenants to search": 3_000,
    "mark 400 tickets as gone, and 400 as present": 20_000,
    "place 400 tickets": 120_000,
}
"""What takes some pages for each of 150 clusters, 51 rows, 40 tenants or 400 to 10,000 tickets, or writes."""


@pytest.fixture(scope="module")
def busy_url(module_database_url: str) -> str:
    """40 tenants, of which one has 20,000 tickets."""
    _fill(module_database_url, TICKETS)
    with connect(module_database_url) as connection:
        connection.execute("vacuum analyze")
    return module_database_url


@pytest.fixture
def connection(busy_url: str) -> Iterator[psycopg.Connection]:
    """Whatever a test changes is rolled back."""
    with connect(busy_url) as opened, opened.transaction(force_rollback=True):
        yield opened


@pytest.mark.parametrize("read", READS)
@pytest.mark.parametrize("role", ["authenticated", "service_role"])
def test_a_list_reads_few_pages(connection: psycopg.Connection, read: str, role: str) -> None:
    places = Places.of(connection, BIG)
    _act_as(connection, role)
    for _ in range(7):  # with the plan for these arguments, and with the one for all arguments
        spent, plan = _explained(connection, READS[read](places), role)
    assert spent < MORE.get(read, FEW), plan


@pytest.mark.parametrize("job", JOBS)
def test_a_job_reads_few_pages(connection: psycopg.Connection, job: str) -> None:
    places = Places.of(connection, BIG)
    _act_as(connection, "service_role")
    for _ in range(7):
        spent, plan = _explained(connection, JOBS[job](places), "service_role")
    assert spent < MORE.get(job, FEW), plan


@pytest.mark.parametrize(
    "job", ["mark 400 tickets as gone, and 400 as present", "place 400 tickets", "texts of 400 tickets"]
)
def test_a_job_finds_tickets_by_their_ids_before_anything_was_analyzed(database_url: str, job: str) -> None:
    _fill(database_url, 5_000)
    with connect(database_url) as connection, connection.transaction(force_rollback=True):
        places = Places.of(connection, BIG)
        _act_as(connection, "service_role")
        spent, plan = _explained(connection, JOBS[job](places), "service_role")
    assert spent < 2 * MORE[job], plan


def _fill(url: str, tickets: int) -> None:
    with connect(url) as connection:
        connection.execute(rows_for(tickets).encode())
        connection.commit()


def _act_as(connection: psycopg.Connection, role: str) -> None:
    claims = {"role": role}
    if role == "authenticated":
        claims |= {"sub": "user-1", "tenant_role": "owner", "tenant_id": str(BIG)}
    connection.execute("select set_config('request.jwt.claims', %s, true)", [json.dumps(claims)])
    connection.execute(f"set local role {role}".encode())


def _explained(connection: psycopg.Connection, call: Call, role: str) -> tuple[int, Any]:
    """The number of pages that were read or written, and the plan."""
    function, arguments = call
    if role == "service_role" and function not in OF_ALL_TENANTS:
        arguments = {"tenant": BIG, **arguments}
    values = [Jsonb(value) if name == "members" else value for name, value in arguments.items()]
    named = ", ".join(f"{name} => %s" for name in arguments)
    [[plan]] = connection.execute(
        f"explain (analyze, buffers, format json) select autopilot.{function}({named})".encode(), values
    ).fetchall()
    plans = plan if isinstance(plan, list) else json.loads(plan)
    top = plans[0]["Plan"]
    return int(top["Shared Hit Blocks"]) + int(top["Shared Read Blocks"]), plans
