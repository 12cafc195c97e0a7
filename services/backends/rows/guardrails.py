"""Policies as JSON rows."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from services.backends.rows.accounts import account_from_row
from services.backends.rows.columns import NEVER, Columns
from services.guardrails import GuardrailSettings, Policy


def policy_from_row(tenant: UUID, row: Mapping[str, Any]) -> Policy:
    """A Policy from what `worker_api.read_policies` returns; a tenant without guardrails has the defaults."""
    settings, unreadable = GuardrailSettings(tenant_id=tenant), row["unreadable"]
    if row["settings"] is not None:
        columns = Columns(row["settings"])
        settings = GuardrailSettings(
            tenant_id=tenant,
            quiet_hours=columns.document("quiet_hours"),
            trust_threshold=columns.number("trust_threshold", 1.0),
            scopes=columns.document("scopes"),
            require_evidence=columns.flag("require_evidence", True),
            evidence_max_age=columns.whole_or_none("evidence_max_age"),
            rate_limits=columns.document("rate_limits"),
        )
        unreadable = unreadable or columns.unreadable
    return Policy(
        tenant_id=tenant,
        paused_at=Columns(row).moment_or_none("paused_at", NEVER),
        paused_reason=row["paused_reason"],
        settings=settings,
        accounts=tuple(account_from_row(account) for account in row["accounts"]),
        unreadable=unreadable,
    )
