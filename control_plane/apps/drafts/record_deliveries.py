"""Record from the audit log whether approved replies were sent."""

from uuid import UUID

from control_plane.apps.drafts.store import deliveries, functions_of
from services.backends import Backends


async def record_deliveries(backends: Backends, *, tenant: UUID | None = None) -> int:
    """Read the audit log to its end. Returns how many replies changed their delivery state. Raises NotReady."""
    functions, changed, more = functions_of(backends), 0, True
    while more:
        settled, more = await deliveries.follow(functions, tenant)
        changed += settled
    return changed
