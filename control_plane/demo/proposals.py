"""The proposals of the demo's agents, each with the end state that its envelope must reach."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

ACME = UUID("11111111-1111-4111-8111-111111111111")
BOREALIS = UUID("22222222-2222-4222-8222-222222222222")
ACME_ORDERS = "aaaaaaaa-1111-4111-8111-111111111111"
BOREALIS_LEDGER = "aaaaaaaa-2222-4222-8222-222222222222"
ZONE = "Europe/Berlin"

MCP_SUCCESS = "success by MCP"
WEBHOOK_SUCCESS = "success by webhook"
RETRIED = "retried, then success"
AWAITING_APPROVAL = "awaiting approval"
QUIET_HOURS = "held by quiet hours"
DEAD_LETTER = "dead letter"
END_STATES = (MCP_SUCCESS, WEBHOOK_SUCCESS, RETRIED, QUIET_HOURS, AWAITING_APPROVAL, DEAD_LETTER)


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoProposal:
    """One proposal, and the end state that its envelope must reach."""

    end_state: str
    request: dict[str, Any]


def day_proposals(run: str, evidence: dict[str, str]) -> Iterator[DemoProposal]:
    """Proposals for a time outside all quiet hours. Borealis requires evidence, and its proposals cite `evidence`."""
    for number, zone in enumerate(("Europe/Berlin", "America/New_York", "Asia/Tokyo")):
        yield DemoProposal(end_state=MCP_SUCCESS, request=_time_request(ACME, f"{run}-clock-{number}", zone))
    for number in range(5):
        yield DemoProposal(
            end_state=WEBHOOK_SUCCESS,
            request=_order_request(f"{run}-order-{number}", f"bolt-m{number + 3}", 100 + number),
        )
    for number in range(2):
        yield DemoProposal(end_state=RETRIED, request=_order_request(f"{run}-busy-{number}", f"busy-nut-{number}", 7))
    yield DemoProposal(
        end_state=AWAITING_APPROVAL, request=_order_request(f"{run}-odd", "gold-plated-bolt", 9000, score=0.2)
    )
    yield DemoProposal(end_state=DEAD_LETTER, request=_order_request(f"{run}-wrong", "no-such-sku", 1))

    yield DemoProposal(end_state=MCP_SUCCESS, request=_time_request(BOREALIS, f"{run}-clock", "Europe/Zurich"))
    for number in range(2):
        yield DemoProposal(
            end_state=WEBHOOK_SUCCESS, request=_posting_request(f"{run}-posting-{number}", 1250 + number, evidence)
        )
    yield DemoProposal(
        end_state=AWAITING_APPROVAL, request=_posting_request(f"{run}-big", 9_900_000, evidence, score=0.4)
    )
    yield DemoProposal(end_state=DEAD_LETTER, request=_posting_request(f"{run}-hearsay", 1))
    yield DemoProposal(
        end_state=DEAD_LETTER, request=_posting_request(f"{run}-forged", 1, {**evidence, "sha256": "0" * 64})
    )


def night_proposals(run: str, evidence: dict[str, str]) -> Iterator[DemoProposal]:
    """Proposals for a time within the quiet hours of Borealis."""
    for number in range(3):
        yield DemoProposal(
            end_state=QUIET_HOURS, request=_posting_request(f"{run}-night-{number}", 77 + number, evidence)
        )


def quiet_hours(now: datetime, *, starts_in: timedelta) -> dict[str, Any]:
    """Quiet hours in the time zone ZONE that start `starts_in` after `now` and last six hours."""
    start = (now + starts_in).astimezone(ZoneInfo(ZONE))
    end = start + timedelta(hours=6)
    return {"time_zone": ZONE, "windows": [{"start": f"{start:%H:%M}", "end": f"{end:%H:%M}"}]}


def _time_request(tenant: UUID, external_id: str, zone: str) -> dict[str, Any]:
    return {
        "tenant_id": str(tenant),
        "tool_slug": "TIME__get_current_time",
        "arguments": {"timezone": zone},
        "external_id": external_id,
        "trust_context": {"score": 0.9, "evidence": ["ticket 4711"]},
    }


def _order_request(external_id: str, sku: str, quantity: int, *, score: float = 0.9) -> dict[str, Any]:
    return {
        "tenant_id": str(ACME),
        "tool_slug": "ORDERS__create",
        "arguments": {"sku": sku, "quantity": quantity},
        "connected_account_id": ACME_ORDERS,
        "external_id": external_id,
        "trust_context": {"score": score},
    }


def _posting_request(external_id: str, cents: int, *evidence: dict[str, str], score: float = 0.95) -> dict[str, Any]:
    return {
        "tenant_id": str(BOREALIS),
        "tool_slug": "LEDGER__post",
        "arguments": {"account": "4711", "cents": cents},
        "connected_account_id": BOREALIS_LEDGER,
        "external_id": external_id,
        "trust_context": {"score": score, "evidence": list(evidence)},
    }
