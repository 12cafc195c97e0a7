"""Answers of an MCP server over HTTP, whole or as a stream of events (SSE), and never more of them than MOST_BYTES."""

from collections.abc import AsyncIterator

import aiohttp

from services.tools.mcp import wire as mcp_wire

LISTENS_AGAIN_AFTER = 1.0
"""Seconds, unless the server says when."""


class TooLong(Exception):  # it is caught where it is raised for
    """More came than anybody reads."""


class Seen:
    """How far a stream of events has come."""

    last_id: str | None = None
    retry_after = LISTENS_AGAIN_AFTER


async def read_events(response: aiohttp.ClientResponse, seen: Seen) -> AsyncIterator[bytes]:
    """The data of each event. Raises TooLong for one that is too long."""
    data: list[bytes] = []
    size = 0
    async for line in _lines(response):
        field, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        size += len(line)
        if size > mcp_wire.MOST_BYTES:
            raise TooLong
        if not line:
            if data:
                yield b"\n".join(data)
            data, size = [], 0
        elif field == b"data":
            data.append(value)
        elif field == b"id" and b"\0" not in value:
            seen.last_id = value.decode(errors="replace")
        elif field == b"retry" and value.isdigit():
            seen.retry_after = min(max(int(value[:9]) / 1000, 0.1), 60.0)


async def _lines(response: aiohttp.ClientResponse) -> AsyncIterator[bytes]:
    rest = bytearray()
    async for chunk in response.content.iter_any():
        *ends, last = chunk.split(b"\n")
        for end in ends:
            line = bytes(rest) + end
            rest.clear()
            yield line.removesuffix(b"\r")
        rest += last
        if len(rest) > mcp_wire.MOST_BYTES:
            raise TooLong


async def read_body(response: aiohttp.ClientResponse, at_most: int) -> bytes | None:
    """All of the answer; None when it is longer."""
    found = bytearray()
    async for chunk in response.content.iter_any():
        found += chunk
        if len(found) > at_most:
            return None
    return bytes(found)
