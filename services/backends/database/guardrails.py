"""Read policies, save guardrails and take rate tokens in the database."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from uuid import UUID, uuid4

from services.backends.functions import Functions, by
from services.backends.rows.guardrails import policy_from_row, version_from_row
from services.backends.rows.moments import parse_moment
from services.envelope import Actor
from services.guardrails import GuardrailSettings, GuardrailVersion, Policy, RateGrant, RateRequest
from services.stamps import Stamps

TENANTS_PER_CALL = 50
"""Limits the size of one answer: the rules and accounts of one tenant may reach a megabyte."""


class DatabaseGuardrails:
    """See `services.guardrails.Guardrails`."""

    def __init__(self, functions: Functions) -> None:
        self._functions = functions

    async def policies(self, tenants: Iterable[UUID]) -> dict[UUID, Policy]:
        tenant_ids, policies = list(tenants), {}
        for start in range(0, len(tenant_ids), TENANTS_PER_CALL):
            part = tenant_ids[start : start + TENANTS_PER_CALL]
            for row in await self._functions.call("read_policies", tenants=part, as_of=self._functions.as_of()):
                tenant = UUID(row["tenant_id"])
                policies[tenant] = policy_from_row(tenant, row["policy"])
        return policies

    async def stamps(self, tenant: UUID, tool_slugs: Iterable[str]) -> Stamps:
        return Stamps(**await self._functions.call("read_stamps", tenant=tenant, tool_slugs=list(tool_slugs)))

    async def save(self, settings: GuardrailSettings, *, actor: Actor, replaces: int | None = None) -> None:
        await self._functions.call(
            "save_guardrails", tenant=settings.tenant_id, quiet_hours=settings.quiet_hours,
            trust_threshold=Decimal(str(settings.trust_threshold)), scopes=settings.scopes,
            require_evidence=settings.require_evidence, evidence_max_age=settings.evidence_max_age,
            rate_limits=settings.rate_limits, approval_rules=settings.approval_rules, replaces=replaces,
            approval_reminders=settings.approval_reminders,
            **by(actor), as_of=self._functions.as_of(),
        )  # fmt: skip

    async def list_versions(self, tenant: UUID, *, limit: int, version: int | None = None) -> list[GuardrailVersion]:
        rows = await self._functions.call("list_guardrail_versions", tenant=tenant, max_rows=limit, version=version)
        return [version_from_row(row) for row in rows]

    async def take_rate_tokens(self, requests: Sequence[RateRequest]) -> dict[tuple[UUID, str], RateGrant]:
        rows = await self._functions.call(
            "take_rate_tokens",
            ask_id=uuid4(),
            asks=[asdict(request) for request in requests],
            as_of=self._functions.as_of(),
        )
        return {
            (UUID(row["tenant_id"]), row["bucket"]): RateGrant(
                granted=row["granted"], free_at=parse_moment(row["free_at"])
            )
            for row in rows
        }

    async def hold_bucket(self, request: RateRequest, *, until: datetime) -> None:
        await self._functions.call(
            "hold_rate_bucket", tenant=request.tenant_id, bucket=request.bucket, capacity=request.capacity,
            per_seconds=request.per_seconds, until=until,
        )  # fmt: skip
