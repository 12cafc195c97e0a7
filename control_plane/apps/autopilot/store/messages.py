"""Store and read the messages of the three queues."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter

from control_plane.apps.autopilot.runs import Failure
from services.backends.functions import Functions
from services.envelope import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class Notification:
    """A message about an ingestion run or a cluster."""

    seq: int
    """The order in which the tenant's messages were stored."""
    queue: str
    subject_id: UUID
    """The run or the cluster."""
    payload: Mapping[str, Any]
    """The fields of the contract, and no others."""
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Notifications:
    """The newest message of each run and cluster since a position, and which messages are kept."""

    first: int
    """The `seq` of the oldest message that is kept; 0 without messages."""
    last: int
    items: Sequence[Notification]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedCounts:
    """How many messages were new, repeated, or became failures."""

    received: int = 0
    repeated: int = 0
    failed: int = 0


_COUNTS = TypeAdapter(ReceivedCounts)
_NOTIFICATIONS = TypeAdapter(Notifications)
_LIST = TypeAdapter(list[Notification])
_HEADS = TypeAdapter(dict[UUID, int])
_FAILURE = TypeAdapter(Failure)


async def receive_messages(
    functions: Functions, tenant: UUID, queue: str, rows: Sequence[Mapping[str, Any]], *, actor: Actor
) -> ReceivedCounts:
    """Record messages of a queue, each once. Raises NotFound for an unknown tenant."""
    counts = await functions.call(
        "autopilot.receive_messages", tenant=tenant, queue=queue, messages=[dict(row) for row in rows],
        actor_id=actor.id, door=actor.door, as_of=functions.as_of(),
    )  # fmt: skip
    return _COUNTS.validate_python(counts)


async def redrive_message(functions: Functions, failure: Failure, *, actor: Actor) -> Failure:
    """Process a message again, as a person asked for. If it is still wrong, the failure has the new reason."""
    row = await functions.call(
        "autopilot.redrive_message", tenant=failure.organization_id, failure=failure.id, actor_id=actor.id,
        door=actor.door, as_of=functions.as_of(),
    )  # fmt: skip
    return _FAILURE.validate_python(row)


async def read_messages(functions: Functions, tenant: UUID, *, after: int | None, limit: int = 100) -> Notifications:
    """The newest message of each run and cluster after the message with the number `after`. If `after` is None: only
    which messages are kept."""
    found = await functions.call("autopilot.read_messages", tenant=tenant, after=after, max_messages=limit)
    return _NOTIFICATIONS.validate_python(found)


async def list_messages(
    functions: Functions, tenant: UUID, *, limit: int, before: int | None = None
) -> list[Notification]:
    """The messages, the newest first."""
    found = await functions.call("autopilot.list_messages", tenant=tenant, max_messages=limit, before=before)
    return _LIST.validate_python(found)


async def message_heads(functions: Functions, tenants: Sequence[UUID]) -> dict[UUID, int]:
    """The `seq` of the newest message of each tenant that has any. For operators."""
    return _HEADS.validate_python(await functions.call("autopilot.message_heads", tenants=list(tenants)))
