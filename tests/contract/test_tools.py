"""Catalog entries that a person saves are listed, found, replaced and audited."""

from dataclasses import replace
from uuid import UUID, uuid4

import pytest

from services.audit_log import AuditLogger
from services.catalog import Catalog, Tool, ToolKey
from services.envelope import Risk
from services.errors import InvalidInput, NotFound
from tests.builders import a_tool, operator


async def test_tools_are_listed_by_slug_then_newest_version_first(catalog: Catalog, tenant: UUID) -> None:
    nine, ten = a_tool(tenant_id=tenant, version="9"), a_tool(tenant_id=tenant, version="10")
    mail = _mail(tenant)
    await catalog.save([nine, ten, mail], actor=operator("olga"))
    assert await catalog.list_tools(tenant) == [mail, ten, nine]

    await catalog.save([replace(nine, description="changed")], actor=operator("olga"))  # which does not make it newer
    assert await catalog.list_tools(tenant) == [mail, ten, replace(nine, description="changed")]


async def test_tools_are_found_by_version_or_the_newest(catalog: Catalog, tenant: UUID, other_tenant: UUID) -> None:
    one, two, mail = a_tool(tenant_id=tenant), a_tool(tenant_id=tenant, version="2"), _mail(tenant)
    await catalog.save([one, two], actor=operator("olga"))
    await catalog.save([mail], actor=operator("olga"))
    newest, first = ToolKey(tenant, one.tool_slug, None), ToolKey(tenant, one.tool_slug, "1")
    unknown = [ToolKey(other_tenant, one.tool_slug, None), ToolKey(tenant, one.tool_slug, "3")]

    found = await catalog.find([newest, *unknown, first, ToolKey(tenant, mail.tool_slug, None), newest])

    assert found == {newest: two, first: one, ToolKey(tenant, mail.tool_slug, None): mail}
    assert await catalog.find([]) == {}


async def test_a_schema_keeps_the_order_of_its_arguments(catalog: Catalog, tenant: UUID) -> None:
    order = ["charge", "amount", "to", "reason"]
    schema = {"type": "object", "properties": {name: {"type": "string"} for name in order}}
    tool = a_tool(tenant_id=tenant, schema=schema, config={"url": "https://tools.test"})
    await catalog.save([tool], actor=operator("olga"))

    [listed] = await catalog.list_tools(tenant)
    [found] = (await catalog.find([ToolKey(tenant, tool.tool_slug, None)])).values()

    assert [list(each.schema["properties"]) for each in (listed, found)] == [order, order]
    assert (listed, found) == (tool, tool)


async def test_of_equal_entries_in_one_batch_the_last_counts(catalog: Catalog, tenant: UUID) -> None:
    one, two = a_tool(tenant_id=tenant, version="1"), a_tool(tenant_id=tenant, version="2")
    await catalog.save([one, two, replace(one, idempotent=True)], actor=operator("olga"))

    assert await catalog.list_tools(tenant) == [replace(one, idempotent=True), two]


async def test_a_changed_tool_is_audited_without_its_json(
    catalog: Catalog, audit_log: AuditLogger, tenant: UUID
) -> None:
    mail = _mail(tenant)
    await catalog.save([mail], actor=operator("olga"))
    await catalog.save([replace(mail, config={"url": "https://elsewhere.test"}, risk=Risk.LOW)], actor=operator("omar"))

    update, insert, _tenant = await audit_log.tail(tenant, limit=9)
    assert insert.entry.payload["changed"] == {
        "id": insert.entry.payload["id"], "tenant_id": str(tenant), "tool_slug": "GMAIL__send", "version": "3",
        "display_name": "", "description": "…", "risk": "high", "schema": "…", "required_scopes": ["GMAIL.SEND"],
        "provider": "mcp", "config": "…", "idempotent": True, "rate_bucket": "mail.day", "source": "",
        "annotations": "…", "scan": None, "schema_hash": "", "status": "active", "drift": "…",
    }  # fmt: skip
    assert (update.entry.category, update.entry.actor.id) == ("tool_catalog.update", "omar")
    assert update.entry.payload["changed"] == {"config": "…", "risk": "low"}


async def test_an_invalid_tool_refuses_its_whole_batch(catalog: Catalog, tenant: UUID) -> None:
    for wrong in ({"tool_slug": ""}, {"version": ""}, {"risk": "extreme"}):
        with pytest.raises(InvalidInput) as raised:
            await catalog.save([_mail(tenant), replace(a_tool(tenant_id=tenant), **wrong)], actor=operator("olga"))  # type: ignore[arg-type]
        assert raised.value.field == next(iter(wrong))
    with pytest.raises(NotFound):
        await catalog.save([_mail(tenant), a_tool(tenant_id=uuid4())], actor=operator("olga"))
    assert await catalog.list_tools(tenant) == []


def _mail(tenant: UUID) -> Tool:
    return Tool(
        tenant_id=tenant, tool_slug="GMAIL__send", version="3", risk=Risk.HIGH, schema={"type": "object"},
        required_scopes=("GMAIL.SEND",), provider="mcp", config={"server": "mail", "tool": "send"}, idempotent=True,
        rate_bucket="mail.day",
    )  # fmt: skip
