"""Count dead letters by cause."""

from collections import defaultdict
from uuid import UUID

from services.backends.memory.envelopes import dead_letters_of
from services.backends.memory.state import State
from services.envelope import Envelope, Status
from services.outbox.causes import cause_of
from services.outbox.lists import Cause, Causes

MAX_CAUSES = 100


def count_causes(state: State, tenant: UUID | None) -> Causes:
    """See `services.outbox.Outbox.count_causes`. It always counts all dead letters."""
    groups: dict[tuple[str, Status, str], list[Envelope]] = defaultdict(list)
    for dead in dead_letters_of(state, tenant):
        groups[dead.tool_slug, dead.status, cause_of(dead.last_error or "")].append(dead)
    causes = sorted(
        (_make_cause(*group, letters) for group, letters in groups.items()),
        key=lambda cause: (-cause.letters, cause.tool_slug, cause.status, cause.cause),
    )
    return Causes(causes=tuple(causes[:MAX_CAUSES]), is_whole=True)


def _make_cause(tool_slug: str, status: Status, cause: str, letters: list[Envelope]) -> Cause:
    moved = [letter.updated_at for letter in letters]
    return Cause(
        tool_slug=tool_slug, status=status, cause=cause, letters=len(letters),
        doubtful=sum(letter.doubtful for letter in letters), tenants=len({letter.tenant_id for letter in letters}),
        oldest_at=min(moved), newest_at=max(moved),
    )  # fmt: skip
