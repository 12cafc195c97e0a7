"""One HTTP/1.1 connection, and one answer at a time.

Bytes that nobody asked for end a connection: whoever reads on takes them for the answer to the next request. Therefore
a connection says itself whether it is fit for another one.
"""

import asyncio
import select
from dataclasses import dataclass, field
from typing import cast

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

from services.tools.outgoing import ConnectError

READ_AT_MOST = 1024 * 1024
"""Bytes of an answer we read before we hang up."""
HEAD_AT_MOST = 64 * 1024
"""Bytes that may come before the body: status lines and headers, those of 1xx included."""
HEAR_AT_MOST = HEAD_AT_MOST + 8 * READ_AT_MOST
"""Bytes of a whole answer, with the framing of chunks and with what follows the last one."""

_BODILESS = frozenset({204, 304})


@dataclass(slots=True)
class Answer:
    """How far one exchange came."""

    left: bool = False
    """Whether the request's first byte may have left."""
    status: int | None = None
    """Also of an answer that broke off in its body."""
    headers: dict[str, str] = field(default_factory=dict)
    """Names in lower case; several of one name are joined by a comma."""
    body: bytearray = field(default_factory=bytearray)
    whole: bool = False
    problem: str | None = None
    refused: str | None = None
    """Why we do not go to that address; nothing was sent."""


class Connection(asyncio.Protocol):
    """Sends a request and reads its answer. To be closed unless `fit` says that it may take another one."""

    _transport: asyncio.Transport
    _poll: select.poll
    _parser: HttpResponseParser
    _ended: asyncio.Future[None]

    def __init__(self) -> None:
        self.surplus = False
        """Bytes came that belong to no request."""
        self._answer: Answer | None = None
        """Of the exchange under way."""
        self._again = False
        """The last answer ended where both sides know it."""

    async def exchange(self, request: bytes, answer: Answer) -> None:
        """Send the request; what becomes of it is in `answer`, for a caller that is cancelled too.

        Raises ConnectError when the connection has ended before, with nothing sent.
        """
        if self._transport.is_closing():
            raise ConnectError("the other side closed the connection before the request was sent")
        self._answer = answer
        self._parser = HttpResponseParser(self)
        self._ended = asyncio.get_running_loop().create_future()
        self._again = self._in_body = self._sized = False
        self._heard = 0
        answer.left = True
        self._transport.write(request)
        try:
            await self._ended
        finally:
            self._answer = None

    def fit(self) -> bool:
        """Whether another request may follow now: the other side is there, and nothing came that is not read yet."""
        return self.ended_well() and not self._poll.poll(0)

    def ended_well(self) -> bool:
        """Whether another request may follow, as far as the event loop knows: nothing is unsent or surplus."""
        transport = self._transport
        return (
            self._again
            and not self.surplus
            and not transport.is_closing()
            and not transport.get_write_buffer_size()  # an answer came before all of the request was taken
        )

    def close(self) -> None:
        """At once, without farewells: a call that is over must not wait for the other side."""
        self._transport.abort()

    # -- what asyncio calls ---------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._poll = select.poll()
        self._poll.register(transport.get_extra_info("socket").fileno(), select.POLLIN)

    def data_received(self, data: bytes) -> None:
        if self._answer is None or self._ended.done():
            self.surplus = True
            self.close()
            return
        self._heard += len(data)
        try:
            self._parser.feed_data(data)
        except (HttpParserError, HttpParserUpgrade) as exc:
            self.surplus = self._ended.done()  # else it is this answer that cannot be read
            self._end(f"the answer is not HTTP: {exc}")
        if not self._in_body and self._heard > HEAD_AT_MOST:
            self._end(f"more than {HEAD_AT_MOST:,} bytes of headers")
        elif self._heard > HEAR_AT_MOST:
            self._end()

    def eof_received(self) -> None:
        if self._answer is not None and self._in_body and not self._sized and not self._ended.done():
            self._answer.whole = True  # the end of the connection is the end of such a body
            self._end()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._answer is not None:
            self._end(f"{type(exc).__name__}: {exc}" if exc else "the other side closed the connection")

    # -- what the parser calls, from within data_received ------------------------------------------------------------

    def on_message_begin(self) -> None:
        self.surplus = self._ended.done()

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._answer is None or self._in_body or self._ended.done():
            return  # a trailer says nothing that we heed
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        headers = self._answer.headers
        headers[key] = f"{headers[key]}, {text}" if key in headers else text

    def on_headers_complete(self) -> None:
        status = self._parser.get_status_code()
        if self._answer is None or self._ended.done() or status < 200:
            return
        self._in_body = True
        self._answer.status = status
        headers = self._answer.headers
        self._sized = "content-length" in headers or headers.get("transfer-encoding", "").lower().endswith("chunked")

    def on_body(self, data: bytes) -> None:
        if self._answer is None or self._ended.done():
            return
        body = self._answer.body
        body += data
        if len(body) > READ_AT_MOST:
            del body[READ_AT_MOST:]
            self._end()

    def on_message_complete(self) -> None:
        if self._answer is None or self._ended.done():
            return
        status = self._parser.get_status_code()
        if status < 100 or status == 101:
            self._end(f"the answer is not HTTP/1.1: status {status}")
        elif status < 200:
            self._answer.headers.clear()  # the answer is still to come
        else:
            self._answer.whole = True
            # A body that is announced where none may be comes after all, sooner or later.
            promised = self._sized and self._answer.headers.get("content-length") != "0"
            self._again = self._parser.should_keep_alive() and not (status in _BODILESS and promised)
            self._end()

    def _end(self, problem: str | None = None) -> None:
        if self._answer is not None and not self._ended.done():
            self._answer.problem = problem
            self._ended.set_result(None)
