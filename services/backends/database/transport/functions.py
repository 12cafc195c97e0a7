"""The SQL functions of schema `worker_api`, however they are reached: every service of both database backends is made
of these calls, and nothing but the transport differs."""

from datetime import datetime, timedelta
from typing import Any, Protocol

from services.envelope import Actor

REPORTS = frozenset(
    {
        "list_accounts",
        "list_approvals",
        "list_audit_heads",
        "list_dead_letters",
        "list_envelopes",
        "list_evidence",
        "list_job_runs",
        "list_objectives",
        "list_signals",
        "list_tenants",
        "list_tools",
        "queue_status",
        "read_audit",
        "tail_audit",
    }
)
"""What people and pages ask for: served by the read-only database where there is one, a moment behind perhaps."""

REPEATABLE = REPORTS | {
    "claim",
    "due_in",
    "enqueue",
    "expire_approvals",
    "expire_envelopes",
    "extend_job",
    "find_evidence",
    "find_tools",
    "finish_job",
    "accounts_to_scan",
    "check_account",
    "forget_evidence",
    "forget_settled",
    "get_envelope",
    "get_tenant",
    "heartbeat",
    "hold_rate_bucket",
    "mark_sent",
    "read_policies",
    "note_scan",
    "save_readings",
    "settle",
    "sync_tools",
    "take_job",
    "take_rate_tokens",
    "waits_for",
}
"""Sent a second time, each does nothing more: where no answer came, it may go again."""


class Functions(Protocol):
    """Calls SQL functions by name, with their arguments by name; every error leaves here as one of `services.errors`.

    An argument may be any JSON value, a UUID, a datetime, a timedelta or a Decimal.
    """

    def as_of(self) -> datetime | None:
        """The moment to pass on, or None for the database's own."""

    async def call(self, name: str, /, **arguments: object) -> Any:
        """What a function returns: one JSON document, or None for void.

        Never a set of rows: PostgREST would cut it short without saying so.
        """


def by(actor: Actor) -> dict[str, object]:
    """Who acts, as every function that changes something takes it."""
    return {"actor_type": actor.type, "actor_id": actor.id, "door": actor.door}


class Wake(Protocol):
    """How an idle worker learns of work."""

    can_notify: bool
    """Whether `wait` returns as soon as there is some, or only when its time is up."""

    async def wait(self, timeout: timedelta) -> None:  # noqa: ASYNC109  # its end is no error
        """Return when something may be due, at the latest after `timeout`."""
