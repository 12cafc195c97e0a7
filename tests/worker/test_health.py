"""/healthz and /metrics: their answers, and the names of the metrics."""

import json
import socket
from collections.abc import Iterator
from dataclasses import fields
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.parser import text_string_to_metric_families

from services.errors import SettingsError
from services.outbox import Disposition, Lease, Settlement
from services.outbox.queue_status import QueueStatus
from services.process.health import Health, serve_health
from services.tools import Failed
from tests.builders import TENANT
from tests.fetch import fetch
from tests.worker.world import World, eventually
from worker.telemetry import Metrics

CONTRACT = {
    "outbox_processed_total": {"tenant", "status"},
    "outbox_processing_duration_seconds": set[str](),
    "outbox_dlq_size": {"tenant"},
    "outbox_retry_total": {"tenant"},
}
OURS = {
    "outbox_conflict_total": {"tenant", "kind"},
    "outbox_held_total": {"tenant", "guardrail"},
    "outbox_depth": {"tenant", "status"},
    "outbox_oldest_due_seconds": {"tenant"},
}
LATER = UUID("7e4a0000-0000-4000-8000-000000000002")


class Clock:
    """A clock of seconds that the test advances."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def health(clock: Clock) -> Health:
    return Health(stalled_after=30, monotonic=clock)


@pytest.fixture
def port(health: Health) -> Iterator[int]:
    with serve_health(health, CollectorRegistry(), 0) as port:
        yield port


def healthz(port: int) -> tuple[int, list[str]]:
    status, body = fetch(port, "/healthz")
    answer = json.loads(body)
    assert answer["healthy"] is (status == 200)
    return status, answer["problems"]


def samples(metrics: Metrics) -> dict[str, set[str]]:
    """The name and labels of every sample, as a scraper reads them; a histogram has only its base name."""
    with serve_health(Health(stalled_after=30), metrics.registry, 0) as port:
        status, text = fetch(port, "/metrics")
    assert status == 200
    found: dict[str, set[str]] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            if not sample.name.endswith("_created"):
                name = family.name if family.type == "histogram" else sample.name
                found.setdefault(name, set()).update(set(sample.labels) - {"le"})
    return found


def a_settlement(to: Disposition, reason: str | None = None) -> Settlement:
    return Settlement(lease=Lease(TENANT, 0, 1), envelope_id=LATER, to=to, reason=reason)


def a_status(tenant: UUID = TENANT, *, dlq: int = 0, **depth: int) -> QueueStatus:
    """A queue status in which everything that is not named is empty or 0."""
    nothing: dict[str, Any] = {field.name: 0 for field in fields(QueueStatus)}
    known = {"tenant_id": tenant, "name": "acme", "paused": False, "oldest_due_at": None, "retries": ()}
    return QueueStatus(**nothing | known | {"dlq": dlq, "depth": depth})


# -- healthz ------------------------------------------------------------------------------------------------------


def test_a_worker_whose_main_loop_runs_is_healthy(health: Health, clock: Clock, port: int) -> None:
    assert healthz(port) == (200, [])
    clock.now += 29
    assert healthz(port) == (200, [])
    health.record_iteration()
    clock.now += 29
    assert healthz(port) == (200, [])


def test_a_worker_whose_main_loop_has_stalled_is_not_healthy(health: Health, clock: Clock, port: int) -> None:
    clock.now += 31
    assert healthz(port) == (503, ["the main loop has not run for 31 s"])
    health.record_iteration()
    assert healthz(port) == (200, [])


def test_a_database_problem_makes_a_worker_unhealthy(health: Health, port: int) -> None:
    health.database_problem = "database: not reachable"
    assert healthz(port) == (503, ["database: not reachable"])
    health.database_problem = None
    assert healthz(port) == (200, [])


def test_a_stopping_worker_is_not_healthy(health: Health, port: int) -> None:
    health.stopping = True
    assert healthz(port) == (503, ["stopping"])


def test_all_health_problems_are_listed(health: Health, clock: Clock) -> None:
    clock.now += 60
    health.database_problem, health.stopping = "database: away", True
    assert health.problems() == ["the main loop has not run for 60 s", "database: away", "stopping"]


def test_other_paths_are_404_and_name_the_existing_ones(port: int) -> None:
    assert fetch(port, "/") == (404, "see /healthz and /metrics\n")


def test_a_port_in_use_is_a_one_line_error_with_the_remedy(health: Health) -> None:
    with socket.create_server(("", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SettingsError) as refused, serve_health(health, CollectorRegistry(), port):
            pass
    assert str(refused.value) == f"--health-port: port {port} is in use; choose another port"


def test_the_health_port_is_free_after_the_server_ends(health: Health) -> None:
    with serve_health(health, CollectorRegistry(), 0) as port:
        pass
    with serve_health(health, CollectorRegistry(), port) as again:
        assert again == port


# -- metrics ------------------------------------------------------------------------------------------------------


def test_metrics_have_exactly_the_names_and_labels_of_the_contract() -> None:
    metrics = Metrics()
    for to in Disposition:
        metrics.count_settled([(a_settlement(to, reason="paused: since noon"), 0.5)])
    metrics.count_lease_conflict(uuid4())
    metrics.set_queue_gauges([a_status(pending=3, dlq=2)], {TENANT: 7.5})
    assert samples(metrics) == CONTRACT | OURS


def test_every_metric_exists_before_anything_has_happened() -> None:
    families = {metric.name for metric in Metrics().registry.collect()}
    assert families == {name.removesuffix("_total") for name in CONTRACT | OURS}


@pytest.mark.parametrize(
    ("to", "status"),
    [
        ("success", "success"),
        ("retry", "retry"),
        ("failed", "failed"),
        ("denied", "failed"),
        ("conflict", "failed"),
        ("unknown", "failed"),
        ("hold", None),
        ("awaiting_approval", None),
        ("release", None),
    ],
)
def test_each_disposition_is_counted_under_its_processed_status(to: str, status: str | None) -> None:
    metrics = Metrics()
    metrics.count_settled([(a_settlement(Disposition(to), reason="trust: no"), 0.5)])
    value = metrics.registry.get_sample_value
    counted = {
        each: value("outbox_processed_total", {"tenant": str(TENANT), "status": each})
        for each in ("success", "retry", "failed")
    }
    assert counted == {each: 1.0 if each == status else None for each in counted}
    assert value("outbox_processing_duration_seconds_count") == (0 if status is None else 1)
    assert value("outbox_retry_total", {"tenant": str(TENANT)}) == (1 if to == "retry" else None)
    assert value("outbox_conflict_total", {"tenant": str(TENANT), "kind": "tool"}) == (1 if to == "conflict" else None)


def test_holds_are_counted_by_guardrail() -> None:
    metrics = Metrics()
    metrics.count_settled([(a_settlement(Disposition.HOLD, reason="quiet_hours: until 7: then"), 0.1)])
    metrics.count_settled([(a_settlement(Disposition.AWAITING_APPROVAL, reason="trust: too low"), 0.1)])
    for guardrail in ("quiet_hours", "trust"):
        labels = {"tenant": str(TENANT), "guardrail": guardrail}
        assert metrics.registry.get_sample_value("outbox_held_total", labels) == 1


def test_gauges_follow_the_queues_and_drop_tenants_that_are_gone() -> None:
    metrics = Metrics()
    metrics.set_queue_gauges([a_status(pending=3, dlq=2), a_status(LATER, unknown=1)], {TENANT: 7.5})
    metrics.set_queue_gauges([a_status(pending=1)], {})
    value = metrics.registry.get_sample_value
    assert value("outbox_depth", {"tenant": str(TENANT), "status": "pending"}) == 1
    assert value("outbox_dlq_size", {"tenant": str(TENANT)}) == 0
    assert value("outbox_oldest_due_seconds", {"tenant": str(TENANT)}) == 0
    assert value("outbox_dlq_size", {"tenant": str(LATER)}) is None
    assert value("outbox_depth", {"tenant": str(LATER), "status": "unknown"}) is None


async def test_a_running_worker_fills_its_gauges_from_the_database(world: World) -> None:
    tenant = await world.add_tenant()
    letters = await world.propose(tenant, 2)
    world.stage.play = lambda _: Failed(error="no", retryable=False)
    async with world.working():
        await world.become("failed", *letters)
    held = await world.propose(tenant, 3)
    world.sql("update public.outbox set next_run_at = now() - interval '1 minute'")
    world.stage.curtain.clear()
    async with world.working() as worker:
        value = worker.metrics.registry.get_sample_value
        await eventually(lambda: value("outbox_dlq_size", {"tenant": str(tenant)}) == 2)
        assert value("outbox_depth", {"tenant": str(tenant), "status": "pending"}) == len(held)
        age = value("outbox_oldest_due_seconds", {"tenant": str(tenant)})
        assert age is not None
        assert 60 <= age < 120


async def test_the_duration_of_an_attempt_is_in_the_histogram(world: World) -> None:
    tenant = await world.add_tenant()
    (envelope,) = await world.propose(tenant)
    async with world.working(poll_every=timedelta(hours=1)) as worker:
        await world.become("success", envelope)
        value = worker.metrics.registry.get_sample_value
        await eventually(lambda: value("outbox_processing_duration_seconds_count") == 1)
    total = value("outbox_processing_duration_seconds_sum")
    assert total is not None
    assert 0 < total < 5
