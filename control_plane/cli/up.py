"""What `db up` does: run the embedded server until a signal, and say how to reach it."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

from services.database.embedded import running, to_stderr
from services.database.migrated import migrated_database
from services.distribution import LOCAL_REST, require
from services.process import signals


async def up(data_dir: Path, *, rest_port: int | None) -> None:
    """Serve until SIGTERM or SIGINT; with a port, PostgREST too. The environment to use it by goes to stdout.

    Raises NotReady when a part does not start, or ends by itself.
    """
    if rest_port is not None:
        require(LOCAL_REST)  # before a server is started
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    async with AsyncExitStack() as parts:
        with signals.blocking():
            cluster = parts.enter_context(running(data_dir))
            url = parts.enter_context(migrated_database(None, data_dir))  # migrated
        environment = {"DATABASE_URL": url}
        if rest_port is not None:
            from services.database.rest import rest_stack  # noqa: PLC0415  # brings an HTTP client

            stack = await parts.enter_async_context(rest_stack(cluster.authenticator_url, data_dir, port=rest_port))
            environment |= {
                "SUPABASE_URL": stack.url,
                "SUPABASE_PUBLISHABLE_KEY": stack.keys.publishable,
                "SUPABASE_SECRET_KEY": stack.keys.secret,
                "SUPABASE_JWT_SECRET": stack.keys.jwt_secret,
            }
        print("\n".join(f"{name}={value}" for name, value in environment.items()), flush=True)
        to_stderr("ready; Ctrl-C stops it")
        with signals.stop_with(lambda: loop.call_soon_threadsafe(stop.set)):
            await stop.wait()
