"""Convert policies from JSON rows."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from services.backends.rows.accounts import account_from_row
from services.backends.rows.reading import Reader, moment_or_never
from services.guardrails import GuardrailSettings, Policy

SETTINGS = Reader(
    GuardrailSettings, quiet_hours={}, trust_threshold=1.0, scopes={}, require_evidence=True, evidence_max_age=None,
    rate_limits={},
)  # fmt: skip


def policy_from_row(tenant: UUID, row: Mapping[str, Any]) -> Policy:
    """A Policy from a row that `worker_api.read_policies` returns. A tenant without guardrails gets the defaults."""
    settings, unreadable = SETTINGS.read_with_problems({**(row["settings"] or {}), "tenant_id": tenant})
    return Policy(
        tenant_id=tenant,
        paused_at=row["paused_at"] and moment_or_never(row["paused_at"]),
        paused_reason=row["paused_reason"],
        settings=settings,
        accounts=tuple(map(account_from_row, row["accounts"])),
        unreadable=row["unreadable"] or unreadable,
    )
