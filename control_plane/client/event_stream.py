"""The protocol of an event stream, without I/O: what to send, what received bytes mean, when to connect again."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

import httpx

from control_plane.client.errors import ApiError, Unreachable, error_of
from control_plane.client.flows import REQUEST_TIMEOUT, Reply, Send, pause_after
from control_plane.client.values import Event

PATH = "/v1/events"
SILENT_FOR = 45.0
"""Seconds. The API sends a heartbeat every 15 seconds, so a connection that is silent for longer is broken."""
MAX_RECONNECTS = 10
"""After this many connections in a row without an event or a heartbeat, the stream fails."""


class EventStream:
    """The state of one stream. A new connection continues after the last received event."""

    def __init__(self, categories: Sequence[str], after: str | None) -> None:
        self._categories = list(categories)
        self._last_id = after
        self._unfinished = b""
        self._fields: dict[str, str] = {}
        self._failures = 0

    def request(self) -> Send:
        """The request that opens the stream, after the last received event."""
        self._unfinished, self._fields = b"", {}
        headers = {"Accept": "text/event-stream"} | ({} if self._last_id is None else {"Last-Event-ID": self._last_id})
        timeout = httpx.Timeout(REQUEST_TIMEOUT, read=SILENT_FOR)
        return Send("GET", PATH, {"category": self._categories}, headers=headers, timeout=timeout)

    def read(self, chunk: bytes) -> Iterator[Event]:
        """The events that these bytes complete."""
        *lines, self._unfinished = (self._unfinished + chunk).split(b"\n")
        for line in lines:
            text = line.removesuffix(b"\r").decode()
            if text:
                name, _, value = text.partition(":")
                self._fields[name] = value.removeprefix(" ")
                continue
            if (event := self._end_block()) is not None:
                yield event

    def pause_after(self, reply: Reply) -> float:
        """Seconds until the next connection. `reply` is the error answer or the exception, or a success answer whose
        stream ended.

        Raises ApiError if the API refuses, and Unreachable after too many failures.
        """
        self._failures += 1
        refusal = None if isinstance(reply, httpx.Response) and reply.is_success else reply
        pause = pause_after(refusal, min(self._failures, 5), is_repeatable=True)
        if pause is not None and self._failures <= MAX_RECONNECTS:
            return pause
        if isinstance(refusal, httpx.Response):
            raise error_of(refusal)
        raise Unreachable("the stream of events broke, and the API does not answer") from refusal

    def _end_block(self) -> Event | None:
        """The event in the lines before a blank line; None for a comment, which only sets the last event id."""
        fields, self._fields = self._fields, {}
        self._last_id = fields.get("id", self._last_id)
        self._failures = 0
        if "data" not in fields:
            return None
        return Event.read(fields.get("event", "message"), self._last_id or "", _data(fields["data"]))


def check_opened(response: httpx.Response) -> None:
    """Raise ApiError if a successful answer is not a stream of events."""
    if not response.headers.get("content-type", "").startswith("text/event-stream"):
        raise ApiError(response.status_code, "the answer is not of this API: check the URL", {})


def _data(text: str) -> dict[str, Any]:
    try:
        document = json.loads(text)
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise ApiError(200, "the events are not of this API: check the URL", {})
    return document
