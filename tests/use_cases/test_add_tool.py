"""Adding a tool by hand."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from services.add_tool import add_tool
from services.backends import Backends
from services.errors import InvalidInput, NotFound
from tests.use_cases.actors import MARIA, last_act

WEBHOOK = {
    "tool_slug": "ORDERS__create", "version": "1", "provider": "http", "config": {"url": "https://tools.test/orders"},
}  # fmt: skip


async def test_the_tool_is_in_the_catalog(backends: Backends, tenant: UUID) -> None:
    tool = await add_tool(backends, {**WEBHOOK, "tenant_id": str(tenant)}, actor=MARIA)
    assert await backends.catalog.list_tools(tenant) == [tool]
    assert (await last_act(backends, tenant))[1:] == (MARIA.type, MARIA.id)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"colour": "red"}, "colour"),
        ({"risk": "extreme"}, "risk"),
        ({"schema": {"type": "no such type"}}, "schema"),
        ({"provider": "pigeon"}, "provider"),
        ({"config": {"url": "ftp://tools.test"}}, "config.url"),
        ({"provider": "mcp", "config": {}}, "config.server"),
    ],
)
async def test_a_tool_that_could_not_be_called_is_refused_with_the_field(
    backends: Backends, tenant: UUID, changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        await add_tool(backends, {**WEBHOOK, "tenant_id": str(tenant), **changes}, actor=MARIA)
    assert caught.value.field == field
    assert await backends.catalog.list_tools(tenant) == []


async def test_an_unknown_tenant_is_not_found(backends: Backends) -> None:
    with pytest.raises(NotFound) as caught:
        await add_tool(backends, {**WEBHOOK, "tenant_id": str(uuid4())}, actor=MARIA)
    assert caught.value.what == "tenant"
