"""Record what became of approved replies, from the audit log."""

from uuid import UUID

from control_plane.apps.drafts.store import deliveries, functions_of
from services.backends import Backends


async def record_deliveries(backends: Backends, *, tenant: UUID | None = None) -> int:
    """Follow the audit log to its end. Returns how many replies changed. Raises NotReady."""
    functions, changed, more = functions_of(backends), 0, True
    while more:
        settled, more = await deliveries.follow(functions, tenant)
        changed += settled
    return changed
