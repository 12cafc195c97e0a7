"""Take work: lease due envelopes, under a claim that can be asked for twice."""

from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID, uuid4

from services.outbox import Claimed, Outbox


@dataclass(slots=True, kw_only=True)
class Claimer:
    """Claims for one worker."""

    outbox: Outbox
    first_name: str
    lease_for: timedelta
    _claim_id: UUID = field(default_factory=uuid4)
    _names: int = 1

    @property
    def worker_id(self) -> str:
        """The name of the next claim."""
        return self.first_name if self._names == 1 else f"{self.first_name}.{self._names}"

    async def claim(self, *, limit: int, tenant: UUID | None) -> tuple[Claimed, ...]:
        """Lease up to `limit` due envelopes; lost ones come on top.

        After NotReady, call it again: what it may have leased already is in that answer.
        """
        claimed = await self.outbox.claim(
            self.worker_id, limit=limit, lease_for=self.lease_for, tenant=tenant, claim_id=self._claim_id
        )
        self._claim_id = uuid4()
        return tuple(claimed)

    def rename(self) -> None:
        """Claim under another name from now on; what was claimed under the former one is still settled under that."""
        self._names += 1
