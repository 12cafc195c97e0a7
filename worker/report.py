"""How the queues stand, for eyes and for scripts."""

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from services.outbox import QueueStatus
from services.process.terminal import printable

STATES = ("pending", "awaiting_approval", "unknown")


def show_status(statuses: Sequence[QueueStatus], *, as_json: bool, slo: int) -> None:
    """Print one line per tenant and a sum, or everything as one JSON object."""
    now = datetime.now(UTC)
    if as_json:
        sys.stdout.write(json.dumps(_document(statuses, now, slo)) + "\n")
        return

    widest = max((len(s.name) for s in statuses), default=0)
    for s in statuses:
        depth = ", ".join(f"{s.depth[state]} {state}" for state in STATES if s.depth.get(state)) or "empty"
        print(f"{printable(s.name):{widest}}  {s.tenant_id}{'  PAUSED' if s.paused else ''}")
        print(f"  {depth}")
        print(f"  {s.in_flight} in flight, {s.dlq} dead letters{_doubtful(s)}, oldest due {_age(s, now)}")
    dead = sum(s.dlq for s in statuses)
    retries = sum(s.retrying for s in statuses)
    verdict = "within" if dead <= slo else "above"
    print(f"{dead} dead letters, {verdict} the SLO of {slo}; {retries} envelopes wait to be tried again")


def _doubtful(status: QueueStatus) -> str:
    return f" ({status.doubtful} doubtful)" if status.doubtful else ""


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
    return "none" if status.oldest_due_at is None else f"{_waited(status, now):.0f} s"
