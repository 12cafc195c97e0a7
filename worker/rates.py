"""Rate buckets: take a token for each call, and put buckets on hold when a tool answers with Retry-After."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from services.guardrails import Guardrails, Policy, RateGrant, RateRequest
from services.guardrails.judge import RateAnswer
from services.guardrails.rate import bucket_of, rate_request
from services.guardrails.recheck import RECHECK_AFTER
from worker.attempts import Attempt


@dataclass(slots=True)
class BucketHolds:
    """Rate buckets on hold after Retry-After, not yet saved."""

    guardrails: Guardrails
    _hold_until: dict[RateRequest, datetime] = field(default_factory=dict)

    def add(self, attempt: Attempt, policy: Policy, until: datetime) -> None:
        """Put the attempt's rate bucket on hold until `until`. A saved hold is for all calls that use the bucket."""
        bucket = _bucket_name(attempt, policy)
        request = None if bucket is None else rate_request(bucket, attempt.tool.rate_bucket, policy.settings, 1)
        if request is not None:
            self._hold_until[request] = max(until, self._hold_until.get(request, until))

    async def save(self) -> None:
        """Write the holds to the database. Raises the errors of the database; the next `save` writes the rest."""
        while self._hold_until:
            request, until = next(iter(self._hold_until.items()))
            await self.guardrails.hold_bucket(request, until=until)
            if self._hold_until.get(request) == until:
                del self._hold_until[request]


async def take_rate_tokens(
    guardrails: Guardrails, attempts: Sequence[Attempt], policies: Mapping[UUID, Policy], now: datetime
) -> list[tuple[Attempt, RateAnswer | None]]:
    """Take one token for each attempt that has a rate bucket.

    Returns each attempt with the answer of its bucket, or None. Attempts without a bucket come first.
    """
    attempts_by_bucket: defaultdict[tuple[UUID, str], list[Attempt]] = defaultdict(list)
    answers: list[tuple[Attempt, RateAnswer | None]] = []
    for attempt in attempts:
        tenant = attempt.claimed.envelope.tenant_id
        bucket = _bucket_name(attempt, policies[tenant])
        if bucket is None:
            answers.append((attempt, None))
        else:
            attempts_by_bucket[tenant, bucket].append(attempt)
    candidates = [
        rate_request(bucket, calls[0].tool.rate_bucket, policies[tenant].settings, len(calls))
        for (tenant, bucket), calls in attempts_by_bucket.items()
    ]
    requests = [request for request in candidates if request is not None]
    grants = await guardrails.take_rate_tokens(requests) if requests else {}
    seconds_per_token = {
        (request.tenant_id, request.bucket): request.per_seconds / request.capacity for request in requests
    }
    for key, calls in attempts_by_bucket.items():
        bucket_answers = _split_grant(len(calls), grants.get(key), seconds_per_token.get(key, 0.0), now)
        answers += zip(calls, bucket_answers, strict=True)
    return answers


def _bucket_name(attempt: Attempt, policy: Policy) -> str | None:
    account_id, account = attempt.claimed.envelope.connected_account_id, attempt.account
    if account_id is None and account is not None:
        account_id = str(account.id)
    return bucket_of(attempt.tool, policy.settings, account_id)


def _split_grant(calls: int, grant: RateGrant | None, seconds_per_token: float, now: datetime) -> list[RateAnswer]:
    """One answer per call. Calls without a token get the moments at which the next tokens become free, in order.

    No grant means that the tenant's limit cannot be read: every call is judged again after RECHECK_AFTER.
    """
    if grant is None:
        return [RateAnswer(granted=False, free_at=now + RECHECK_AFTER)] * calls
    first_free_at = grant.free_at or now
    return [RateAnswer(granted=True, free_at=None)] * grant.granted + [
        RateAnswer(granted=False, free_at=first_free_at + timedelta(seconds=seconds_per_token) * nth)
        for nth in range(calls - grant.granted)
    ]
