"""One HTTP/1.1 connection, which carries one request at a time.

A connection on which the server has sent bytes without a request is closed: the bytes would be read as the answer to
the next request. So each connection knows whether it may be used again.
"""

import asyncio
import select
from dataclasses import dataclass, field
from typing import cast

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

from services.tools.outgoing import ConnectError

MAX_BODY_BYTES = 1024 * 1024
"""The largest body that is read, unless an exchange has another limit; the connection is closed after that."""
MAX_HEAD_BYTES = 64 * 1024
"""Limit for status lines and headers, those of 1xx answers included."""
MAX_PIECES = 20_000
"""Limit for the chunks of a body. Each takes half a microsecond of processor time."""

_STATUSES_WITHOUT_BODY = frozenset({204, 304})


@dataclass(slots=True)
class Exchange:
    """The state of one request and its answer."""

    max_body_bytes: int = MAX_BODY_BYTES
    """The largest body that is read."""
    maybe_sent: bool = False
    """Whether the first byte of the request may have been sent."""
    status: int | None = None
    """The HTTP status of the answer, also set if its body was cut off."""
    headers: dict[str, str] = field(default_factory=dict)
    """Names in lower case; values of a repeated header are joined by a comma."""
    body: bytearray = field(default_factory=bytearray)
    is_whole: bool = False
    """Whether `body` is the complete body."""
    limit: str | None = None
    """Why the body was not read to its end, if the reason is not its length."""
    problem: str | None = None
    """Why there is no answer or no whole body."""
    not_allowed: str | None = None
    """Why calls may not go to this address; nothing was sent."""

    @property
    def max_answer_bytes(self) -> int:
        """Limit for an answer as sent, with the framing of chunks and the trailers."""
        return MAX_HEAD_BYTES + 2 * self.max_body_bytes


class Connection(asyncio.Protocol):
    """Sends requests and reads their answers. The caller closes it unless `is_reusable` is true."""

    _transport: asyncio.Transport
    _poll: select.poll
    _parser: HttpResponseParser
    _done: asyncio.Future[None]

    def __init__(self) -> None:
        self.got_unrequested_bytes = False
        """The server sent bytes that belong to no answer."""
        self._exchange: Exchange | None = None
        """The exchange in progress."""
        self._can_keep_alive = False
        """The last answer had a clear end, and neither side asked to close the connection."""

    async def send_request(self, request: bytes, exchange: Exchange) -> None:
        """Send the request and read the answer into `exchange`, which a cancelled caller can read too.

        Raises ConnectError, with nothing sent, when the connection is closed already.
        """
        if self._transport.is_closing():
            raise ConnectError("the other side closed the connection before the request was sent")
        self._exchange = exchange
        self._parser = HttpResponseParser(self)
        self._done = asyncio.get_running_loop().create_future()
        self._can_keep_alive = self._in_body = self._is_framed = False
        self._received_bytes = self._received_pieces = 0
        exchange.maybe_sent = True
        self._transport.write(request)
        try:
            await self._done
        finally:
            self._exchange = None

    def is_reusable(self) -> bool:
        """Whether another request may be sent now: `ended_cleanly`, and there is nothing to read from the socket."""
        return self.ended_cleanly() and not self._poll.poll(0)

    def ended_cleanly(self) -> bool:
        """Whether another request may be sent as far as the event loop knows; the socket itself is not checked."""
        transport = self._transport
        return (
            self._can_keep_alive
            and not self.got_unrequested_bytes
            and not transport.is_closing()
            and not transport.get_write_buffer_size()  # false if the answer came before the whole request was sent
        )

    def close(self) -> None:
        """Close immediately: a finished call must not wait for the server."""
        self._transport.abort()

    # -- called by asyncio ----------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._poll = select.poll()
        self._poll.register(transport.get_extra_info("socket").fileno(), select.POLLIN)

    def data_received(self, data: bytes) -> None:
        if self._exchange is None or self._done.done():
            self.got_unrequested_bytes = True
            self.close()
            return
        self._received_bytes += len(data)
        try:
            self._parser.feed_data(data)
        except (HttpParserError, HttpParserUpgrade) as exc:
            # bytes after a complete answer are unrequested; bytes before its end are an invalid answer
            self.got_unrequested_bytes = self._done.done()
            self._end(f"the answer is not HTTP: {exc}")
        if not self._in_body and self._received_bytes > MAX_HEAD_BYTES:
            self._end(f"more than {MAX_HEAD_BYTES:,} bytes of headers")
        elif self._exchange is not None and self._received_bytes > self._exchange.max_answer_bytes:
            self._end()

    def eof_received(self) -> None:
        if self._exchange is not None and self._in_body and not self._is_framed and not self._done.done():
            self._exchange.is_whole = True  # a body without a declared length ends when the connection is closed
            self._end()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._exchange is not None:
            self._end(f"{type(exc).__name__}: {exc}" if exc else "the other side closed the connection")

    # -- called by the parser, within data_received ----------------------------------------------------------------

    def on_message_begin(self) -> None:
        self.got_unrequested_bytes = self._done.done()

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._exchange is None or self._in_body or self._done.done():
            return  # trailers are ignored
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        headers = self._exchange.headers
        headers[key] = f"{headers[key]}, {text}" if key in headers else text

    def on_headers_complete(self) -> None:
        status = self._parser.get_status_code()
        if self._exchange is None or self._done.done() or status < 200:
            return
        self._in_body = True
        self._exchange.status = status
        headers = self._exchange.headers
        self._is_framed = "content-length" in headers or headers.get("transfer-encoding", "").lower().endswith(
            "chunked"
        )

    def on_body(self, data: bytes) -> None:
        if self._exchange is None or self._done.done():
            return
        body = self._exchange.body
        body += data
        self._received_pieces += 1
        if len(body) > self._exchange.max_body_bytes:
            del body[self._exchange.max_body_bytes :]
            self._end()
        elif self._received_pieces > MAX_PIECES:
            self._exchange.limit = f"sent in more than {MAX_PIECES:,} chunks"
            self._end()

    def on_message_complete(self) -> None:
        if self._exchange is None or self._done.done():
            return
        status = self._parser.get_status_code()
        if status < 100 or status == 101:
            self._end(f"the answer is not HTTP/1.1: status {status}")
        elif status < 200:
            self._exchange.headers.clear()  # an interim answer: the final one follows
        else:
            self._exchange.is_whole = True
            # If the status allows no body but the headers announce one, the bytes of that body may still come. So the
            # connection is not used again.
            announced = self._is_framed and self._exchange.headers.get("content-length") != "0"
            self._can_keep_alive = self._parser.should_keep_alive() and not (
                status in _STATUSES_WITHOUT_BODY and announced
            )
            self._end()

    def _end(self, problem: str | None = None) -> None:
        if self._exchange is not None and not self._done.done():
            self._exchange.problem = problem
            self._done.set_result(None)
