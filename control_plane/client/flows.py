"""The steps of each call of the client, without I/O: which requests to send, and when to try again.

A flow is a generator: it yields a `Send` or a `Pause`, gets the response or exception, and returns the result. The sync
and the async client run the same flows.
"""

import random
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import UUID

import httpx

from control_plane.client.errors import ApiError, StillOpen, Unreachable, error_of
from control_plane.client.values import Envelope, Explanation, Page, Proposed

T = TypeVar("T")

MAX_TRIES = 5
BASE_PAUSE_SECONDS = 0.25
"""Seconds. The pause before retry n is random, from 0 to BASE_PAUSE_SECONDS·2^n (full jitter), unless the server
names one."""
MAX_PAUSE_SECONDS = 30.0
"""Seconds. A longer Retry-After ends the retries: the caller decides."""
MAX_WAIT_SECONDS = 30.0
"""The longest time, in seconds, that one request waits for an envelope. Proxies often cut longer requests."""
REQUEST_TIMEOUT = 30.0
STATUSES_NOT_EXECUTED = frozenset({429})
"""The server has not executed the request: repeat it."""
STATUSES_WITHOUT_CERTAIN_RESULT = frozenset({502, 503, 504})
"""The server may have executed the request: repeat it only if that does no harm."""


@dataclass(frozen=True, slots=True)
class Send:
    """Send this request."""

    method: str
    path: str
    params: Mapping[str, Any] = field(default_factory=dict)
    json: object = None
    headers: Mapping[str, str] = field(default_factory=dict)
    timeout: float | httpx.Timeout = REQUEST_TIMEOUT


@dataclass(frozen=True, slots=True)
class Pause:
    """Wait so many seconds."""

    seconds: float


Reply = httpx.Response | httpx.TransportError | None
Flow = Generator[Send | Pause, Reply, T]


def propose(tool_slug: str, arguments: Mapping[str, Any], external_id: str, more: Mapping[str, Any]) -> Flow[Proposed]:
    """Propose a call. The request can be repeated without harm, because the same external_id is the same envelope."""
    body = {"tool_slug": tool_slug, "arguments": arguments, "external_id": external_id, **more}
    return Proposed.read((yield from _call(Send("POST", "/v1/envelopes", json=body))))


def get(envelope_id: UUID) -> Flow[Envelope]:
    """Get one envelope."""
    return Envelope.read((yield from _call(Send("GET", f"/v1/envelopes/{envelope_id}"))))


def explain(envelope_id: UUID) -> Flow[Explanation]:
    """Get the explanation of an envelope's state."""
    return Explanation.read((yield from _call(Send("GET", f"/v1/envelopes/{envelope_id}/explanation"))))


def list_envelopes(filters: Mapping[str, Any]) -> Flow[Page]:
    """Get one page of envelopes."""
    params = {name: value for name, value in filters.items() if value is not None}
    return Page.read((yield from _call(Send("GET", "/v1/envelopes", params))))


def cancel(envelope_id: UUID, reason: str | None) -> Flow[Envelope]:
    """Cancel an envelope. Not repeated after a lost answer: the second request would be a conflict."""
    send = Send("POST", f"/v1/envelopes/{envelope_id}/cancel", json=None if reason is None else {"reason": reason})
    return Envelope.read((yield from _call(send, is_repeatable=False)))


def wait(envelope_id: UUID, timeout: float | None, now: Callable[[], float]) -> Flow[Envelope]:
    """Wait until an envelope has ended, by repeated requests that wait. Raises StillOpen after `timeout`."""
    until = None if timeout is None else now() + timeout
    while True:
        left = MAX_WAIT_SECONDS if until is None else min(MAX_WAIT_SECONDS, max(0.0, until - now()))
        send = Send("GET", f"/v1/envelopes/{envelope_id}", {"wait": round(left, 3)}, timeout=left + REQUEST_TIMEOUT)
        envelope = Envelope.read((yield from _call(send)))
        if not envelope.is_open:
            return envelope
        if until is not None and now() >= until:
            raise StillOpen(envelope)


def _call(send: Send, *, is_repeatable: bool = True) -> Flow[dict[str, Any]]:
    for tries in range(1, MAX_TRIES + 1):
        reply = yield send
        if isinstance(reply, httpx.Response) and reply.is_success:
            return _document(reply)
        pause = pause_after(reply, tries, is_repeatable=is_repeatable)
        if pause is None or tries == MAX_TRIES:
            break
        yield Pause(pause)
    if isinstance(reply, httpx.Response):
        raise error_of(reply)
    raise Unreachable(f"the API did not answer: {type(reply).__name__}") from reply


def pause_after(reply: Reply, tries: int, *, is_repeatable: bool) -> float | None:
    """Seconds until the next try; None: do not try again."""
    jitter = random.uniform(0, BASE_PAUSE_SECONDS * 2**tries)  # noqa: S311  # no secret
    if not isinstance(reply, httpx.Response):
        never_left = isinstance(reply, httpx.ConnectError | httpx.ConnectTimeout)
        return jitter if never_left or is_repeatable else None
    if reply.status_code not in STATUSES_NOT_EXECUTED and not (
        reply.status_code in STATUSES_WITHOUT_CERTAIN_RESULT and is_repeatable
    ):
        return None
    retry_after = reply.headers.get("retry-after", "")
    seconds = float(retry_after) if retry_after.isascii() and retry_after.isdigit() else jitter
    return seconds if seconds <= MAX_PAUSE_SECONDS else None


def _document(response: httpx.Response) -> dict[str, Any]:
    try:
        document = response.json()
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise ApiError(response.status_code, "the answer is not of this API: check the URL", {})
    return document
