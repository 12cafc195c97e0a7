"""Record what the candidates of shadow runs would have decided."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from services.backends.memory.state import State
from services.shadow_runs import ShadowVerdict


def record_shadow(state: State, verdicts: Sequence[ShadowVerdict]) -> frozenset[UUID]:
    """See `services.shadow_runs.ShadowRuns.record`. No run is ever locked here."""
    with state.change() as now:
        for verdict in sorted(verdicts, key=lambda verdict: verdict.envelope_id):
            run_key = verdict.tenant_id, verdict.run_id
            run, key = state.shadow_runs.get(run_key), (*run_key, verdict.envelope_id)
            if run is not None and run.is_open(now) and key not in state.shadow_verdicts:
                reason = verdict.candidate_reason[:4000]
                state.shadow_verdicts[key] = now, replace(verdict, candidate_reason=reason)
                state.shadow_runs[run_key] = replace(run, envelopes=run.envelopes + 1)
    return frozenset()
