"""How the queues stand, for eyes and for scripts."""

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from services.outbox import QueueStatus

STATES = ("pending", "awaiting_approval", "unknown", "success", "conflict", "rejected", "expired", "cancelled")


def show_status(statuses: Sequence[QueueStatus], *, as_json: bool, slo: int) -> None:
    """Print one line per tenant and a sum, or everything as one JSON object."""
    now = datetime.now(UTC)
    if as_json:
        sys.stdout.write(json.dumps(_document(statuses, now, slo)) + "\n")
        return

    from rich.console import Console  # noqa: PLC0415  # scripts ask for JSON
    from rich.table import Table  # noqa: PLC0415

    shown = [state for state in STATES if any(s.depth.get(state) for s in statuses)]
    table = Table("tenant", *[state.replace("_", " ") for state in shown], "in flight", "dead letters", "oldest due")
    for column in table.columns[1:]:
        column.justify = "right"
    for s in statuses:
        counts = [str(s.depth.get(state, 0)) for state in shown]
        table.add_row(s.name + (" (paused)" if s.paused else ""), *counts, str(s.in_flight), str(s.dlq), _age(s, now))
    Console().print(table)
    retries = sum(len(s.retries) for s in statuses)
    dead = sum(s.dlq for s in statuses)
    verdict = "within" if dead <= slo else "above"
    Console().print(f"{dead} dead letters ({verdict} the SLO of {slo}), {retries} waiting to be tried again")


def _document(statuses: Sequence[QueueStatus], now: datetime, slo: int) -> dict[str, Any]:
    return {
        "dlq": sum(s.dlq for s in statuses),
        "dlq_slo": slo,
        "tenants": [
            {
                **asdict(s),
                "tenant_id": str(s.tenant_id),
                "oldest_due_at": s.oldest_due_at and s.oldest_due_at.isoformat(),
                "oldest_due_seconds": round(_waited(s, now), 3),
            }
            for s in statuses
        ],
    }


def _waited(status: QueueStatus, now: datetime) -> float:
    return max(0.0, (now - status.oldest_due_at).total_seconds()) if status.oldest_due_at else 0.0


def _age(status: QueueStatus, now: datetime) -> str:
    return "–" if status.oldest_due_at is None else f"{_waited(status, now):.0f} s"
