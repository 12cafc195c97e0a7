"""Run in the folder of a release: one of its workers, over the database at the URL in the first argument.

Prints the id of each envelope whose tool it calls, one per line. Stops at the end of its input.
"""

import asyncio
import sys

from services.backends.open import postgres_backends
from services.process.logs import configure_logging
from services.tools import Outcome, Success, ToolCall
from tests.worker.world import World


def _play(call: ToolCall) -> Outcome:
    print(call.envelope_id, flush=True)
    return Success(result={"ok": True})


async def main() -> None:
    """Work until the input ends."""
    configure_logging()  # to stderr
    url = sys.argv[1]
    async with postgres_backends(url) as backends:
        world = World(backends, url)
        world.stage.play = _play
        worker = world.worker(worker_id="released")
        working = asyncio.create_task(worker.run())
        print("ready", flush=True)
        await asyncio.to_thread(sys.stdin.read)
        worker.stop()
        await working


asyncio.run(main())
