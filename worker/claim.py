"""Claim due envelopes. A claim without an answer can be sent again."""

import math
import time
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID, uuid4

from services.outbox import ClaimedEnvelope, Outbox

CLAIM_FOR_OTHERS_EVERY = timedelta(milliseconds=200)
"""How often to look for envelopes of other tenants while some tenants are at their limit."""


@dataclass(slots=True, kw_only=True)
class Claimer:
    """Claims envelopes for one worker."""

    outbox: Outbox
    base_worker_id: str
    lease_for: timedelta
    _claim_id: UUID = field(default_factory=uuid4)
    _id_count: int = 1
    _others_idle: frozenset[UUID] = frozenset()
    """The last claim without these tenants, at `_others_idle_at`, found no due envelope."""
    _others_idle_at: float = -math.inf

    @property
    def worker_id(self) -> str:
        """The worker id of the next claim: the base id, after a change with the suffix `.2`, `.3`, …"""
        return self.base_worker_id if self._id_count == 1 else f"{self.base_worker_id}.{self._id_count}"

    async def claim(
        self, *, limit: int, tenant: UUID | None, except_tenants: frozenset[UUID] = frozenset()
    ) -> tuple[ClaimedEnvelope, ...]:
        """Claim up to `limit` due envelopes of tenants other than `except_tenants`.

        Lost envelopes of all tenants are claimed too, and do not count towards the limit. After NotReady, call `claim`
        again: it sends the same claim id, so the answer includes what the first call leased.
        """
        claimed = await self.outbox.claim(
            self.worker_id, limit=limit, lease_for=self.lease_for, tenant=tenant, except_tenants=except_tenants,
            claim_id=self._claim_id,
        )  # fmt: skip
        self._claim_id = uuid4()
        if not claimed:
            self._others_idle, self._others_idle_at = except_tenants, time.monotonic()
        return tuple(claimed)

    def others_are_idle(self, except_tenants: frozenset[UUID]) -> bool:
        """Whether a recent claim found no due envelope of any tenant other than `except_tenants`."""
        is_recent = time.monotonic() - self._others_idle_at < CLAIM_FOR_OTHERS_EVERY.total_seconds()
        return bool(except_tenants) and self._others_idle <= except_tenants and is_recent

    def change_worker_id(self) -> None:
        """Use a new worker id for the next claims. Envelopes claimed under an earlier id are settled under that id."""
        self._id_count += 1
