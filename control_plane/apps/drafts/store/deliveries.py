"""Read from the audit log whether approved replies were sent."""

from uuid import UUID

from services.backends.functions import Functions


async def wait(functions: Functions, tenant: UUID | None) -> bool:
    """Whether the audit log has rows that `follow` has not read yet."""
    return bool(await functions.call("drafts.settlements_wait", tenant=tenant))


async def follow(functions: Functions, tenant: UUID | None, *, max_rows: int = 1000) -> tuple[int, bool]:
    """Read the next audit rows of each tenant. Returns how many replies changed, and whether rows are left."""
    answer = await functions.call(
        "drafts.follow_settlements", max_rows=max_rows, tenant=tenant, as_of=functions.as_of()
    )
    return int(answer["settled"]), bool(answer["more"])
