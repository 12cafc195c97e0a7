"""The commands that help with an error or an envelope. Errors and explanations of `services` contain no commands."""

from typing import TYPE_CHECKING

from services.envelope import Status
from services.errors import ControlPlaneError, NotFound, NothingListed, NotMigrated

if TYPE_CHECKING:
    from services.explain import Explanation

MIGRATE = "run: python -m control_plane db migrate"
LIST_COMMANDS = {
    "account": "python -m control_plane accounts list",
    "approval": "python -m control_plane approvals list",
    "audit rows": "python -m control_plane tenants list",
    "dead letter": "python -m worker.outbox drain --dry-run",
    "decision": "python -m control_plane catalog drift",
    "envelope": "python -m control_plane envelopes list",
    "grant": "python -m control_plane grants list",
    "guardrail version": "python -m control_plane guardrails versions",
    "inbound webhook": "python -m control_plane inbound-webhooks list",
    "new tool": "python -m control_plane catalog drift",
    "notice": "python -m control_plane notices list",
    "pause": "python -m control_plane pauses list",
    "shadow run": "python -m control_plane shadow list",
    "slack user": "python -m control_plane slack-users list",
    "source": "python -m control_plane catalog sync",
    "tenant": "python -m control_plane tenants list",
    "tool": "python -m control_plane catalog list",
    "webhook": "python -m control_plane webhooks list",
}
"""The command that lists all objects of a kind, by the `what` of a NotFound."""
NEXT_STEPS = {
    Status.AWAITING_APPROVAL: "see: python -m control_plane approvals list",
    Status.FAILED: "requeue it with: python -m worker.outbox retry-dlq",
    Status.DENIED: "remove the cause, then requeue it with: python -m worker.outbox retry-dlq",
    Status.UNKNOWN: "check what the call did, then run: python -m control_plane envelopes resolve",
}
"""The remedy for an envelope, by its status."""


def with_remedy(exc: ControlPlaneError) -> str:
    """The message of the error, with a command to run if one helps."""
    match exc:
        case NotMigrated():
            return f"{exc}: {MIGRATE}"
        case NothingListed():
            return f"{exc}; to remove its tools, run catalog sync with --empty"
        case NotFound(what=what) if what in LIST_COMMANDS:
            return f"{exc}; see: {LIST_COMMANDS[what]}"
    return str(exc)


def next_step(explanation: "Explanation") -> str | None:
    """The remedy for an envelope: what a person can do about it now. None if there is nothing to do."""
    if explanation.is_due:
        return "check that a worker is running, or run: python -m worker.outbox start"
    if explanation.envelope.doubtful:
        return "check what the call did, then requeue it with: python -m worker.outbox retry-dlq"
    return NEXT_STEPS.get(explanation.envelope.status)
