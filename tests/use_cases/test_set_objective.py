"""Adding and changing objectives."""

from dataclasses import replace
from uuid import UUID, uuid4

import pytest

from services.backends import Backends
from services.errors import InvalidInput, NotFound
from services.set_objective import add_objective, change_objective, find_objective
from tests.use_cases.actors import MARIA, last_act


async def test_a_change_keeps_the_other_fields(backends: Backends, tenant: UUID) -> None:
    added = await add_objective(backends, tenant, title="Answer", metric="hours", target="below 24", actor=MARIA)

    changed = await change_objective(backends, tenant, added.id, {"target": "below 8"}, actor=MARIA)

    assert changed == replace(added, target="below 8")
    assert await find_objective(backends, tenant, added.id) == changed
    assert (await last_act(backends, tenant))[0].startswith("objective")


@pytest.mark.parametrize("field", ["title", "metric"])
async def test_a_blank_field_is_refused(backends: Backends, tenant: UUID, field: str) -> None:
    added = await add_objective(backends, tenant, title="Answer", metric="hours", actor=MARIA)
    with pytest.raises(InvalidInput) as refused:
        await change_objective(backends, tenant, added.id, {field: " "}, actor=MARIA)
    assert refused.value.field == field


async def test_an_unknown_objective_is_not_found(backends: Backends, tenant: UUID) -> None:
    with pytest.raises(NotFound):
        await change_objective(backends, tenant, uuid4(), {"title": "Answer"}, actor=MARIA)
