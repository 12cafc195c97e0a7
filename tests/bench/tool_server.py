"""Tools that only wait before they answer, each in a process of its own: `python -m tests.bench.tool_server KIND
SECONDS PORT`.

`http` answers every POST, as fast as Python can; `mcp_stdio` and `mcp_http` are servers made with the MCP SDK;
`far_broker` passes bytes to the broker at one more PORT, and its answers back after SECONDS.
"""

import asyncio
import logging
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import cast

BODY = b'{"ok":true}'
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(BODY), BODY)


class Webhook(asyncio.Protocol):
    """Answers each request when it was read completely and the time has passed."""

    takes = 0.0

    def __init__(self) -> None:
        self._heard = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._heard += data
        head, end, body = self._heard.partition(b"\r\n\r\n")
        if not end:
            return
        _, _, length = head.lower().partition(b"\r\ncontent-length:")
        wanted = int(length.partition(b"\r\n")[0])
        if len(body) >= wanted:
            self._heard = body[wanted:]
            if self.takes:
                asyncio.get_running_loop().call_later(self.takes, self._transport.write, ANSWER)
            else:
                self._transport.write(ANSWER)


async def serve_http(port: int) -> None:
    """Until killed."""
    server = await asyncio.get_running_loop().create_server(Webhook, "127.0.0.1", port, backlog=1000)
    await server.serve_forever()


async def serve_far_broker(takes: float, port: int, broker: int) -> None:
    """Until killed."""

    async def pass_on(source: asyncio.StreamReader, write: Callable[[bytes], None]) -> None:
        while data := await source.read(65536):
            write(data)

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        onward, back = await asyncio.open_connection("127.0.0.1", broker)

        def later(data: bytes) -> None:
            asyncio.get_running_loop().call_later(takes, writer.write, data)

        with suppress(ConnectionError):
            await asyncio.wait(
                {asyncio.create_task(pass_on(reader, back.write)), asyncio.create_task(pass_on(onward, later))},
                return_when=asyncio.FIRST_COMPLETED,
            )
        writer.close()
        back.close()

    server = await asyncio.start_server(connected, "127.0.0.1", port)
    await server.serve_forever()


def serve_mcp(kind: str, takes: float, port: int) -> None:
    """A server with one tool, `work`."""
    from mcp.server.mcpserver import MCPServer  # noqa: PLC0415  # takes half a second, which the other servers do not need

    logging.disable(logging.WARNING)
    server = MCPServer("bench", log_level="ERROR")

    @server.tool()
    async def work(sku: str, quantity: int, note: str) -> dict[str, bool]:  # noqa: ARG001
        await asyncio.sleep(takes)
        return {"ok": True}

    if kind == "mcp_stdio":
        server.run("stdio")
    else:
        server.run("streamable-http", host="127.0.0.1", port=port)


def main() -> None:
    """Entry point."""
    kind, takes, port = sys.argv[1], float(sys.argv[2]), int(sys.argv[3])
    if kind.startswith("mcp"):
        serve_mcp(kind, takes, port)
        return
    Webhook.takes = takes
    import uvloop  # noqa: PLC0415  # as services.process.terminal does

    uvloop.run(serve_http(port) if kind == "http" else serve_far_broker(takes, port, int(sys.argv[4])))


if __name__ == "__main__":
    main()
