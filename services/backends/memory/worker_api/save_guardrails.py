"""Write a tenant's guardrails."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from functools import cache
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import available_timezones

from services.backends.memory.audit import audit_change
from services.backends.memory.check_texts import actor_texts, check_texts
from services.backends.memory.column_rules import check_document, require_value
from services.backends.memory.lanes import release_held
from services.backends.memory.state import State
from services.backends.memory.versions import add_guardrail_version, latest_version
from services.envelope import MAX_PAYLOAD_BYTES, Actor
from services.errors import InvalidInput, StateConflict
from services.guardrails import GuardrailSettings
from services.guardrails.validate import GUARDRAIL_FIELDS, parse_settings
from services.jsonb import as_stored, field_text


def save_guardrails(state: State, settings: GuardrailSettings, *, actor: Actor, replaces: int | None) -> None:
    """See `services.guardrails.Guardrails.save`."""
    check_texts(**actor_texts(actor))
    with state.change() as now:
        if replaces is not None and replaces != latest_version(state, settings.tenant_id):
            raise StateConflict("guardrails", "have changed since you read them; read them again")
        _check(settings)
        state.require_tenant(settings.tenant_id)
        before = state.guardrails.get(settings.tenant_id)
        row_id = before[0] if before else uuid4()
        after = replace(
            settings,
            quiet_hours=as_stored(settings.quiet_hours),
            scopes=as_stored(settings.scopes),
            rate_limits=as_stored(settings.rate_limits),
            approval_rules=as_stored(settings.approval_rules),
            approval_reminders=as_stored(settings.approval_reminders),
        )
        state.guardrails[settings.tenant_id] = (row_id, after)
        document = as_stored({name: getattr(after, name) for name in GUARDRAIL_FIELDS})
        add_guardrail_version(state, settings.tenant_id, document, actor, now)
        release_held(state, settings.tenant_id, {"quiet_hours", "rate", "scopes", "readable"}, now)
        audit_change(
            state, "guardrails", tenant=settings.tenant_id, by=actor, now=now,
            before=_table_row(*before) if before else None, after=_table_row(row_id, after),
        )  # fmt: skip


def _check(settings: GuardrailSettings) -> None:
    """Check the settings, as `db/functions/app_private/check_guardrails.sql` does. Raises InvalidInput."""
    hours = settings.quiet_hours if isinstance(settings.quiet_hours, Mapping) else {}
    zones = (field_text(hours, name) for name in ("time_zone", "timezone"))
    zone = next((name for name in zones if name is not None), None)
    if zone is not None and zone not in _time_zones():
        raise InvalidInput(
            "quiet_hours.time_zone", f"{zone!r} is not an IANA time zone; write one such as Europe/Berlin"
        )
    for field in ("quiet_hours", "scopes", "rate_limits", "approval_rules", "approval_reminders"):
        require_value(field, getattr(settings, field))
        check_document(field, getattr(settings, field), MAX_PAYLOAD_BYTES)
    parse_settings(settings.tenant_id, {name: getattr(settings, name) for name in GUARDRAIL_FIELDS})


def _table_row(row_id: UUID, settings: GuardrailSettings) -> Mapping[str, Any]:
    return {"id": row_id, **asdict(settings)}


@cache
def _time_zones() -> frozenset[str]:
    return frozenset(available_timezones())
