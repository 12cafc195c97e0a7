"""List the newest envelopes that meet conditions."""

from uuid import UUID

from services.backends.memory.state import State
from services.outbox import PageEnd
from services.outbox.lists import EnvelopeFilter, FoundEnvelopes


def search_envelopes(
    state: State, tenant: UUID | None, wanted: EnvelopeFilter, *, limit: int, after: PageEnd | None
) -> FoundEnvelopes:
    """See `services.outbox.Outbox.search`. It always reads all envelopes."""
    stored = [envelope for envelope in state.outbox.values() if tenant in {None, envelope.tenant_id}]
    if wanted.words is not None and after is None:
        dead = [envelope for envelope in state.dead_letters.values() if tenant in {None, envelope.tenant_id}]
        named = [each for each in stored + dead if wanted.words == each.external_id or wanted.words_id == each.id]
        if named:
            return FoundEnvelopes(envelopes=named[:limit], searched_to=None)
    found = [
        each for each in stored if wanted.is_met_by(each) and (after is None or (each.created_at, each.id) < after)
    ]
    found.sort(key=lambda envelope: (envelope.created_at, envelope.id), reverse=True)
    return FoundEnvelopes(envelopes=found[:limit], searched_to=None)
