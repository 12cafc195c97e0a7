"""Policies as JSON rows."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from services.accounts.rows import account_from_row
from services.database.moments import moment
from services.guardrails import GuardrailSettings, Policy


def policy_from_row(tenant: UUID, row: Mapping[str, Any]) -> Policy:
    """A Policy from what `worker_api.read_policies` returns; a tenant without guardrails has the defaults."""
    kept = row["settings"]
    return Policy(
        tenant_id=tenant,
        paused_at=moment(row["paused_at"]),
        paused_reason=row["paused_reason"],
        settings=GuardrailSettings(tenant_id=tenant)
        if kept is None
        else GuardrailSettings(
            tenant_id=tenant,
            quiet_hours=kept["quiet_hours"],
            trust_threshold=kept["trust_threshold"],
            scopes=kept["scopes"],
            require_evidence=kept["require_evidence"],
            evidence_max_age=kept["evidence_max_age"],
            rate_limits=kept["rate_limits"],
        ),
        accounts=tuple(account_from_row(account) for account in row["accounts"]),
    )
