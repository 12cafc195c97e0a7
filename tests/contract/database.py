"""A database to compare with the memory backend, and everything that callers can see of a backend."""

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import psycopg

from services.approvals import Approval
from services.backends import Backends
from services.errors import ControlPlaneError
from services.outbox import Lease
from tests.builders import MINUTE
from tests.clock import FakeClock
from tests.contract.model import TENANTS

T = TypeVar("T")


@dataclass(frozen=True)
class Database:
    """The database that all examples share. Each example empties it first."""

    loop: asyncio.AbstractEventLoop
    clock: FakeClock
    backends: Backends
    admin: psycopg.Connection


async def answer(work: Awaitable[T]) -> "T | type[ControlPlaneError]":
    try:
        return await work
    except ControlPlaneError as error:
        return type(error)


def expected(answer: "T | type[ControlPlaneError]") -> T:
    """The answer, which must not be an error."""
    assert not isinstance(answer, type), answer
    return answer


async def heartbeat(worker: str, backends: Backends) -> frozenset[Lease]:
    return await backends.outbox.heartbeat(worker, lease_for=MINUTE)


async def visible(backends: Backends) -> tuple[Any, ...]:
    """Everything that can be read. The newest hash of a chain covers all rows before it."""
    return (
        await backends.outbox.list_envelopes(None, status=None, limit=1000),
        await backends.outbox.list_dead_letters(None, limit=1000),
        [await backends.audit_log.tail(tenant, limit=8) for tenant in TENANTS],
        await backends.outbox.status(),
        await backends.outbox.due_in(),
        await open_approvals(backends),
    )


async def open_approvals(backends: Backends) -> list[Approval]:
    """Without the ids, which differ between backends."""
    found = [replace(approval, id=approval.envelope.id) for approval in await backends.approvals.list_open()]
    return sorted(found, key=lambda approval: (approval.requested_at, approval.id))
