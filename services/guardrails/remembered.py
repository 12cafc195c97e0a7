"""Policies and tools that a process has read for proposals. They are read again only when their stamps have changed."""

import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import TypeVar
from uuid import UUID

from services.catalog import Catalog, Tool, ToolKey
from services.guardrails import Guardrails, Policy

Key = TypeVar("Key")
Value = TypeVar("Value")
TRUST_STAMPS_FOR = 60.0
"""Seconds after which a cached value is read again even if its stamp is equal: a database that was restored from a
backup may repeat transaction ids, and so stamps."""
MAX_KEPT = 1000
"""The most policies, and the most tools, that are kept. The least recently read are dropped first."""


@dataclass(slots=True)
class RememberedPolicies:
    """A cache for callers who see the same data of a tenant. Agents see no grants, so they need a cache of their
    own."""

    clock: Callable[[], float] = time.monotonic
    _policies: OrderedDict[UUID, tuple[float, Policy]] = field(default_factory=OrderedDict)
    """The policies by tenant, each with the time at which it was read."""
    _tools: OrderedDict[ToolKey, tuple[float, Tool]] = field(default_factory=OrderedDict)

    async def read(
        self, guardrails: Guardrails, catalog: Catalog, tenant: UUID, keys: Collection[ToolKey]
    ) -> tuple[Mapping[UUID, Policy], Mapping[ToolKey, Tool]]:
        """The policy of this tenant, and its tools with these keys. Unknown tenants and tools are missing from the
        result."""
        now = self.clock()
        policies = self._recent(self._policies, [tenant], now)
        tools = self._recent(self._tools, keys, now)
        if policies or tools:
            stamps = await guardrails.stamps(tenant, {key.tool_slug for key in tools})
            policies = {key: policy for key, policy in policies.items() if policy.stamp == stamps.policy}
            tools = {key: tool for key, tool in tools.items() if tool.stamp == stamps.tools.get(key.tool_slug)}
        if not policies:
            policies = await guardrails.policies([tenant])
            self._remember(self._policies, policies, now)
        if policies and (missing := [key for key in keys if key not in tools]):
            found = await catalog.find(missing)
            self._remember(self._tools, found, now)
            tools = {**tools, **found}
        return policies, tools

    def recall(self, key: ToolKey) -> tuple[Policy, Tool] | None:
        """The cached policy of this tenant and this tool, without asking whether they have changed."""
        now = self.clock()
        policies, tools = self._recent(self._policies, [key.tenant_id], now), self._recent(self._tools, [key], now)
        return (policies[key.tenant_id], tools[key]) if policies and tools else None

    @staticmethod
    def _recent(known: Mapping[Key, tuple[float, Value]], keys: Collection[Key], now: float) -> dict[Key, Value]:
        return {key: known[key][1] for key in keys if key in known and now < known[key][0] + TRUST_STAMPS_FOR}

    @staticmethod
    def _remember(known: OrderedDict[Key, tuple[float, Value]], read: Mapping[Key, Value], now: float) -> None:
        for key, value in read.items():
            known[key] = now, value
            known.move_to_end(key)
        while len(known) > MAX_KEPT:
            known.popitem(last=False)
