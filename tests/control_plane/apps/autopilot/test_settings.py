"""A tenant's settings of autopilot, and what the words of its ticket systems mean."""

from decimal import Decimal

import pytest

from control_plane.apps.autopilot.connections import ConnectionType
from control_plane.apps.autopilot.store.settings import read_settings, save_settings, save_value_mapping
from services.errors import InvalidInput, NotAllowed
from tests.control_plane.apps.autopilot.helpdesk import OLGA, Helpdesk


async def test_what_is_not_named_stays_and_an_empty_tool_is_removed(helpdesk: Helpdesk) -> None:
    functions, tenant = helpdesk.functions, helpdesk.tenant
    before = await read_settings(functions, tenant)
    assert (before.needed_tickets, before.validation_target, before.trusted_percent, before.run_hours) == (
        100, 16, 80, 24,
    )  # fmt: skip
    changed = await save_settings(functions, tenant, {"needed_tickets": 50, "sync_tool_slug": "RITA__sync"}, actor=OLGA)
    assert (changed.needed_tickets, changed.validation_target, changed.sync_tool_slug) == (50, 16, "RITA__sync")
    assert (before.minutes_per_ticket, before.cost_per_hour) == (15, Decimal(0))
    assert (await save_settings(functions, tenant, {"sync_tool_slug": ""}, actor=OLGA)).sync_tool_slug is None
    assert await read_settings(helpdesk.as_user(tenant_role="member"), tenant) == await read_settings(functions, tenant)
    assert helpdesk.audit() == ["autopilot.settings_saved"] * 2


async def test_the_cost_of_a_ticket_has_two_decimals(helpdesk: Helpdesk) -> None:
    functions, tenant = helpdesk.functions, helpdesk.tenant
    costs = {"minutes_per_ticket": 20, "cost_per_hour": 42.505, "article_tool_slug": "KB__publish"}
    saved = await save_settings(functions, tenant, costs, actor=OLGA)
    assert (saved.minutes_per_ticket, saved.cost_per_hour, saved.article_tool_slug) == (
        20, Decimal("42.51"), "KB__publish",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("needed_tickets", 0),
        ("validation_target", 0),
        ("trusted_percent", 101),
        ("run_hours", 721),
        ("minutes_per_ticket", 0),
        ("cost_per_hour", -1),
        ("cost_per_hour", 100001),
    ],
)
async def test_a_value_out_of_its_range_is_named(helpdesk: Helpdesk, name: str, value: int) -> None:
    with pytest.raises(InvalidInput, match=f"{name}: must be from"):
        await save_settings(helpdesk.functions, helpdesk.tenant, {name: value}, actor=OLGA)


async def test_only_owners_change_settings(helpdesk: Helpdesk) -> None:
    with pytest.raises(NotAllowed):
        await save_settings(helpdesk.as_user(tenant_role="reviewer"), helpdesk.tenant, {"run_hours": 2}, actor=OLGA)


async def test_words_of_a_ticket_system_get_a_meaning(helpdesk: Helpdesk) -> None:
    async def save(word: str, value: str | None) -> dict[str, str]:
        return await save_value_mapping(
            helpdesk.functions, helpdesk.tenant, ConnectionType.JIRA, "status", word=word, value=value, actor=OLGA
        )

    assert await save(" In Progress ", "open") == {"in progress": "open"}
    assert await save("Done", "closed") == {"in progress": "open", "done": "closed"}
    assert await save("DONE", None) == {"in progress": "open"}
    with pytest.raises(InvalidInput, match="value: a status is"):
        await save("Done", "high")
