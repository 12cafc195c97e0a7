"""Guardrails over a direct connection."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from decimal import Decimal
from uuid import UUID

from services.database.moments import moment
from services.database.pool import Pool
from services.guardrails import GuardrailSettings, Policy, RateAsk, RateGrant
from services.guardrails.rows import policy_from_row


class PostgresGuardrails:
    """See `services.guardrails.Guardrails`."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def policies(self, tenants: Iterable[UUID]) -> dict[UUID, Policy]:
        rows = await self._pool.rows("select to_jsonb(p) from worker_api.read_policies($1) as p", list(tenants))
        return {
            (tenant := UUID(row["tenant_id"])): policy_from_row(tenant, row["policy"])
            for row in rows
        }  # fmt: skip

    async def save(self, settings: GuardrailSettings, *, by: str) -> None:
        await self._pool.value(
            "select worker_api.save_guardrails($1, $2, $3, $4, $5, $6, $7, $8)",
            settings.tenant_id, settings.quiet_hours, Decimal(str(settings.trust_threshold)), settings.scopes,
            settings.require_evidence, settings.rate_limits, by, self._pool.as_of(),
        )  # fmt: skip

    async def take_rate_tokens(self, asks: Sequence[RateAsk]) -> dict[tuple[UUID, str], RateGrant]:
        rows = await self._pool.rows(
            "select to_jsonb(t) from worker_api.take_rate_tokens($1, $2) as t",
            [asdict(ask) for ask in asks], self._pool.as_of(),
        )  # fmt: skip
        return {
            (UUID(row["tenant_id"]), row["bucket"]): RateGrant(granted=row["granted"], free_at=moment(row["free_at"]))
            for row in rows
        }
