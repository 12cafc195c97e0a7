"""Long answers that come together: other calls run in between."""

import asyncio

import pytest

from services.tools.long_answers import LONG_ANSWER_BYTES, LongAnswers
from services.tools.mcp.client import open_client
from services.tools.mcp.http_messages import HttpMessages
from services.tools.mcp.wire import FIRST_CALL_ID, Exchange


async def test_a_short_answer_never_waits() -> None:
    with pytest.raises(StopIteration):
        LongAnswers().wait_for_turn(LONG_ANSWER_BYTES).send(None)


async def test_of_many_long_mcp_answers_one_is_parsed_per_turn_of_the_event_loop() -> None:
    turns, parsed_at = 0, list[int]()
    answer = b'{"jsonrpc":"2.0","id":%d,"result":{"text":"%s"}}' % (FIRST_CALL_ID, b"x" * LONG_ANSWER_BYTES)
    async with open_client("http://127.0.0.1") as client:
        messages = HttpMessages(client, {}, on_message=lambda _: None)

        async def find_answer() -> None:
            assert await messages._find_answer(FIRST_CALL_ID, answer, Exchange())  # noqa: SLF001
            parsed_at.append(turns)

        calls = asyncio.gather(*(find_answer() for _ in range(10)))
        while not calls.done():
            turns += 1
            await asyncio.sleep(0)
    assert len(set(parsed_at)) == 10
