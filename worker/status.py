"""Print the state of the queues, as text or as JSON."""

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from services.outbox.queue_status import QueueStatus
from services.process.terminal import printable

OPEN_STATES = ("pending", "awaiting_approval", "unknown")


def print_status(statuses: Sequence[QueueStatus], *, as_json: bool, slo: int) -> None:
    """Print three lines per tenant and a total, or everything as one JSON object. `slo` is the largest accepted number
    of dead letters."""
    now = datetime.now(UTC)
    if as_json:
        sys.stdout.write(json.dumps(_build_json_document(statuses, now, slo)) + "\n")
        return

    name_width = max((len(s.name) for s in statuses), default=0)
    for s in statuses:
        depth = ", ".join(f"{s.depth[state]} {state}" for state in OPEN_STATES if s.depth.get(state)) or "empty"
        print(f"{printable(s.name):{name_width}}  {s.tenant_id}{'  PAUSED' if s.paused else ''}")
        print(f"  {depth}")
        print(
            f"  {s.in_flight} in flight, {s.dlq} dead letters{_doubtful_part(s)}, oldest due {_oldest_due_part(s, now)}"
        )
    dead = sum(s.dlq for s in statuses)
    retries = sum(s.retrying for s in statuses)
    verdict = "within" if dead <= slo else "above"
    print(f"{dead} dead letters, {verdict} the SLO of {slo}; {retries} envelopes wait for a retry")


def _doubtful_part(status: QueueStatus) -> str:
    return f" ({status.doubtful} doubtful)" if status.doubtful else ""


def _build_json_document(statuses: Sequence[QueueStatus], now: datetime, slo: int) -> dict[str, Any]:
    return {
        "dlq": sum(s.dlq for s in statuses),
        "dlq_slo": slo,
        "tenants": [
            {
                **asdict(s),
                "tenant_id": str(s.tenant_id),
                "oldest_due_at": s.oldest_due_at and s.oldest_due_at.isoformat(),
                "oldest_due_seconds": round(_seconds_waited(s, now), 3),
            }
            for s in statuses
        ],
    }


def _seconds_waited(status: QueueStatus, now: datetime) -> float:
    return max(0.0, (now - status.oldest_due_at).total_seconds()) if status.oldest_due_at else 0.0


def _oldest_due_part(status: QueueStatus, now: datetime) -> str:
    return "none" if status.oldest_due_at is None else f"{_seconds_waited(status, now):.0f} s"
