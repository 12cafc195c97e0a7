"""Export and erase what drafts stores about one customer."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from services.backends.functions import Functions, by
from services.envelope import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """The record of an erasure. `customer_sha256` is the hash of tenant and address; `counts` says what was erased."""

    id: UUID
    customer_sha256: str
    counts: dict[str, int]
    erased_by: str
    erased_at: datetime


async def export_customer(functions: Functions, tenant: UUID, customer: str, *, actor: Actor) -> list[dict[str, Any]]:
    """Everything that is stored about the customer with this e-mail address, as rows, one conversation after the
    other."""
    return await _read_pages(functions, "drafts.export_customer", tenant, customer, actor)


async def export_events(functions: Functions, tenant: UUID, customer: str, *, actor: Actor) -> list[dict[str, Any]]:
    """The events of inbound webhooks that name this e-mail address, as rows."""
    return await _read_pages(functions, "drafts.export_events", tenant, customer, actor)


async def _read_pages(
    functions: Functions, name: str, tenant: UUID, customer: str, actor: Actor
) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    after = None
    while page := await functions.call(name, customer=customer, after=after, tenant=tenant, **by(actor)):
        rows += page
        after = UUID(page[-1]["id"])
    return rows


async def erase_customer(functions: Functions, tenant: UUID, customer: str, *, actor: Actor) -> Erasure:
    """Erase the customer with this e-mail address everywhere.

    Raises NotFound if nothing is stored about them, and StateConflict, with nothing erased, while one of their replies
    is being sent, or while it is unknown whether it was sent.
    """
    row = await functions.call(
        "drafts.erase_customer", customer=customer, tenant=tenant, **by(actor), as_of=functions.as_of()
    )
    return Erasure(
        id=UUID(row["id"]), customer_sha256=row["customer_sha256"], counts=row["counts"], erased_by=row["erased_by"],
        erased_at=datetime.fromisoformat(row["erased_at"]),
    )  # fmt: skip
