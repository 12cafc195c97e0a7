"""Requeue dead letters: all that are not doubtful, or one that a person names, also with other arguments."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from services.backends import Backends
from services.check_arguments import check_arguments
from services.envelope import DEAD_STATUSES, Actor, Envelope
from services.errors import NotFound
from services.show_envelopes import find_tools_of, restore_shown, show_arguments, tool_key

BATCH_SIZE = 500
"""Dead letters requeued in one transaction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequeueResult:
    """The dead letters that were requeued or, in a preview, would be requeued."""

    envelopes: tuple[Envelope, ...]
    doubtful: int
    """How many dead letters were not requeued because they are doubtful; each of them must be named."""


async def requeue(
    backends: Backends, tenant: UUID | None, *, limit: int | None, actor: Actor, progress: Callable[[int], None]
) -> RequeueResult:
    """Requeue up to `limit` dead letters, oldest first, in batches. `progress` gets the count after each batch.

    An envelope that becomes a dead letter again during this call is not requeued a second time. Raises NotFound for an
    unknown tenant.
    """
    total, doubtful = await _count_dead_letters(backends, tenant)
    count = total - doubtful if limit is None else min(limit, total - doubtful)
    requeued: list[Envelope] = []
    while len(requeued) < count:
        batch = await backends.outbox.requeue(
            tenant=tenant, envelopes=None, limit=min(BATCH_SIZE, count - len(requeued)), actor=actor
        )
        if not batch:
            break
        requeued += batch
        if len(requeued) < count:
            progress(len(requeued))
    return RequeueResult(envelopes=tuple(requeued), doubtful=doubtful)


async def preview_requeue(backends: Backends, tenant: UUID | None, *, limit: int | None) -> RequeueResult:
    """The dead letters that `requeue` would requeue. Raises NotFound for an unknown tenant."""
    total, doubtful = await _count_dead_letters(backends, tenant)
    count = total - doubtful if limit is None else min(limit, total - doubtful)
    envelopes = await backends.outbox.list_requeueable(tenant, limit=count)
    return RequeueResult(envelopes=tuple(envelopes), doubtful=doubtful)


async def requeue_one(backends: Backends, tenant: UUID, envelope: UUID, *, actor: Actor) -> Envelope:
    """Requeue the dead letter that a person names, even if it is doubtful.

    Raises NotFound, also for a dead letter of another tenant, and StateConflict if its deadline has passed.
    """
    requeued = await backends.outbox.requeue(tenant=tenant, envelopes=[envelope], limit=1, actor=actor)
    if not requeued:
        raise NotFound("dead letter", envelope, f"tenant {tenant} has no dead letter {envelope}", field="envelope")
    return requeued[0]


async def requeue_edited(
    backends: Backends, tenant: UUID, envelope: UUID, arguments: Mapping[str, Any], *, actor: Actor,
    reason: str | None,
) -> Envelope:  # fmt: skip
    """Requeue the dead letter that a person names, with these arguments. They are checked like those of a proposal.

    A redacted value that is left as shown keeps its content. The worker judges the call again, and an earlier
    approval does not hold for it. Raises NotFound, StateConflict if its deadline has passed, InvalidInput with every
    problem of the arguments.
    """
    dead = await backends.outbox.get(tenant, envelope)
    full_arguments = await check_edit(backends, dead, arguments)
    return await backends.outbox.requeue_edited(tenant, envelope, arguments=full_arguments, actor=actor, reason=reason)


async def check_edit(backends: Backends, dead: Envelope, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    """The arguments that a person wants: `arguments`, edited from the redacted ones, with the redacted values restored.

    Raises NotFound if there is no such dead letter or tool, InvalidInput with every problem of the arguments.
    """
    if dead.status not in DEAD_STATUSES:
        raise NotFound(
            "dead letter", dead.id, f"tenant {dead.tenant_id} has no dead letter {dead.id}", field="envelope"
        )
    tool = (await find_tools_of(backends, [dead])).get(tool_key(dead))
    if tool is None:
        problem = f"{dead.tool_slug!r} is not in this tenant's catalog, so its arguments cannot be checked"
        raise NotFound("tool", dead.tool_slug, problem, field="tool_slug")
    full_arguments: Mapping[str, Any] = restore_shown(arguments, show_arguments(dead.arguments, tool), dead.arguments)
    check_arguments(tool, full_arguments)
    return full_arguments


async def _count_dead_letters(backends: Backends, tenant: UUID | None) -> tuple[int, int]:
    """How many dead letters there are, and how many of them are doubtful."""
    statuses = await backends.outbox.status(tenant)
    return sum(status.dlq for status in statuses), sum(status.doubtful for status in statuses)
