"""List the envelopes of a shadow run that the candidate decides differently."""

from uuid import UUID

from services.backends.memory.state import State
from services.shadow_runs import ShadowVerdict


def list_shadow_differences(state: State, tenant: UUID, run: UUID) -> list[ShadowVerdict]:
    """See `services.shadow_runs.ShadowRuns.list_differences`."""
    found = [
        (judged_at, verdict)
        for judged_at, verdict in state.shadow_verdicts.values()
        if (verdict.tenant_id, verdict.run_id) == (tenant, run) and verdict.decision != verdict.candidate_decision
    ]
    found.sort(key=lambda item: item[1].envelope_id)
    found.sort(key=lambda item: item[0], reverse=True)
    return [verdict for _, verdict in found[:1000]]
