"""Convert policies from JSON rows."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from services.backends.rows.accounts import account_from_row
from services.backends.rows.reading import NEVER, Reader, moment_or_never
from services.envelope import Actor, ActorType
from services.grants import Grant, GrantUse
from services.guardrails import GuardrailSettings, GuardrailVersion, Policy, Shadow
from services.pauses import Pause

SETTINGS_READER = Reader(
    GuardrailSettings, quiet_hours={}, trust_threshold=1.0, scopes={}, require_evidence=True, evidence_max_age=None,
    rate_limits={}, approval_rules={}, approval_reminders={},
)  # fmt: skip
PAUSE_READER = Reader(Pause, started_at=NEVER, ends_at=None, changed_at=NEVER)

GRANT_READER = Reader(
    Grant, account_id=None, arguments=(), issued_at=NEVER, expires_at=NEVER, revoked_at=NEVER, last_used_at=None
)
GRANT_USE_READER = Reader(GrantUse, used_at=NEVER)
"""Reads an element of `worker_api.list_grant_uses`."""


def policy_from_row(tenant: UUID, row: Mapping[str, Any]) -> Policy:
    """A Policy from a row that `worker_api.read_policies` returns. A tenant without guardrails gets the defaults."""
    settings, unreadable = SETTINGS_READER.read_with_problems({**(row["settings"] or {}), "tenant_id": tenant})
    return Policy(
        tenant_id=tenant,
        paused_at=row["paused_at"] and moment_or_never(row["paused_at"]),
        paused_reason=row["paused_reason"],
        pause_ends_at=_end_of_pause(row.get("pause_ends_at")),
        pauses=tuple(map(PAUSE_READER.read, row["pauses"])),
        grants=tuple(map(GRANT_READER.read, row["grants"])),
        shadow=_shadow_from_row(tenant, row.get("shadow")),
        settings=settings,
        version=row["guardrails_version"] or 0,
        accounts=tuple(map(account_from_row, row["accounts"])),
        unreadable=row["unreadable"] or unreadable,
        stamp=row.get("stamp"),
    )


def _end_of_pause(value: object) -> datetime | None:
    """The end of a pause. None if it cannot be read: the tenant then stays paused until a person resumes it."""
    moment = None if value is None else moment_or_never(value)
    return None if moment == NEVER else moment


def _shadow_from_row(tenant: UUID, row: Mapping[str, Any] | None) -> Shadow | None:
    """The tenant's shadow run; None if there is none, or if its candidate cannot be read."""
    if row is None or not isinstance(row["candidate"], Mapping):
        return None
    settings, unreadable = SETTINGS_READER.read_with_problems({**row["candidate"], "tenant_id": tenant})
    return None if unreadable else Shadow(run_id=UUID(row["run_id"]), settings=settings)


def version_from_row(row: Mapping[str, Any]) -> GuardrailVersion:
    """A GuardrailVersion from a row of `guardrail_versions`."""
    return GuardrailVersion(
        tenant_id=UUID(row["tenant_id"]),
        version=row["version"],
        document=row["document"],
        actor=Actor(type=ActorType(row["actor_type"]), id=row["actor_id"]),
        created_at=moment_or_never(row["created_at"]),
    )
