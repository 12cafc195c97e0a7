"""What a person at a terminal does about it. Errors and explanations carry facts; their commands are here."""

from typing import TYPE_CHECKING

from services.envelope import Status
from services.errors import ControlPlaneError, NotFound, NothingListed, NotMigrated

if TYPE_CHECKING:
    from services.explain import Explanation

MIGRATE = "run: python -m control_plane db migrate"
LISTS = {
    "account": "python -m control_plane accounts list",
    "approval": "python -m control_plane approvals list",
    "audit rows": "python -m control_plane tenants list",
    "dead letter": "python -m worker.outbox drain --dry-run",
    "decision": "python -m control_plane catalog drift",
    "envelope": "python -m control_plane envelopes list",
    "new tool": "python -m control_plane catalog drift",
    "source": "python -m control_plane catalog sync",
    "tenant": "python -m control_plane tenants list",
    "tool": "python -m control_plane catalog list",
}
"""Where what was not found is listed."""
STEPS = {
    Status.AWAITING_APPROVAL: "see: python -m control_plane approvals list",
    Status.FAILED: "give it back with: python -m worker.outbox retry-dlq",
    Status.DENIED: "mend the cause, then: python -m worker.outbox retry-dlq",
    Status.UNKNOWN: "look, then: python -m control_plane envelopes resolve",
}
"""What a person may do with an envelope that waits for one."""


def with_remedy(exc: ControlPlaneError) -> str:
    """The error's line, and where to look or what to run."""
    match exc:
        case NotMigrated():
            return f"{exc}: {MIGRATE}"
        case NothingListed():
            return f"{exc} (catalog sync --empty means it)"
        case NotFound(what=what) if what in LISTS:
            return f"{exc}; see: {LISTS[what]}"
    return str(exc)


def next_step(story: "Explanation") -> str | None:
    """What a person may do about an envelope; None where there is nothing to do."""
    if story.is_due:
        return "is a worker running? python -m worker.outbox start"
    if story.envelope.doubtful:
        return "look first, then: python -m worker.outbox retry-dlq"
    return STEPS.get(story.envelope.status)
