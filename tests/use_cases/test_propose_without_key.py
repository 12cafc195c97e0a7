"""Sending a call again that has no `external_id`."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from services.backends import Backends
from services.clock import FakeClock
from services.outbox import Disposition
from services.propose import ProposeResult
from services.propose_without_key import RESENT_WITHIN, propose_without_key
from tests.builders import a_tool
from tests.contract.builders import run_one
from tests.use_cases.actors import MARIA, OLGA

SECOND = timedelta(seconds=1)
CALL = {"tool_slug": "SLACK__chat.post", "arguments": {"text": "hello", "count": 2}}


@pytest.fixture
async def tenant_with_tool(backends: Backends, tenant: UUID) -> UUID:
    await backends.catalog.save([a_tool(tenant_id=tenant)], actor=OLGA)
    return tenant


async def sent(
    backends: Backends, tenant: UUID, clock: FakeClock, call: dict[str, Any] = CALL, proposer: str = "bot"
) -> ProposeResult:
    return await propose_without_key(backends, call, tenant=tenant, proposer=proposer, actor=MARIA, clock=clock)


@pytest.mark.parametrize("start", range(0, 600, 119))
async def test_a_call_is_the_same_until_the_window_ends_wherever_it_begins(
    backends: Backends, clock: FakeClock, tenant_with_tool: UUID, start: int
) -> None:
    clock.advance(seconds=start)
    first = await sent(backends, tenant_with_tool, clock)
    clock.advance(seconds=RESENT_WITHIN.total_seconds() - 1)
    last = await sent(backends, tenant_with_tool, clock)
    clock.advance(seconds=1)
    next_one = await sent(backends, tenant_with_tool, clock)

    assert [result.created for result in (first, last, next_one)] == [True, False, True]
    assert first.envelope.id == last.envelope.id != next_one.envelope.id


async def test_a_dead_letter_is_found_across_the_border_too(
    backends: Backends, clock: FakeClock, tenant_with_tool: UUID
) -> None:
    clock.advance(seconds=599)
    first = await sent(backends, tenant_with_tool, clock)
    await run_one(backends.outbox, Disposition.FAILED)
    clock.advance(seconds=2)
    again = await sent(backends, tenant_with_tool, clock)

    assert (again.envelope.id, again.created, again.envelope.status) == (first.envelope.id, False, "failed")


async def test_another_call_or_another_proposer_is_another_envelope(
    backends: Backends, clock: FakeClock, tenant_with_tool: UUID
) -> None:
    results = [
        await sent(backends, tenant_with_tool, clock),
        await sent(backends, tenant_with_tool, clock, {**CALL, "arguments": {"text": "hello", "count": 3}}),
        await sent(backends, tenant_with_tool, clock, proposer="another"),
    ]
    reordered = await sent(backends, tenant_with_tool, clock, {**CALL, "arguments": {"count": 2.0, "text": "hello"}})

    assert len({result.envelope.id for result in results}) == 3
    assert (reordered.envelope.id, reordered.created) == (results[0].envelope.id, False)
