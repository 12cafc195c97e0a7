"""Limit the parsing of long answers: parsing one takes milliseconds, in which nothing else runs."""

import asyncio

LONG_ANSWER_BYTES = 16 * 1024
"""Of answers longer than this, only one is parsed per turn of the event loop, so that many of them do not delay other
calls."""


class LongAnswers:
    """The order in which the long answers of one provider or server are parsed."""

    def __init__(self) -> None:
        self._lock = asyncio.Lock()

    async def wait_for_turn(self, size: int) -> None:
        """Wait until an answer of `size` bytes may be parsed. The caller parses it before it waits for anything."""
        if size > LONG_ANSWER_BYTES:
            async with self._lock:
                await asyncio.sleep(0)
