"""List dead letters, the oldest first."""

from uuid import UUID

from services.backends.memory.envelopes import dead_letters_of
from services.backends.memory.state import State
from services.envelope import Envelope, Status
from services.outbox import PageEnd
from services.outbox.causes import cause_of


def list_dead_letters(
    state: State,
    tenant: UUID | None,
    *,
    limit: int,
    status: Status | None,
    after: PageEnd | None,
    tool_slug: str | None,
    cause: str | None,
) -> list[Envelope]:
    """See `services.outbox.Outbox.list_dead_letters`."""
    matching = [
        dead
        for dead in dead_letters_of(state, tenant)
        if status in {None, dead.status}
        and tool_slug in {None, dead.tool_slug}
        and cause in {None, cause_of(dead.last_error or "")}
        and (after is None or dead.moved_at is None or (dead.moved_at, dead.id) > after)
    ]
    return matching[:limit]
