"""A worker that claims and judges, without the rest of its loop."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from psycopg.types.json import Jsonb

from services.clock import Clock, utc_now
from services.guardrails import GuardrailSettings
from services.outbox import ClaimedEnvelope, Disposition
from tests.builders import HOUR, MINUTE, operator
from tests.worker.builders import RULES
from tests.worker.world import World
from worker.check import Checker, JudgedBatch
from worker.claim import Claimer
from worker.policies import PolicyCache


@dataclass
class ClaimAndJudge:
    """Claims and judges as one worker does."""

    world: World
    worker_id: str
    claimer: Claimer
    checker: Checker

    async def take(self, limit: int = 100) -> JudgedBatch:
        return await self.judge(await self.claimer.claim(limit=limit, tenant=None), free_slots=limit)

    async def judge(self, claimed: Sequence[ClaimedEnvelope], *, free_slots: int) -> JudgedBatch:
        return await self.checker.judge(claimed, self.worker_id, starting_now=lambda attempts: attempts[:free_slots])


def a_claimer(
    world: World, worker_id: str = "w1", *, policy_max_age: timedelta = timedelta(0), clock: Clock = utc_now
) -> ClaimAndJudge:
    checker = Checker(
        backends=world.backends,
        policies=PolicyCache(backends=world.backends, max_age=policy_max_age),
        approval_ttl=HOUR,
        rules=RULES,
        clock=clock,
    )
    claimer = Claimer(outbox=world.backends.outbox, base_worker_id=worker_id, lease_for=MINUTE)
    return ClaimAndJudge(world, worker_id, claimer, checker)


def executable(batch: JudgedBatch) -> list[UUID]:
    return [attempt.claimed.envelope.id for attempt in batch.attempts]


def dispositions(batch: JudgedBatch) -> dict[UUID, Disposition]:
    return {settlement.envelope_id: settlement.to for _, settlement in batch.settled_unsent}


async def set_rate_limits(world: World, tenant: UUID, rate_limits: object) -> None:
    """Write the limits unchanged, even if the product would refuse them."""
    await world.backends.guardrails.save(GuardrailSettings(tenant_id=tenant), actor=operator("test"))
    world.sql("alter table public.guardrails disable trigger guardrails_checked")
    world.sql("update public.guardrails set rate_limits = %s where tenant_id = %s", Jsonb(rate_limits), tenant)
    world.sql("alter table public.guardrails enable trigger guardrails_checked")
