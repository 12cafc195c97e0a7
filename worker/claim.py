"""Claim due envelopes. A claim that got no answer can be sent again."""

from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID, uuid4

from services.outbox import ClaimedEnvelope, Outbox


@dataclass(slots=True, kw_only=True)
class Claimer:
    """Claims envelopes for one worker."""

    outbox: Outbox
    base_worker_id: str
    lease_for: timedelta
    _claim_id: UUID = field(default_factory=uuid4)
    _id_count: int = 1

    @property
    def worker_id(self) -> str:
        """The worker id of the next claim: the base id, later with `.2`, `.3` … after it."""
        return self.base_worker_id if self._id_count == 1 else f"{self.base_worker_id}.{self._id_count}"

    async def claim(self, *, limit: int, tenant: UUID | None) -> tuple[ClaimedEnvelope, ...]:
        """Claim up to `limit` due envelopes. Lost envelopes do not count towards the limit.

        After NotReady, call it again: it sends the same claim id, so the answer includes what the first try leased.
        """
        claimed = await self.outbox.claim(
            self.worker_id, limit=limit, lease_for=self.lease_for, tenant=tenant, claim_id=self._claim_id
        )
        self._claim_id = uuid4()
        return tuple(claimed)

    def change_worker_id(self) -> None:
        """Use a new worker id for the next claims. Envelopes claimed under an earlier id are settled under that id."""
        self._id_count += 1
