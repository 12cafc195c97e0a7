"""Which backend runs: the one place that knows."""

from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from services import signals
from services.accounts import Accounts
from services.approvals import Approvals
from services.audit_log import AuditLogger
from services.catalog import Catalog
from services.clock import Clock, utc_now
from services.database.choice import Choice, EmbeddedDatabase, PostgresDatabase, SupabaseProject
from services.database.functions import Functions, Wake
from services.evidence import EvidenceStore
from services.guardrails import Guardrails
from services.jobs import Jobs
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
    jobs: Jobs
    evidence: EvidenceStore


@asynccontextmanager
async def open_backends(choice: Choice) -> AsyncIterator[Backends]:
    """The services over the database that the settings chose.

    Raises NotReady when it is away or not migrated.
    """
    if isinstance(choice, SupabaseProject):
        async with supabase_backends(choice.url, choice.apikey, bearer=choice.bearer) as backends:
            yield backends
        return
    from services.database.connect import connect  # noqa: PLC0415
    from services.database.migrated import database  # noqa: PLC0415
    from services.database.sessions import require_session  # noqa: PLC0415

    match choice:
        case PostgresDatabase():
            opening, read_only_url = database(choice.url, Path()), choice.read_only_url
        case EmbeddedDatabase():
            opening, read_only_url = database(None, choice.data_dir), None
    with ExitStack() as opened:
        with signals.blocking():
            url = opened.enter_context(opening)
            if read_only_url is not None:
                with connect(read_only_url) as replica:
                    require_session(replica, setting="DATABASE_URL_RO")
        async with postgres_backends(url, read_only_url=read_only_url) as backends:
            yield backends


@asynccontextmanager
async def memory_backends(*, clock: Clock = utc_now) -> AsyncIterator[Backends]:
    """The services over one state in memory, which nobody else sees and which ends with it."""
    from services.accounts.memory import MemoryAccounts  # noqa: PLC0415  # a backend not chosen costs no start-up
    from services.approvals.memory import MemoryApprovals  # noqa: PLC0415
    from services.audit_log.memory import MemoryAuditLogger  # noqa: PLC0415
    from services.catalog.memory import MemoryCatalog  # noqa: PLC0415
    from services.evidence.memory import MemoryEvidence  # noqa: PLC0415
    from services.guardrails.memory import MemoryGuardrails  # noqa: PLC0415
    from services.jobs.memory import MemoryJobs  # noqa: PLC0415
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
        jobs=MemoryJobs(state),
        evidence=MemoryEvidence(state),
    )


@asynccontextmanager
async def postgres_backends(
    url: str, *, read_only_url: str | None = None, pool_size: int = 4, clock: Clock | None = None
) -> AsyncIterator[Backends]:
    """The services over direct connections; reports come from `read_only_url` where there is one.

    `clock` replaces the database's own clock; tests pass one. Raises NotReady when the database is away.
    """
    from services.database.listener import Listener  # noqa: PLC0415  # a backend not chosen costs no start-up
    from services.database.pool import open_pool  # noqa: PLC0415

    listener = Listener(url)
    async with open_pool(url, read_only_url=read_only_url, size=pool_size, clock=clock) as pool:
        try:
            yield _over("postgres", pool, listener)
        finally:
            await listener.close()


@asynccontextmanager
async def supabase_backends(
    url: str, apikey: str, *, bearer: Callable[[], str] | None = None, clock: Clock | None = None
) -> AsyncIterator[Backends]:
    """The services through a Supabase project's Data API. Connects at the first call.

    With `bearer`, as the role that its JWTs name, instead of the one the key stands for.
    """
    from services.database.supabase import Poll, supabase_functions  # noqa: PLC0415  # as above

    async with supabase_functions(url, apikey, bearer=bearer, clock=clock) as functions:
        yield _over("supabase", functions, Poll())


def _over(name: str, functions: Functions, wake: Wake) -> Backends:
    """Every service over one way of reaching the SQL functions."""
    from services.accounts.database import DatabaseAccounts  # noqa: PLC0415  # as above
    from services.approvals.database import DatabaseApprovals  # noqa: PLC0415
    from services.audit_log.database import DatabaseAuditLogger  # noqa: PLC0415
    from services.catalog.database import DatabaseCatalog  # noqa: PLC0415
    from services.evidence.database import DatabaseEvidence  # noqa: PLC0415
    from services.guardrails.database import DatabaseGuardrails  # noqa: PLC0415
    from services.jobs.database import DatabaseJobs  # noqa: PLC0415
    from services.objectives.database import DatabaseObjectives  # noqa: PLC0415
    from services.outbox.database import DatabaseOutbox  # noqa: PLC0415
    from services.tenants.database import DatabaseTenants  # noqa: PLC0415

    return Backends(
        name=name,
        outbox=DatabaseOutbox(functions, wake),
        audit_log=DatabaseAuditLogger(functions),
        catalog=DatabaseCatalog(functions),
        objectives=DatabaseObjectives(functions),
        guardrails=DatabaseGuardrails(functions),
        accounts=DatabaseAccounts(functions),
        approvals=DatabaseApprovals(functions),
        tenants=DatabaseTenants(functions),
        jobs=DatabaseJobs(functions),
        evidence=DatabaseEvidence(functions),
    )
