"""What the demo's agents propose, and what must become of it."""

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

MCP = "success by MCP"
WEBHOOK = "success by webhook"
RETRIED = "retried, then success"
APPROVAL = "awaiting approval"
QUIET = "held by quiet hours"
DEAD = "dead letter"
ENDINGS = (MCP, WEBHOOK, RETRIED, QUIET, APPROVAL, DEAD)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """One envelope, and the ending the guardrails and tools must give it."""

    ending: str
    request: dict[str, Any]


def daytime(run: str, evidence: dict[str, str]) -> Iterator[Scene]:
    """Proposed while nobody's quiet hours hold; Borealis asks for `evidence`."""
    for number, zone in enumerate(("Europe/Berlin", "America/New_York", "Asia/Tokyo")):
        yield Scene(ending=MCP, request=_clock(ACME, f"{run}-clock-{number}", zone))
    for number in range(5):
        yield Scene(ending=WEBHOOK, request=_order(f"{run}-order-{number}", f"bolt-m{number + 3}", 100 + number))
    for number in range(2):
        yield Scene(ending=RETRIED, request=_order(f"{run}-busy-{number}", f"busy-nut-{number}", 7))
    yield Scene(ending=APPROVAL, request=_order(f"{run}-odd", "gold-plated-bolt", 9000, score=0.2))
    yield Scene(ending=DEAD, request=_order(f"{run}-wrong", "no-such-sku", 1))

    yield Scene(ending=MCP, request=_clock(BOREALIS, f"{run}-clock", "Europe/Zurich"))
    for number in range(2):
        yield Scene(ending=WEBHOOK, request=_posting(f"{run}-posting-{number}", 1250 + number, evidence))
    yield Scene(ending=APPROVAL, request=_posting(f"{run}-big", 9_900_000, evidence, score=0.4))
    yield Scene(ending=DEAD, request=_posting(f"{run}-hearsay", 1))
    yield Scene(ending=DEAD, request=_posting(f"{run}-forged", 1, {**evidence, "sha256": "0" * 64}))


def nightfall(run: str, evidence: dict[str, str]) -> Iterator[Scene]:
    """Proposed after Borealis's quiet hours have begun."""
    for number in range(3):
        yield Scene(ending=QUIET, request=_posting(f"{run}-night-{number}", 77 + number, evidence))


def quiet_hours(now: datetime, *, begin: timedelta) -> dict[str, Any]:
    """A window of six hours that begins this long from now, on Berlin's clocks."""
    start = (now + begin).astimezone(ZoneInfo(ZONE))
    end = start + timedelta(hours=6)
    return {"time_zone": ZONE, "windows": [{"start": f"{start:%H:%M}", "end": f"{end:%H:%M}"}]}


def _clock(tenant: UUID, external_id: str, zone: str) -> dict[str, Any]:
    return {
        "tenant_id": str(tenant),
        "tool_slug": "TIME__get_current_time",
        "arguments": {"timezone": zone},
        "external_id": external_id,
        "trust_context": {"score": 0.9, "evidence": ["ticket 4711"]},
    }


def _order(external_id: str, sku: str, quantity: int, *, score: float = 0.9) -> dict[str, Any]:
    return {
        "tenant_id": str(ACME),
        "tool_slug": "ORDERS__create",
        "arguments": {"sku": sku, "quantity": quantity},
        "connected_account_id": ACME_ORDERS,
        "external_id": external_id,
        "trust_context": {"score": score},
    }


def _posting(external_id: str, cents: int, *evidence: dict[str, str], score: float = 0.95) -> dict[str, Any]:
    return {
        "tenant_id": str(BOREALIS),
        "tool_slug": "LEDGER__post",
        "arguments": {"account": "4711", "cents": cents},
        "connected_account_id": BOREALIS_LEDGER,
        "external_id": external_id,
        "trust_context": {"score": score, "evidence": list(evidence)},
    }
