"""Read what the guardrails need to know about tenants."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from services.backends.memory.accounts import accounts_of
from services.backends.memory.stamps import stamp_of
from services.backends.memory.state import State
from services.backends.memory.tenants import without_ended_pause
from services.backends.memory.versions import latest_version
from services.guardrails import GuardrailSettings, Policy, Shadow
from services.guardrails.validate import parse_settings


def read_policies(state: State, tenants: Iterable[UUID]) -> dict[UUID, Policy]:
    """See `services.guardrails.Guardrails.policies`."""
    now = state.clock()
    existing = [without_ended_pause(state.tenants[id_], now) for id_ in set(tenants) & state.tenants.keys()]
    policies = [
        Policy(
            tenant_id=tenant.id,
            paused_at=tenant.paused_at,
            paused_reason=tenant.paused_reason,
            pause_ends_at=tenant.pause_ends_at,
            pauses=tuple(pause for key, pause in sorted(state.pauses.items()) if key[0] == tenant.id),
            grants=tuple(
                sorted(
                    (grant for key, grant in state.grants.items() if key[0] == tenant.id and grant.is_open(now)),
                    key=lambda grant: (grant.issued_at, grant.id),
                )
            ),
            shadow=_open_shadow(state, tenant.id, now),
            settings=_settings_of(state, tenant.id),
            version=latest_version(state, tenant.id),
            accounts=tuple(accounts_of(state, tenant.id)),
        )
        for tenant in existing
    ]
    return {policy.tenant_id: replace(policy, stamp=stamp_of(_without_uses(policy))) for policy in policies}


def _without_uses(policy: Policy) -> Policy:
    """The policy without the use counts of grants, because a use does not change the policy's stamp."""
    return replace(policy, grants=tuple(replace(grant, use_count=0, last_used_at=None) for grant in policy.grants))


def _open_shadow(state: State, tenant: UUID, now: datetime) -> Shadow | None:
    runs = [run for key, run in state.shadow_runs.items() if key[0] == tenant and run.is_open(now)]
    return next((Shadow(run_id=run.id, settings=parse_settings(tenant, run.candidate)) for run in runs), None)


def _settings_of(state: State, tenant: UUID) -> GuardrailSettings:
    row = state.guardrails.get(tenant)
    return row[1] if row else GuardrailSettings(tenant_id=tenant)
