"""List envelopes by status: those of the outbox, or dead letters."""

from uuid import UUID

from services.backends import Backends
from services.envelope import DEAD_STATUSES, Envelope, Status
from services.errors import InvalidInput
from services.outbox import PageEnd


async def list_envelopes(
    backends: Backends,
    tenant: UUID | None,
    *,
    status: Status | None,
    limit: int,
    after: PageEnd | None = None,
    tool_slug: str | None = None,
    external_id: str | None = None,
) -> list[Envelope]:
    """The newest envelopes of the outbox or, with a status of dead letters, the oldest, which are requeued first.

    `after` is what `page_end` returns for the last envelope of a page. Raises NotFound for an unknown tenant.
    """
    if tenant is not None:
        await backends.tenants.get(tenant)
    if status in DEAD_STATUSES:
        return await backends.outbox.list_dead_letters(
            tenant, limit=limit, status=status, after=after, tool_slug=tool_slug
        )
    return await backends.outbox.list_envelopes(
        tenant, status=status, limit=limit, after=after, tool_slug=tool_slug, external_id=external_id
    )


async def list_dead_letters(
    backends: Backends,
    tenant: UUID | None,
    *,
    status: Status | None,
    limit: int,
    after: PageEnd | None = None,
    tool_slug: str | None = None,
) -> list[Envelope]:
    """The oldest dead letters. Raises NotFound for an unknown tenant, InvalidInput for another status."""
    if status is not None and status not in DEAD_STATUSES:
        raise InvalidInput("status", f"must be one of {', '.join(sorted(DEAD_STATUSES))}")
    if tenant is not None:
        await backends.tenants.get(tenant)
    return await backends.outbox.list_dead_letters(tenant, limit=limit, status=status, after=after, tool_slug=tool_slug)


def page_end(envelope: Envelope) -> PageEnd:
    """The cursor after this envelope: the next page begins there."""
    return envelope.moved_at or envelope.created_at, envelope.id
