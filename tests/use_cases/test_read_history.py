"""The history of an hour, a day or a week, made of counted ends."""

import math
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from services.backends import Backends
from services.backends.open import memory_backends
from services.outbox import Disposition
from services.overview.latency import latency_class, quantile_seconds
from services.read_history import HistorySpan, Period, read_history
from services.tenants import Tenant
from tests.builders import NOW, operator
from tests.clock import FakeClock
from tests.contract.builders import a_dead_letter, put_one, run_one


async def a_tenant(backends: Backends) -> UUID:
    tenant = Tenant(id=uuid4(), name="acme")
    await backends.tenants.save(tenant, actor=operator("olga"))
    return tenant.id


async def test_a_history_has_every_span_of_its_period_and_the_current_one() -> None:
    clock = FakeClock()
    async with memory_backends(clock=clock) as backends:
        tenant = await a_tenant(backends)
        await put_one(backends.outbox, tenant)
        clock.advance(seconds=4)
        await run_one(backends.outbox, Disposition.SUCCESS)
        await a_dead_letter(backends.outbox, tenant)
        await backends.overviews.count_ends(limit=100)
        clock.advance(minutes=5)

        histories = {period: await read_history(backends, tenant, period, now=clock()) for period in Period}

    assert {period: (history.every, len(history.spans)) for period, history in histories.items()} == {
        Period.HOUR: (timedelta(minutes=1), 61),
        Period.DAY: (timedelta(minutes=15), 97),
        Period.WEEK: (timedelta(hours=2), 85),
    }
    hour = histories[Period.HOUR].spans
    assert [span.starts_at for span in hour] == [hour[0].starts_at + timedelta(minutes=n) for n in range(61)]
    assert hour[-1].starts_at <= clock() < hour[-1].starts_at + timedelta(minutes=1)
    [busy] = [span for span in hour if span.ended]
    took = quantile_seconds({latency_class(timedelta(seconds=4)): 1}, 0.5)
    assert busy == HistorySpan(
        starts_at=NOW + timedelta(seconds=4) - timedelta(seconds=(NOW.second + 4) % 60, microseconds=NOW.microsecond),
        ended={"success": 1, "failed": 1}, dead_letters=1, median_seconds=took, p95_seconds=took,
    )  # fmt: skip
    assert histories[Period.WEEK].total == HistorySpan(
        starts_at=histories[Period.WEEK].spans[0].starts_at, ended={"success": 1, "failed": 1}, dead_letters=1,
        median_seconds=took, p95_seconds=took,
    )  # fmt: skip
    idle = hour[0]
    assert (idle.ended, idle.dead_letters, idle.median_seconds, idle.p95_seconds) == ({}, 0, None, None)


@pytest.mark.parametrize("milliseconds", [0, 1, 1.5, 17, 999, 60_000, 3_600_000, 700_000_000])
def test_a_latency_read_from_its_class_is_wrong_by_at_most_nine_percent(milliseconds: float) -> None:
    [seconds] = [quantile_seconds({latency_class(timedelta(milliseconds=milliseconds)): 1}, q) for q in [0.5]]
    assert seconds is not None
    assert math.isclose(seconds * 1000, max(milliseconds, 1), rel_tol=0.0906)


def test_a_quantile_is_the_class_that_reaches_its_share() -> None:
    fast, slow = latency_class(timedelta(seconds=1)), latency_class(timedelta(seconds=60))
    classes = {slow: 1, fast: 19}
    assert quantile_seconds(classes, 0.5) == quantile_seconds({fast: 1}, 1)
    assert quantile_seconds(classes, 0.95) == quantile_seconds({fast: 1}, 1)
    assert quantile_seconds(classes, 0.96) == quantile_seconds({slow: 1}, 1)
    assert quantile_seconds({}, 0.5) is None
