"""Adding a tenant."""

import pytest

from services.add_tenant import add_tenant
from services.backends import Backends
from services.errors import InvalidInput
from tests.use_cases.actors import MARIA, last_act


async def test_each_tenant_gets_its_own_id(backends: Backends) -> None:
    first = await add_tenant(backends, "Acme", plan="standard", lanes=1, actor=MARIA)
    second = await add_tenant(backends, "Acme", plan="pro", lanes=8, actor=MARIA)
    assert first.id != second.id
    assert await backends.tenants.get(second.id) == second
    assert (await last_act(backends, second.id))[1:] == (MARIA.type, MARIA.id)


async def test_lanes_out_of_range_are_refused_with_the_field(backends: Backends) -> None:
    with pytest.raises(InvalidInput) as caught:
        await add_tenant(backends, "Acme", plan="standard", lanes=257, actor=MARIA)
    assert caught.value.field == "lanes"
    assert await backends.tenants.list_tenants() == []
