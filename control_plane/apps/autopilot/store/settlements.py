"""Read from the audit log what became of the envelopes of autopilot."""

from uuid import UUID

from services.backends.functions import Functions


async def wait(functions: Functions, tenant: UUID | None) -> bool:
    """Whether the audit log has rows that `follow` has not read yet."""
    return bool(await functions.call("autopilot.settlements_wait", tenant=tenant))


async def follow(functions: Functions, tenant: UUID | None, *, max_rows: int = 1000) -> tuple[int, bool]:
    """Read the next audit rows of each tenant. Returns how many rows of autopilot changed, and whether audit rows are
    left."""
    answer = await functions.call(
        "autopilot.follow_settlements", max_rows=max_rows, tenant=tenant, as_of=functions.as_of()
    )
    return int(answer["settled"]), bool(answer["more"])
