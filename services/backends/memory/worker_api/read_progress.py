"""Count the envelopes and dead letters that name each objective of a tenant."""

from collections import Counter
from uuid import UUID

from services.backends.memory.state import State
from services.envelope import Envelope
from services.objectives import Progress


def read_progress(state: State, tenant: UUID) -> list[Progress]:
    """See `services.objectives.Objectives.progress`."""
    by_objective: dict[UUID, list[Envelope]] = {}
    for envelope in (*state.outbox.values(), *state.dead_letters.values()):
        if envelope.tenant_id == tenant and envelope.objective_id is not None:
            by_objective.setdefault(envelope.objective_id, []).append(envelope)
    return [
        Progress(
            objective_id=objective,
            counts=dict(Counter(envelope.status.value for envelope in envelopes)),
            last_activity_at=max(envelope.moved_at or envelope.updated_at for envelope in envelopes),
        )
        for objective, envelopes in by_objective.items()
    ]
