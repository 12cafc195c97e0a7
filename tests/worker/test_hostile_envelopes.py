"""Whatever a claimed envelope contains affects only its tenant: the envelopes of others finish, and the worker
continues."""

import math
from collections.abc import AsyncIterator
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from services.backends.open import memory_backends
from services.envelope import Envelope
from services.outbox import ClaimedEnvelope
from tests.worker.world import AGAIN, ONCE, World

DEEP: list[Any] = []
for _ in range(5000):
    DEEP = [DEEP]

HOSTILE: tuple[Any, ...] = (
    None, True, -1, 2**63, 10**400, 1.5, math.nan, math.inf, "", "\0", "x" * 100_000, "\ud800", b"x", [], {}, set(),
    {"decision": "hold"}, ({"decision": "hold"},), ({"decision": "hold", "until": "never"},), (None,), object(),
    datetime(1, 1, 1), datetime.max.replace(tzinfo=UTC), timedelta(1), UUID(int=0), Exception, DEEP,  # noqa: DTZ001
)  # fmt: skip
SOUND = 4


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with memory_backends() as backends:
        yield World(backends, "")


@pytest.mark.parametrize("lost", [None, "unsent", "sent"])
@pytest.mark.parametrize("name", [field.name for field in fields(Envelope)])
async def test_other_envelopes_of_a_batch_finish_whatever_value_a_field_has(
    world: World, name: str, lost: str | None
) -> None:
    claim, outbox, tenant = world.backends.outbox.claim, world.faulty(), await world.add_tenant("sound")
    sound = [each for slug in (AGAIN, ONCE) for each in await world.propose(tenant, SOUND, slug=slug)]
    values: dict[UUID, Any] = {}
    for value in HOSTILE[:-1] if name in {"id", "tenant_id"} else HOSTILE:  # a key is read as a UUID, never nested
        other = await world.add_tenant("hostile")
        values |= {each: value for slug in (AGAIN, ONCE) for each in await world.propose(other, slug=slug)}

    async def spoil(*args: Any, **kwargs: Any) -> list[ClaimedEnvelope]:
        return [
            replace(
                claimed, envelope=replace(claimed.envelope, **{name: values[claimed.envelope.id]}),
                lost=lost is not None, sent=lost == "sent",
            )
            if claimed.envelope.id in values else claimed
            for claimed in await claim(*args, **kwargs)
        ]  # fmt: skip

    outbox.instead["claim"] = spoil
    async with world.working(concurrency=1000, drain_for=timedelta(0)) as worker:
        await world.become("success", *sound)
        more = await world.propose(tenant, SOUND, slug=ONCE)
        await world.become("success", *more)
        assert worker.settled["success"] >= len(sound) + len(more)
    assert all(world.stage.ids.count(each) == 1 for each in [*sound, *more])
    if lost == "sent":
        assert not values.keys() & set(world.stage.ids)  # it is not known whether these calls were sent
