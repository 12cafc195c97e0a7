"""Programs that tests run as child processes."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from subprocess import DEVNULL, PIPE

from tests.docs.pages import ROOT


@asynccontextmanager
async def child(*command: str, env: Mapping[str, str], stdout: int = PIPE) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run a program in the checkout, without stdin; killed at the end if it still runs."""
    process = await asyncio.create_subprocess_exec(
        *command, cwd=ROOT, env=env, stdin=DEVNULL, stdout=stdout, stderr=PIPE
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
