"""List envelopes: those of the outbox, or dead letters."""

import time
from datetime import timedelta
from uuid import UUID

from services.backends import Backends
from services.envelope import DEAD_STATUSES, Envelope, Status
from services.errors import InvalidInput
from services.outbox import PageEnd
from services.outbox.lists import EnvelopeFilter, FoundEnvelopes


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
    """The newest envelopes of the outbox. With status `failed` or `denied`: the oldest dead letters.

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


async def search_envelopes(
    backends: Backends, tenant: UUID | None, wanted: EnvelopeFilter, *, limit: int, after: PageEnd | None = None,
    external_id: str | None = None,
) -> FoundEnvelopes:  # fmt: skip
    """The newest envelopes of the outbox that meet these conditions, or the oldest dead letters with this status.

    One call reads only a few thousand envelopes; the next call goes on after `searched_to`. Raises NotFound for an
    unknown tenant, InvalidInput for conditions by which dead letters cannot be listed.
    """
    plain = EnvelopeFilter(status=wanted.status, tool_slug=wanted.tool_slug)
    if wanted.status in DEAD_STATUSES and wanted != plain:
        raise InvalidInput(
            "status", f"{wanted.status} is a status of dead letters, so it can be combined with tool_slug only"
        )
    if wanted.status in DEAD_STATUSES or external_id is not None or wanted == EnvelopeFilter():
        rows = await list_envelopes(
            backends, tenant, status=wanted.status, limit=limit, after=after, tool_slug=wanted.tool_slug,
            external_id=external_id,
        )  # fmt: skip
        return FoundEnvelopes(envelopes=[each for each in rows if wanted.is_met_by(each)], searched_to=None)
    if tenant is not None:
        await backends.tenants.get(tenant)
    return await backends.outbox.search(tenant, wanted, limit=limit, after=after)


async def list_dead_letters(
    backends: Backends,
    tenant: UUID | None,
    *,
    status: Status | None,
    limit: int,
    after: PageEnd | None = None,
    tool_slug: str | None = None,
    cause: str | None = None,
) -> list[Envelope]:
    """The oldest dead letters. Raises NotFound for an unknown tenant, InvalidInput for another status."""
    if status is not None and status not in DEAD_STATUSES:
        raise InvalidInput("status", f"must be one of {', '.join(sorted(DEAD_STATUSES))}")
    if tenant is not None:
        await backends.tenants.get(tenant)
    return await backends.outbox.list_dead_letters(
        tenant, limit=limit, status=status, after=after, tool_slug=tool_slug, cause=cause
    )


def page_end(envelope: Envelope) -> PageEnd:
    """The cursor after this envelope: the next page begins there."""
    return envelope.moved_at or envelope.created_at, envelope.id


async def search_within(
    backends: Backends, tenant: UUID | None, wanted: EnvelopeFilter, *, limit: int, after: PageEnd | None,
    within: timedelta,
) -> FoundEnvelopes:  # fmt: skip
    """Same as `search_envelopes`, but goes on until it has found enough, has read all, or this time has passed."""
    ends_at = time.monotonic() + within.total_seconds()
    found = await search_envelopes(backends, tenant, wanted, limit=limit, after=after)
    envelopes = found.envelopes
    while found.searched_to is not None and len(envelopes) < limit and time.monotonic() < ends_at:
        found = await search_envelopes(backends, tenant, wanted, limit=limit - len(envelopes), after=found.searched_to)
        envelopes = [*envelopes, *found.envelopes]
    return FoundEnvelopes(envelopes=envelopes, searched_to=found.searched_to if len(envelopes) < limit else None)
