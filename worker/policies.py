"""What envelopes are judged by: rules and tools, kept for a moment, and evidence as it is now."""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from services.backends import Backends
from services.catalog import Tool, ToolKey
from services.evidence import EvidenceKey, Found
from services.guardrails import Policy
from services.guardrails.evidence import named_evidence
from services.outbox import Claimed


@dataclass(slots=True, kw_only=True)
class Policies:
    """Reads policies, tools and evidence; what it has read lately it does not read again."""

    backends: Backends
    max_age: timedelta
    _policies: dict[UUID, tuple[float, Policy]] = field(default_factory=dict)
    _tools: dict[ToolKey, tuple[float, Tool]] = field(default_factory=dict)

    async def read(self, tenants: Iterable[UUID]) -> dict[UUID, Policy]:
        """The policies of these tenants, and of others that are fresh."""
        fresh_since = self._fresh_since()
        stale = [t for t in tenants if t not in self._policies or self._policies[t][0] <= fresh_since]
        if stale:
            read_at = time.monotonic()
            read = await self.backends.guardrails.policies(stale)
            self._policies = {t: kept for t, kept in self._policies.items() if kept[0] > fresh_since}
            self._policies.update({tenant: (read_at, policy) for tenant, policy in read.items()})
        return {tenant: policy for tenant, (_, policy) in self._policies.items()}

    async def read_again(self, tenant: UUID, *, if_before: float) -> dict[UUID, Policy] | None:
        """This tenant's anew where it was read before that moment (`time.monotonic`), else None."""
        if self._policies[tenant][0] >= if_before:
            return None
        del self._policies[tenant]
        return await self.read({tenant})

    def kept(self, tenant: UUID) -> Policy | None:
        """The tenant's policy as it was read last; None where it was not, or was dropped since."""
        kept = self._policies.get(tenant)
        return None if kept is None else kept[1]

    async def read_tools(self, keys: Iterable[ToolKey]) -> dict[ToolKey, Tool]:
        """The tools of these keys that there are, and others that are fresh."""
        fresh_since = self._fresh_since()
        stale = [k for k in keys if k not in self._tools or self._tools[k][0] <= fresh_since]
        if stale:
            read_at = time.monotonic()
            read = await self.backends.catalog.find(stale)
            self._tools = {k: kept for k, kept in self._tools.items() if kept[0] > fresh_since}
            self._tools.update({key: (read_at, tool) for key, tool in read.items()})
        return {key: tool for key, (_, tool) in self._tools.items()}

    async def read_evidence(
        self, claimed: Sequence[Claimed], policies: Mapping[UUID, Policy]
    ) -> dict[EvidenceKey, Found]:
        """Always as it is now; nothing is asked where no tenant wants evidence."""
        wanted = {
            key
            for c in claimed
            if policies[c.envelope.tenant_id].settings.require_evidence
            for key in named_evidence(c.envelope)
        }
        return await self.backends.evidence.find(wanted) if wanted else {}

    def _fresh_since(self) -> float:
        return time.monotonic() - self.max_age.total_seconds()
