"""Which backend runs: the one place that knows."""

from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path

from services.backends import Backends
from services.backends.choice import Choice, EmbeddedDatabase, PostgresDatabase, SupabaseProject
from services.clock import Clock, utc_now
from services.process import signals

# Imports inside functions: a backend that was not chosen costs no start-up.


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
    from services.backends.memory.bundle import over_state  # noqa: PLC0415
    from services.backends.memory.state import State  # noqa: PLC0415

    yield over_state(State(clock))


@asynccontextmanager
async def postgres_backends(
    url: str, *, read_only_url: str | None = None, pool_size: int = 4, clock: Clock | None = None
) -> AsyncIterator[Backends]:
    """The services over direct connections; reports come from `read_only_url` where there is one.

    `clock` replaces the database's own clock; tests pass one. Raises NotReady when the database is away.
    """
    from services.backends.database.bundle import over_functions  # noqa: PLC0415
    from services.backends.database.transport.listener import Listener  # noqa: PLC0415
    from services.backends.database.transport.pool import open_pool  # noqa: PLC0415

    listener = Listener(url)
    async with open_pool(url, read_only_url=read_only_url, size=pool_size, clock=clock) as pool:
        try:
            yield over_functions("postgres", pool, listener)
        finally:
            await listener.close()


@asynccontextmanager
async def supabase_backends(
    url: str, apikey: str, *, bearer: Callable[[], str] | None = None, clock: Clock | None = None
) -> AsyncIterator[Backends]:
    """The services through a Supabase project's Data API. Connects at the first call.

    With `bearer`, as the role that its JWTs name, instead of the one the key stands for.
    """
    from services.backends.database.bundle import over_functions  # noqa: PLC0415
    from services.backends.database.transport.supabase import Poll, supabase_functions  # noqa: PLC0415

    async with supabase_functions(url, apikey, bearer=bearer, clock=clock) as functions:
        yield over_functions("supabase", functions, Poll())
