"""Read the answers of an MCP server over HTTP, as one body or as a stream of events (SSE), up to a limit."""

from collections.abc import AsyncIterator

import aiohttp

from services.tools.mcp import wire as mcp_wire

RESUME_AFTER = 1.0
"""Seconds before an ended stream is resumed, unless the server sends `retry`."""


class AnswerTooLong(Exception):
    """An event or a line is longer than MAX_MESSAGE_BYTES."""


class StreamPosition:
    """Where to resume a stream of events, and after how many seconds."""

    last_id: str | None = None
    retry_after = RESUME_AFTER


async def read_events(response: aiohttp.ClientResponse, position: StreamPosition) -> AsyncIterator[bytes]:
    """The data of each event; keeps `position` up to date. Raises AnswerTooLong."""
    data: list[bytes] = []
    size = 0
    async for line in _lines(response):
        field, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        size += len(line)
        if size > mcp_wire.MAX_MESSAGE_BYTES:
            raise AnswerTooLong
        if not line:
            if data:
                yield b"\n".join(data)
            data, size = [], 0
        elif field == b"data":
            data.append(value)
        elif field == b"id" and b"\0" not in value:
            position.last_id = value.decode(errors="replace")
        elif field == b"retry" and value.isdigit():
            position.retry_after = min(max(int(value[:9]) / 1000, 0.1), 60.0)


async def _lines(response: aiohttp.ClientResponse) -> AsyncIterator[bytes]:
    rest = bytearray()
    async for chunk in response.content.iter_any():
        *ends, last = chunk.split(b"\n")
        for end in ends:
            line = bytes(rest) + end
            rest.clear()
            yield line.removesuffix(b"\r")
        rest += last
        if len(rest) > mcp_wire.MAX_MESSAGE_BYTES:
            raise AnswerTooLong


async def read_body(response: aiohttp.ClientResponse, max_bytes: int) -> bytes | None:
    """The whole body; None when it is longer than `max_bytes`."""
    found = bytearray()
    async for chunk in response.content.iter_any():
        found += chunk
        if len(found) > max_bytes:
            return None
    return bytes(found)
