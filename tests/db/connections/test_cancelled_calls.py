"""A call that is cancelled, such as by a client that leaves, leaves nothing of its tenant on its connection."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID, uuid4

import anyio
import asyncpg
import pytest

from services.backends import Access, Backends
from services.backends.open import postgres_access
from services.envelope import Actor, ActorType, Door
from services.pauses import PauseKind
from services.tenants import Tenant
from tests.builders import operator

OPERATOR = operator("tests")
USER = Actor(type=ActorType.USER, id="u", door=Door.API)
STATE = """
select current_user = session_user as is_operator, current_setting('request.jwt.claims', true) as claims,
  current_setting('app.door', true) as door, current_setting('statement_timeout') as statement_timeout
"""
STATEMENTS = ("begin", "become", "call", "commit")
"""Of a read under row-level security. A function of `tenant_api` is called in one statement."""


@pytest.fixture
async def access(database_url: str) -> AsyncIterator[Access]:
    """Over one connection, so that every call gets what the call before it left."""
    async with postgres_access(database_url, pool_size=1) as access:
        yield access


@contextmanager
def cancel_at(number: int, cancel: Callable[[], None], patched: pytest.MonkeyPatch) -> Iterator[None]:
    """Cancel while the n-th statement of this block, from 0, is on its way."""
    passed = 0

    def counting(inner: Any) -> Any:
        async def send(connection: Any, *arguments: Any, **options: Any) -> Any:
            nonlocal passed
            passed += 1
            if passed == number + 1:
                asyncio.get_running_loop().call_soon(cancel)
            return await inner(connection, *arguments, **options)

        return send

    with patched.context() as patch:
        for name in ("execute", "fetchval"):
            patch.setattr(asyncpg.Connection, name, counting(getattr(asyncpg.Connection, name)))
        yield


async def cancelled_by_scope(call: Callable[[], Any], number: int, patched: pytest.MonkeyPatch) -> bool:
    """As Starlette cancels a request whose client has left: every await is cancelled until the scope ends."""
    with anyio.CancelScope() as scope, cancel_at(number, scope.cancel, patched):
        await call()
    return scope.cancelled_caught


async def cancelled_as_task(call: Callable[[], Any], number: int, patched: pytest.MonkeyPatch) -> bool:
    """As a task group cancels its tasks: once."""

    async def run() -> None:
        task = asyncio.current_task()
        assert task is not None
        with cancel_at(number, task.cancel, patched):  # type: ignore[arg-type]
            await call()

    task = asyncio.ensure_future(run())
    with contextlib.suppress(asyncio.CancelledError):
        await task
    return task.cancelled()


@pytest.mark.parametrize("how", [cancelled_by_scope, cancelled_as_task])
async def test_a_cancelled_call_leaves_a_clean_connection_and_no_line_in_the_log(
    access: Access, how: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    complaints: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context))
    tenants = [await a_tenant(access) for _ in range(2)]
    cancelled = 0
    for tenant, other in (tenants, tenants[::-1]):
        for number in range(len(STATEMENTS)):
            for call in (own_tenants(access, tenant), start_pause(access, tenant, f"x{number}")):
                cancelled += await how(call, number, monkeypatch)

                async with asyncio.timeout(20):
                    assert await state_of_connection(access) == (False, True, None, None, "0")
                    assert [row.id for row in await as_owner(access, other).tenants.list_tenants()] == [other]
                    assert len(await access.operator.tenants.list_tenants()) == 2

    assert cancelled == 2 * (len(STATEMENTS) + 1)
    assert complaints == []
    assert caplog.records == []


def as_owner(access: Access, tenant: UUID) -> Backends:
    claims = {"tenant_id": str(tenant), "sub": "u", "role": "authenticated", "tenant_role": "owner"}
    return access.as_tenant(tenant, claims, Door.API, None)


def own_tenants(access: Access, tenant: UUID) -> Callable[[], Any]:
    return as_owner(access, tenant).tenants.list_tenants


def start_pause(access: Access, tenant: UUID, tool: str) -> Callable[[], Any]:
    return lambda: as_owner(access, tenant).pauses.start(
        tenant, PauseKind.TOOL, tool, reason="r", ends_at=None, actor=USER
    )


async def a_tenant(access: Access) -> UUID:
    tenant = uuid4()
    await access.operator.tenants.save(Tenant(id=tenant, name=str(tenant)), actor=OPERATOR)
    return tenant


async def state_of_connection(access: Access) -> tuple[Any, ...]:
    """What the next call would find on the one connection of the pool."""
    pool = access.operator.outbox._functions._primary  # type: ignore[attr-defined]  # noqa: SLF001
    async with pool.acquire() as connection:
        in_transaction = connection.is_in_transaction()
        row = await connection.fetchrow(STATE)
    return in_transaction, *(None if value == "" else value for value in row)
