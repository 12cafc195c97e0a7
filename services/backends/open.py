"""Open a backend. Only this module knows which backends exist."""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import ExitStack, asynccontextmanager, contextmanager
from functools import lru_cache, partial
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson

from services.backends import Access, Backends
from services.backends.choice import Choice, EmbeddedDatabase, PostgresDatabase, SupabaseProject
from services.clock import Clock, utc_now
from services.errors import NotReady
from services.guardrails.remembered import RememberedPolicies
from services.process import signals
from services.tenants import TenantRole

CALLERS_KEPT = 1000
"""The services of at most this many users and agents are cached, because creating them takes a twentieth of the time of
a small request."""

# Imports stand inside functions, so that a backend that is not chosen adds nothing to the start-up time.


@asynccontextmanager
async def open_backends(choice: Choice) -> AsyncIterator[Backends]:
    """The services on the database that the settings choose.

    Raises NotReady when the database cannot be reached or is not migrated.
    """
    if isinstance(choice, SupabaseProject):
        async with supabase_backends(choice.url, choice.apikey, bearer=choice.bearer) as backends:
            yield backends
        return
    with _migrated_urls(choice) as (url, read_only_url):
        async with postgres_backends(url, read_only_url=read_only_url) as backends:
            yield backends


@asynccontextmanager
async def open_access(
    choice: Choice, *, pool_size: int = 8, sign: Callable[[Mapping[str, Any]], str] | None = None
) -> AsyncIterator[Access]:
    """The services for operators, and for each user and agent of a tenant with their own claims.

    `sign` makes a JWT of claims, for agents with API tokens over the Data API. Raises NotReady like `open_backends`.
    """
    if isinstance(choice, SupabaseProject):
        async with supabase_access(choice.url, choice.apikey, bearer=choice.bearer, sign=sign) as access:
            yield access
        return
    with _migrated_urls(choice) as (url, read_only_url):
        async with postgres_access(url, read_only_url=read_only_url, pool_size=pool_size) as access:
            yield access


@contextmanager
def _migrated_urls(choice: EmbeddedDatabase | PostgresDatabase) -> Iterator[tuple[str, str | None]]:
    """The URLs of the database and of its replica."""
    from services.database.connect import connect  # noqa: PLC0415
    from services.database.migrated import migrated_database  # noqa: PLC0415
    from services.database.sessions import require_session  # noqa: PLC0415

    match choice:
        case PostgresDatabase():
            database, read_only_url = migrated_database(choice.url, Path()), choice.read_only_url
        case EmbeddedDatabase():
            database, read_only_url = migrated_database(None, choice.data_dir), None
    with ExitStack() as stack:
        with signals.blocking():
            url = stack.enter_context(database)
            if read_only_url is not None:
                with connect(read_only_url) as replica:
                    require_session(replica, setting="DATABASE_URL_RO")
        yield url, read_only_url


@asynccontextmanager
async def memory_backends(*, clock: Clock = utc_now) -> AsyncIterator[Backends]:
    """The services on a new in-memory state. The state is private to this block and lost at its end."""
    from services.backends.memory.bundle import build_backends  # noqa: PLC0415
    from services.backends.memory.state import State  # noqa: PLC0415

    yield build_backends(State(clock))


@asynccontextmanager
async def postgres_backends(
    url: str, *, read_only_url: str | None = None, pool_size: int = 4, clock: Clock | None = None
) -> AsyncIterator[Backends]:
    """The services over direct connections. Calls that may use a replica go to `read_only_url` if it is set.

    `clock` replaces the clock of the database; only tests pass one. Raises NotReady when a database cannot be reached.
    """
    from services.backends.database.bundle import build_backends  # noqa: PLC0415
    from services.backends.database.transport.listener import Listener  # noqa: PLC0415
    from services.backends.database.transport.pool import postgres_functions  # noqa: PLC0415

    listener = Listener(url)
    async with postgres_functions(url, read_only_url=read_only_url, size=pool_size, clock=clock) as functions:
        try:
            yield build_backends("postgres", functions, listener)
        finally:
            await listener.close()


@asynccontextmanager
async def postgres_access(url: str, *, read_only_url: str | None = None, pool_size: int = 8) -> AsyncIterator[Access]:
    """`open_access` over direct connections, which all callers share."""
    from services.backends.database.bundle import build_backends  # noqa: PLC0415
    from services.backends.database.transport.listener import Listener  # noqa: PLC0415
    from services.backends.database.transport.pool import postgres_functions  # noqa: PLC0415
    from services.backends.database.transport.tenant import TenantFunctions  # noqa: PLC0415

    listener = Listener(url)
    for_people, for_agents = RememberedPolicies(), RememberedPolicies()
    async with postgres_functions(url, read_only_url=read_only_url, size=pool_size) as functions:

        @lru_cache(maxsize=CALLERS_KEPT)
        def of_caller(tenant: UUID, claims: str, door: str, *, is_agent: bool) -> Backends:
            remembered = for_agents if is_agent else for_people
            return build_backends("postgres", TenantFunctions(functions, tenant, claims, door), listener, remembered)

        def as_tenant(tenant: UUID, claims: Mapping[str, Any], door: str, _token: str | None) -> Backends:
            is_agent = claims.get("tenant_role") == TenantRole.AGENT
            return of_caller(tenant, orjson.dumps(claims).decode(), door, is_agent=is_agent)

        try:
            yield Access(operator=build_backends("postgres", functions, listener), as_tenant=as_tenant)
        finally:
            await listener.close()


@asynccontextmanager
async def supabase_backends(
    url: str, apikey: str, *, bearer: Callable[[], str] | None = None, clock: Clock | None = None
) -> AsyncIterator[Backends]:
    """The services over the Data API of a Supabase project. The first call connects.

    With `bearer`, calls run as the role that its JWTs name; without it, as the role of the key.
    """
    from services.backends.database.bundle import build_backends  # noqa: PLC0415
    from services.backends.database.transport.supabase import Poll, supabase_functions  # noqa: PLC0415

    async with supabase_functions(url, apikey, bearer=bearer, clock=clock) as functions:
        yield build_backends("supabase", functions, Poll())


@asynccontextmanager
async def supabase_access(
    url: str,
    apikey: str,
    *,
    bearer: Callable[[], str] | None = None,
    sign: Callable[[Mapping[str, Any]], str] | None = None,
    clock: Clock = utc_now,
) -> AsyncIterator[Access]:
    """`open_access` over the Data API. Calls of a user have the user's JWT, calls of an agent a JWT made by `sign`.

    `clock` determines when the made JWTs expire; only tests pass one.
    """
    from services.backends.database.bundle import build_backends  # noqa: PLC0415
    from services.backends.database.transport.signed_jwt import SignedJwt  # noqa: PLC0415
    from services.backends.database.transport.supabase import Poll, http_session, supabase_functions  # noqa: PLC0415
    from services.backends.database.transport.supabase_tenant import TenantRestFunctions  # noqa: PLC0415

    async with supabase_functions(url, apikey, bearer=bearer) as functions, http_session() as session:

        def as_tenant(tenant: UUID, claims: Mapping[str, Any], _door: str, token: str | None) -> Backends:
            find_jwt: Callable[[], str]
            if token is not None:
                find_jwt = partial(str, token)
            elif sign is not None:
                find_jwt = SignedJwt(claims, sign, clock)
            else:
                raise NotReady("API tokens over the Data API need SUPABASE_JWT_SECRET, or DATABASE_URL instead")
            return build_backends("supabase", TenantRestFunctions(session, url, apikey, tenant, find_jwt), Poll())

        yield Access(operator=build_backends("supabase", functions, Poll()), as_tenant=as_tenant)
