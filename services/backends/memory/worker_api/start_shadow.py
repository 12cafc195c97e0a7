"""Start a shadow run: a candidate also judges the next envelopes of a tenant."""

from collections.abc import Mapping
from datetime import timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from services.audit_log import AuditEntry
from services.backends.memory.audit import append_audit
from services.backends.memory.check_texts import actor_texts, check_texts
from services.backends.memory.column_rules import check_document, require_object
from services.backends.memory.state import State
from services.envelope import Actor
from services.errors import InvalidInput, StateConflict
from services.guardrails.validate import parse_settings
from services.jsonb import as_stored, jsonb_text
from services.shadow_runs import MAX_ENVELOPES, MAX_RUN_TIME, ShadowRun


def start_shadow(
    state: State,
    tenant: UUID,
    id: UUID,  # noqa: A002
    *,
    candidate: Mapping[str, Any],
    lasts_for: timedelta,
    max_envelopes: int,
    actor: Actor,
) -> ShadowRun:
    """See `services.shadow_runs.ShadowRuns.start`."""
    check_texts(**actor_texts(actor))
    with state.change() as now:
        if not timedelta(0) < lasts_for <= MAX_RUN_TIME:
            raise InvalidInput("lasts_for", "must be more than 0 and at most 30 days")
        if not 1 <= max_envelopes <= MAX_ENVELOPES:
            raise InvalidInput("max_envelopes", "must be from 1 to 10000")
        require_object("candidate", candidate)
        check_document("candidate", candidate, 262_144)
        parse_settings(tenant, candidate)
        state.require_tenant(tenant)
        if any(key[0] == tenant and run.is_open(now) for key, run in state.shadow_runs.items()):
            raise StateConflict("shadow run", "another run has not ended; stop it first")
        started = ShadowRun(
            tenant_id=tenant, id=id, candidate=as_stored(candidate), started_at=now, started_by=actor.id,
            ends_at=now + lasts_for, max_envelopes=max_envelopes,
        )  # fmt: skip
        state.shadow_runs[tenant, id] = started
        payload = {
            "run_id": id, "ends_at": started.ends_at, "max_envelopes": max_envelopes,
            "candidate_sha256": sha256(jsonb_text(candidate).encode()).hexdigest(),
        }  # fmt: skip
        entry = AuditEntry(tenant_id=tenant, actor=actor, category="shadow.started", payload=payload)
        append_audit(state, [entry], now)
        return started
