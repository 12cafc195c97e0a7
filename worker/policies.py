"""Read the data that guardrails need: policies and tools, cached until they change, and evidence, which is not cached.

A claim has stamps that show whether policies and tools have changed since they were read, so usually nothing is read.
"""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TypeVar
from uuid import UUID

from services.backends import Backends
from services.catalog import Tool, ToolKey
from services.evidence import EvidenceKey, StoredEvidence
from services.guardrails import Policy
from services.guardrails.evidence import cited_evidence
from services.outbox import ClaimedEnvelope

Key = TypeVar("Key")
Value = TypeVar("Value")
TRUST_STAMPS_FOR = timedelta(minutes=1)
"""How long cached values are trusted while stamps are equal. The time is limited, because a database that was restored
from a backup may repeat transaction ids, and so stamps."""
MAX_CACHED = 1000
"""At most this many policies, and this many tools, stay in the cache for longer than `max_age`."""


@dataclass(slots=True, kw_only=True)
class PolicyCache:
    """Policies and tools. Each is read again when its stamp has changed; without a stamp, when it is older than
    `max_age`."""

    backends: Backends
    max_age: timedelta
    _policies: dict[UUID, tuple[float, Policy]] = field(default_factory=dict)
    """Policies by tenant, each with the time of its read (`time.monotonic`)."""
    _tools: dict[ToolKey, tuple[float, Tool]] = field(default_factory=dict)

    async def read_policies(self, claimed: Iterable[ClaimedEnvelope]) -> dict[UUID, Policy]:
        """The policies of the tenants of these envelopes, as of their claim or later."""
        by_tenant = {claimed_envelope.envelope.tenant_id: claimed_envelope for claimed_envelope in claimed}
        valid = {
            tenant: self._policies[tenant][1]
            for tenant, claimed_envelope in by_tenant.items()
            if self._has_policy(claimed_envelope)
        }
        return {**valid, **await self._read_policies([tenant for tenant in by_tenant if tenant not in valid])}

    async def reread_policy(self, tenant: UUID, *, if_read_before: float) -> dict[UUID, Policy] | None:
        """Read the tenant's policy again if the cached one was read before `if_read_before` (`time.monotonic`).

        Returns it in the form of `read_policies`; None if it was not read again.
        """
        if tenant in self._policies and self._policies[tenant][0] >= if_read_before:
            return None
        return await self._read_policies([tenant])

    def forget_policy(self, tenant: UUID) -> None:
        """Remove the tenant's policy from the cache, because it is out of date. The tenant's next call reads the policy
        again."""
        self._policies.pop(tenant, None)

    def cached_policy(self, tenant: UUID) -> Policy | None:
        """The tenant's policy as last read, whatever its age; None if it is not in the cache."""
        cached = self._policies.get(tenant)
        return None if cached is None else cached[1]

    async def read_tools(self, claimed: Iterable[ClaimedEnvelope]) -> dict[ToolKey, Tool]:
        """The tools of these envelopes, as of their claim or later; keys without a tool are missing."""
        by_key = {tool_key(claimed_envelope): claimed_envelope for claimed_envelope in claimed}
        valid = {
            key: self._tools[key][1]
            for key, claimed_envelope in by_key.items()
            if self._has_tool(key, claimed_envelope)
        }
        stale = [key for key in by_key if key not in valid]
        if not stale:
            return valid
        read_at = time.monotonic()
        tools = await self.backends.catalog.find(stale)
        self._tools = _without_stale(self._tools, stale, self._oldest_allowed())
        self._tools.update({key: (read_at, tool) for key, tool in tools.items()})
        return {**valid, **tools}

    async def read_evidence(
        self, claimed: Sequence[ClaimedEnvelope], policies: Mapping[UUID, Policy]
    ) -> dict[EvidenceKey, StoredEvidence]:
        """The evidence that these envelopes cite, for tenants that require evidence. Never cached."""
        keys = {
            key
            for c in claimed
            if _reads_evidence(policies[c.envelope.tenant_id])
            for key in cited_evidence(c.envelope)
        }
        return await self.backends.evidence.find(keys) if keys else {}

    async def _read_policies(self, tenants: Sequence[UUID]) -> dict[UUID, Policy]:
        if not tenants:
            return {}
        read_at = time.monotonic()
        policies = await self.backends.guardrails.policies(tenants)
        self._policies = _without_stale(self._policies, tenants, self._oldest_allowed())
        self._policies.update({tenant: (read_at, policy) for tenant, policy in policies.items()})
        return policies

    def _has_policy(self, claimed: ClaimedEnvelope) -> bool:
        cached = self._policies.get(claimed.envelope.tenant_id)
        if cached is None:
            return False
        read_at, policy = cached
        if claimed.policy_stamp is not None:
            return policy.stamp == claimed.policy_stamp and _is_trusted(read_at)
        is_before_pause = claimed.paused_at is not None and policy.last_paused_at != claimed.paused_at
        return read_at > self._oldest_allowed() and not is_before_pause

    def _has_tool(self, key: ToolKey, claimed: ClaimedEnvelope) -> bool:
        cached = self._tools.get(key)
        if cached is None:
            return False
        read_at, tool = cached
        if claimed.tool_stamp is not None:
            return tool.stamp == claimed.tool_stamp and _is_trusted(read_at)
        return read_at > self._oldest_allowed()

    def _oldest_allowed(self) -> float:
        return time.monotonic() - self.max_age.total_seconds()


def tool_key(claimed: ClaimedEnvelope) -> ToolKey:
    """The key of the tool that an envelope calls."""
    envelope = claimed.envelope
    return ToolKey(envelope.tenant_id, envelope.tool_slug, envelope.tool_version)


def _is_trusted(read_at: float) -> bool:
    return read_at > time.monotonic() - TRUST_STAMPS_FOR.total_seconds()


def _without_stale(
    cached: Mapping[Key, tuple[float, Value]], stale: Iterable[Key], oldest: float
) -> dict[Key, tuple[float, Value]]:
    """The entries that stay in the cache. Stale entries are dropped. If the cache is full, entries that were not read
    after `oldest` are dropped too."""
    is_full, left_out = len(cached) > MAX_CACHED, set(stale)
    return {key: entry for key, entry in cached.items() if key not in left_out and (not is_full or entry[0] > oldest)}


def _reads_evidence(policy: Policy) -> bool:
    """Whether the tenant's guardrails, or the candidate of its shadow run, require evidence."""
    return policy.settings.require_evidence or (policy.shadow is not None and policy.shadow.settings.require_evidence)
