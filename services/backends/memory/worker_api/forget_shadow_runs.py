"""Delete shadow runs that ended long ago, with their verdicts."""

from datetime import timedelta

from services.backends.memory.state import State


def forget_shadow_runs(state: State, *, keep: timedelta, limit: int) -> int:
    """See `services.shadow_runs.ShadowRuns.forget`."""
    with state.change() as now:
        old = [key for key, run in state.shadow_runs.items() if (run.stopped_at or run.ends_at) < now - keep][:limit]
        for key in old:
            del state.shadow_runs[key]
        for verdict_key in [key for key in state.shadow_verdicts if key[:2] in old]:
            del state.shadow_verdicts[verdict_key]
        return len(old)
