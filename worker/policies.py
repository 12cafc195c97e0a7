"""Read what envelopes are judged by: policies and tools, cached for a short time, and evidence, never cached."""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from services.backends import Backends
from services.catalog import Tool, ToolKey
from services.evidence import EvidenceKey, StoredEvidence
from services.guardrails import Policy
from services.guardrails.evidence import cited_evidence
from services.outbox import ClaimedEnvelope


@dataclass(slots=True, kw_only=True)
class PolicyCache:
    """Policies and tools, each read again once it is older than `max_age`."""

    backends: Backends
    max_age: timedelta
    _policies: dict[UUID, tuple[float, Policy]] = field(default_factory=dict)
    """By tenant, each with the moment of its read (`time.monotonic`)."""
    _tools: dict[ToolKey, tuple[float, Tool]] = field(default_factory=dict)

    async def read_policies(self, tenants: Mapping[UUID, datetime | None]) -> dict[UUID, Policy]:
        """The policies of these tenants. The result may hold those of other tenants as well.

        `tenants` has for each the `paused_at` of its claim: a cached policy from before that pause is not used.
        """
        oldest = self._oldest_allowed()
        stale = [
            tenant
            for tenant, paused_at in tenants.items()
            if tenant not in self._policies
            or self._policies[tenant][0] <= oldest
            or (paused_at is not None and self._policies[tenant][1].last_paused_at != paused_at)
        ]
        if stale:
            read_at = time.monotonic()
            policies = await self.backends.guardrails.policies(stale)
            self._policies = {tenant: cached for tenant, cached in self._policies.items() if cached[0] > oldest}
            self._policies.update({tenant: (read_at, policy) for tenant, policy in policies.items()})
        return {tenant: policy for tenant, (_, policy) in self._policies.items()}

    async def reread_policy(self, tenant: UUID, *, if_read_before: float) -> dict[UUID, Policy] | None:
        """Read the tenant's policy again if it was read before that moment (`time.monotonic`); otherwise None.

        The result has the form of `read_policies`.
        """
        if tenant in self._policies and self._policies[tenant][0] >= if_read_before:
            return None
        self._policies.pop(tenant, None)
        return await self.read_policies({tenant: None})

    def forget_policy(self, tenant: UUID) -> None:
        """Read the tenant's policy again for its next call: the one in the cache is known to be out of date."""
        self._policies.pop(tenant, None)

    def cached_policy(self, tenant: UUID) -> Policy | None:
        """The tenant's policy as last read, whatever its age; None if it is not in the cache."""
        cached = self._policies.get(tenant)
        return None if cached is None else cached[1]

    async def read_tools(self, keys: Iterable[ToolKey]) -> dict[ToolKey, Tool]:
        """The tools with these keys; keys without a tool are missing. The result may hold other tools as well."""
        oldest = self._oldest_allowed()
        stale = [key for key in keys if key not in self._tools or self._tools[key][0] <= oldest]
        if stale:
            read_at = time.monotonic()
            tools = await self.backends.catalog.find(stale)
            self._tools = {key: cached for key, cached in self._tools.items() if cached[0] > oldest}
            self._tools.update({key: (read_at, tool) for key, tool in tools.items()})
        return {key: tool for key, (_, tool) in self._tools.items()}

    async def read_evidence(
        self, claimed: Sequence[ClaimedEnvelope], policies: Mapping[UUID, Policy]
    ) -> dict[EvidenceKey, StoredEvidence]:
        """The evidence that these envelopes cite, for tenants that require evidence. Never cached."""
        keys = {
            key
            for c in claimed
            if policies[c.envelope.tenant_id].settings.require_evidence
            for key in cited_evidence(c.envelope)
        }
        return await self.backends.evidence.find(keys) if keys else {}

    def _oldest_allowed(self) -> float:
        return time.monotonic() - self.max_age.total_seconds()
