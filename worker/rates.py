"""Rate buckets: a token for each call that draws on one, and the rests that tools ask for."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from services.guardrails import Guardrails, Policy, RateAsk, RateGrant
from services.guardrails.judge import RateReading
from services.guardrails.rate import bucket_of, rate_ask
from services.guardrails.recheck import RECHECK_AFTER
from worker.attempts import Attempt


@dataclass(slots=True)
class Holds:
    """Buckets that tools want to be left alone, not yet told to the database."""

    guardrails: Guardrails
    _until: dict[RateAsk, datetime] = field(default_factory=dict)

    def add(self, attempt: Attempt, policy: Policy, until: datetime) -> None:
        """Its tool asked to be left alone until then: so are all who draw on the same bucket, once it is told of."""
        bucket = _bucket(attempt, policy)
        ask = None if bucket is None else rate_ask(bucket, attempt.tool.rate_bucket, policy.settings, 1)
        if ask is not None:
            self._until[ask] = max(until, self._until.get(ask, until))

    async def tell(self) -> None:
        """Raises what the database raises; what could not be told is told next time."""
        while self._until:
            ask, until = next(iter(self._until.items()))
            await self.guardrails.hold_bucket(ask, until=until)
            if self._until.get(ask) == until:
                del self._until[ask]


async def draw(
    guardrails: Guardrails, attempts: Sequence[Attempt], policies: Mapping[UUID, Policy], now: datetime
) -> list[tuple[Attempt, RateReading | None]]:
    """Take a token for each call that draws on a bucket, and say what its bucket answered; None where it has none.

    Those without a bucket come first.
    """
    drawing: defaultdict[tuple[UUID, str], list[Attempt]] = defaultdict(list)
    drawn: list[tuple[Attempt, RateReading | None]] = []
    for attempt in attempts:
        tenant = attempt.claimed.envelope.tenant_id
        bucket = _bucket(attempt, policies[tenant])
        if bucket is None:
            drawn.append((attempt, None))
        else:
            drawing[tenant, bucket].append(attempt)
    asks = [
        ask for (tenant, bucket), calls in drawing.items()
        if (ask := rate_ask(bucket, calls[0].tool.rate_bucket, policies[tenant].settings, len(calls))) is not None
    ]  # fmt: skip
    grants = await guardrails.take_rate_tokens(asks) if asks else {}
    per_token = {(ask.tenant_id, ask.bucket): ask.per_seconds / ask.capacity for ask in asks}
    for key, calls in drawing.items():
        readings = _readings(len(calls), grants.get(key), per_token.get(key, 0.0), now)
        drawn += zip(calls, readings, strict=True)
    return drawn


def _bucket(attempt: Attempt, policy: Policy) -> str | None:
    named, account = attempt.claimed.envelope.connected_account_id, attempt.account
    return bucket_of(attempt.tool, policy.settings, account.id if named is None and account is not None else named)


def _readings(wanted: int, grant: RateGrant | None, seconds_per_token: float, now: datetime) -> list[RateReading]:
    """One reading per call; those without a token are told the moments at which the next ones are there."""
    if grant is None:
        return [RateReading(granted=False, free_at=now + RECHECK_AFTER)] * wanted
    first = grant.free_at or now
    waiting = range(wanted - grant.granted)
    return [RateReading(granted=True, free_at=None)] * grant.granted + [
        RateReading(granted=False, free_at=first + timedelta(seconds=seconds_per_token) * place) for place in waiting
    ]
