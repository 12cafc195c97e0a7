"""Requeue or discard several dead letters that a person has chosen, each independently of the others."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from services.backends import Backends
from services.envelope import Actor, Envelope, EnvelopeKey
from services.errors import InvalidInput, NotFound, StateConflict
from services.requeue import requeue_one


@dataclass(frozen=True, slots=True)
class Skipped:
    """A dead letter that was not changed."""

    key: EnvelopeKey
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """The result of a change of several dead letters."""

    changed: tuple[Envelope, ...]
    skipped: tuple[Skipped, ...]


async def requeue_each(backends: Backends, keys: Sequence[EnvelopeKey], *, actor: Actor) -> Changed:
    """Requeue these dead letters, also doubtful ones. Those that no longer exist or are past their deadline are
    skipped."""

    async def requeue_by_key(tenant: UUID, envelope: UUID) -> Envelope:
        return await requeue_one(backends, tenant, envelope, actor=actor)

    return await _change_each(keys, requeue_by_key)


async def discard_each(backends: Backends, keys: Sequence[EnvelopeKey], *, actor: Actor, reason: str) -> Changed:
    """End these dead letters as cancelled. Those that no longer exist are skipped. Raises InvalidInput without a
    reason."""
    if not reason.strip():
        raise InvalidInput("reason", "is required, so that people know later why the dead letters were discarded")

    async def discard_by_key(tenant: UUID, envelope: UUID) -> Envelope:
        return await backends.outbox.discard(tenant, envelope, actor=actor, reason=reason)

    return await _change_each(keys, discard_by_key)


async def _change_each(keys: Sequence[EnvelopeKey], change: Callable[[UUID, UUID], Awaitable[Envelope]]) -> Changed:
    changed: list[Envelope] = []
    skipped: list[Skipped] = []
    for key in keys:
        try:
            changed.append(await change(*key))
        except (NotFound, StateConflict) as error:
            problem = "it is no dead letter any more" if isinstance(error, NotFound) else str(error)
            skipped.append(Skipped(key, problem))
    return Changed(changed=tuple(changed), skipped=tuple(skipped))
