"""Envelopes as people see them: which tools are read for it."""

from collections.abc import Iterable
from dataclasses import replace
from uuid import UUID

from services.backends import Backends
from services.catalog import Catalog, Tool, ToolKey
from services.show_envelopes import show_envelopes
from services.tools.redact import REDACTED
from tests.builders import a_tool, an_envelope
from tests.use_cases.actors import OLGA

SECRET = {"type": "object", "properties": {"pin": {"type": "string", "writeOnly": True}}}


class CountingCatalog:
    """Forwards to the catalog, and keeps the keys of each read."""

    def __init__(self, catalog: Catalog) -> None:
        self.reads: list[set[str | None]] = []
        self._catalog = catalog

    async def find(self, keys: Iterable[ToolKey]) -> dict[ToolKey, Tool]:
        wanted = list(keys)
        self.reads.append({key.version for key in wanted})
        return await self._catalog.find(wanted)


async def test_only_tools_that_are_not_known_are_read(backends: Backends, tenant: UUID) -> None:
    tools = [a_tool(tenant_id=tenant, version=version, schema=SECRET) for version in ("1", "2")]
    await backends.catalog.save(tools, actor=OLGA)
    catalog = CountingCatalog(backends.catalog)
    counted = replace(backends, catalog=catalog)  # type: ignore[arg-type]
    both = [
        an_envelope(tenant_id=tenant, tool_slug=tool.tool_slug, tool_version=tool.version, arguments={"pin": "1234"})
        for tool in tools
    ]

    for known, reads in ((tools, []), (tools[:1], [{"2"}]), ([], [{"1", "2"}])):
        catalog.reads.clear()
        shown = await show_envelopes(counted, both, known=known)
        assert [each.arguments for each in shown] == [{"pin": REDACTED}] * 2
        assert catalog.reads == reads
