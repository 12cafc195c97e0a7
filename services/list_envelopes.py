"""List envelopes by status: those of the outbox, or dead letters."""

from uuid import UUID

from services.backends import Backends
from services.envelope import DEAD, Envelope, Status


async def list_envelopes(
    backends: Backends, tenant: UUID | None, *, status: Status | None, limit: int
) -> list[Envelope]:
    """The newest envelopes of the outbox; of dead letters the oldest, which are requeued first.

    Raises NotFound for an unknown tenant.
    """
    if tenant is not None:
        await backends.tenants.get(tenant)
    if status in DEAD:
        return await backends.outbox.list_dead_letters(tenant, limit=limit, status=status)
    return await backends.outbox.list_envelopes(tenant, status=status, limit=limit)
