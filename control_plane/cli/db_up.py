"""`db up`: run the embedded server until a signal, and print the environment for programs that use it."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

from services.database.embedded import running, to_stderr
from services.database.migrated import migrated_database
from services.distribution import LOCAL_REST_EXTRA, require
from services.process import signals


async def up(data_dir: Path, *, rest_port: int | None) -> None:
    """Run the embedded server until SIGTERM or SIGINT, and with a `rest_port` also the data API.

    Prints the environment variables to stdout. Raises NotReady if a part does not start or ends early.
    """
    if rest_port is not None:
        require(LOCAL_REST_EXTRA)  # before the server starts
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    async with AsyncExitStack() as stack:
        with signals.blocking():
            cluster = stack.enter_context(running(data_dir))
            url = stack.enter_context(migrated_database(None, data_dir))
        environment = {"DATABASE_URL": url}
        if rest_port is not None:
            from services.database.rest import rest_stack  # noqa: PLC0415  # loads an HTTP client

            rest = await stack.enter_async_context(rest_stack(cluster.authenticator_url, data_dir, port=rest_port))
            environment |= {
                "SUPABASE_URL": rest.url,
                "SUPABASE_PUBLISHABLE_KEY": rest.keys.publishable,
                "SUPABASE_SECRET_KEY": rest.keys.secret,
                "SUPABASE_JWT_SECRET": rest.keys.jwt_secret,
            }
        print("\n".join(f"{name}={value}" for name, value in environment.items()), flush=True)
        to_stderr("ready; Ctrl-C stops it")
        with signals.stop_with(lambda: loop.call_soon_threadsafe(stop.set)):
            await stop.wait()
