"""The shadow runs of a tenant, with what their candidates would have decided."""

from collections import Counter
from dataclasses import replace
from uuid import UUID

from services.backends.memory.state import State
from services.shadow_runs import ShadowRun, VerdictCount


def list_shadow_runs(state: State, tenant: UUID) -> list[ShadowRun]:
    """See `services.shadow_runs.ShadowRuns.list_runs`."""
    runs = sorted((run for key, run in state.shadow_runs.items() if key[0] == tenant), key=lambda run: run.id)
    runs.sort(key=lambda run: run.started_at, reverse=True)
    return [replace(run, verdicts=_count_verdicts(state, run)) for run in runs[:20]]


def _count_verdicts(state: State, run: ShadowRun) -> tuple[VerdictCount, ...]:
    counted = Counter(
        (verdict.decision, verdict.candidate_decision)
        for _, verdict in state.shadow_verdicts.values()
        if (verdict.tenant_id, verdict.run_id) == (run.tenant_id, run.id)
    )
    return tuple(VerdictCount(*decisions, count) for decisions, count in sorted(counted.items()))
