"""Which backend runs: the one place that knows."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from services.accounts import Accounts
from services.approvals import Approvals
from services.audit_log import AuditLogger
from services.catalog import Catalog
from services.clock import Clock, utc_now
from services.guardrails import Guardrails
from services.objectives import Objectives
from services.outbox import Outbox
from services.tenants import Tenants


@dataclass(frozen=True, slots=True, kw_only=True)
class Backends:
    """Every service, by the same backend."""

    name: str
    outbox: Outbox
    audit_log: AuditLogger
    catalog: Catalog
    objectives: Objectives
    guardrails: Guardrails
    accounts: Accounts
    approvals: Approvals
    tenants: Tenants


@asynccontextmanager
async def open_backends(database_url: str | None, data_dir: Path, *, pool_size: int = 4) -> AsyncIterator[Backends]:
    """The services over the database these settings choose: the one given, or else the embedded one in `data_dir`.

    Raises NotReady when the database is away or not migrated.
    """
    from services.database import database  # noqa: PLC0415

    with database(database_url, data_dir) as url:
        async with postgres_backends(url, pool_size=pool_size) as backends:
            yield backends


@asynccontextmanager
async def memory_backends(*, clock: Clock = utc_now) -> AsyncIterator[Backends]:
    """The services over one state in memory, which nobody else sees and which ends with it."""
    from services.accounts.memory import MemoryAccounts  # noqa: PLC0415  # a backend not chosen costs no start-up
    from services.approvals.memory import MemoryApprovals  # noqa: PLC0415
    from services.audit_log.memory import MemoryAuditLogger  # noqa: PLC0415
    from services.catalog.memory import MemoryCatalog  # noqa: PLC0415
    from services.guardrails.memory import MemoryGuardrails  # noqa: PLC0415
    from services.memory.state import State  # noqa: PLC0415
    from services.objectives.memory import MemoryObjectives  # noqa: PLC0415
    from services.outbox.memory import MemoryOutbox  # noqa: PLC0415
    from services.tenants.memory import MemoryTenants  # noqa: PLC0415

    state = State(clock)
    yield Backends(
        name="memory",
        outbox=MemoryOutbox(state),
        audit_log=MemoryAuditLogger(state),
        catalog=MemoryCatalog(state),
        objectives=MemoryObjectives(state),
        guardrails=MemoryGuardrails(state),
        accounts=MemoryAccounts(state),
        approvals=MemoryApprovals(state),
        tenants=MemoryTenants(state),
    )


@asynccontextmanager
async def postgres_backends(url: str, *, pool_size: int = 4, clock: Clock | None = None) -> AsyncIterator[Backends]:
    """The services over a direct connection. Raises NotReady when the database is away.

    `clock` replaces the database's own clock; tests pass one.
    """
    from services.accounts.postgres import PostgresAccounts  # noqa: PLC0415  # a backend not chosen costs no start-up
    from services.approvals.postgres import PostgresApprovals  # noqa: PLC0415
    from services.audit_log.postgres import PostgresAuditLogger  # noqa: PLC0415
    from services.catalog.postgres import PostgresCatalog  # noqa: PLC0415
    from services.database.listener import Listener  # noqa: PLC0415
    from services.database.pool import open_pool  # noqa: PLC0415
    from services.guardrails.postgres import PostgresGuardrails  # noqa: PLC0415
    from services.objectives.postgres import PostgresObjectives  # noqa: PLC0415
    from services.outbox.postgres import PostgresOutbox  # noqa: PLC0415
    from services.tenants.postgres import PostgresTenants  # noqa: PLC0415

    listener = Listener(url)
    async with open_pool(url, size=pool_size, clock=clock) as pool:
        try:
            yield Backends(
                name="postgres",
                outbox=PostgresOutbox(pool, listener),
                audit_log=PostgresAuditLogger(pool),
                catalog=PostgresCatalog(pool),
                objectives=PostgresObjectives(pool),
                guardrails=PostgresGuardrails(pool),
                accounts=PostgresAccounts(pool),
                approvals=PostgresApprovals(pool),
                tenants=PostgresTenants(pool),
            )
        finally:
            await listener.close()
