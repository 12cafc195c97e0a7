"""The two clients: they run the same flows, one blocking, one not."""

import os
import time
from asyncio import sleep as pause_async
from collections.abc import AsyncGenerator, AsyncIterator, Generator, Iterator, Mapping
from contextlib import aclosing, asynccontextmanager, closing, contextmanager
from time import sleep as pause
from typing import Any, Self, TypeVar
from uuid import UUID

import httpx

from control_plane.client import flows
from control_plane.client.event_stream import EventStream, check_opened
from control_plane.client.flows import Flow, Pause, Reply, Send
from control_plane.client.values import Envelope, Event, Explanation, Page, Proposed

T = TypeVar("T")
URL, TOKEN = "ACP_API_URL", "ACP_API_TOKEN"  # names of environment variables
"""The environment variables that `control_plane up` prints."""


class _Connection:
    """The URL, token and HTTP options of a client."""

    def __init__(self, url: str, token: str) -> None:
        self._url = url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {token}"}

    @classmethod
    def from_environment(cls) -> Self:
        """Create a client from ACP_API_URL and ACP_API_TOKEN. Raises KeyError if a variable is missing."""
        return cls(os.environ[URL], os.environ[TOKEN])

    def _request_options(self, step: Send) -> dict[str, Any]:
        return {
            "method": step.method, "url": f"{self._url}{step.path}", "params": step.params, "json": step.json,
            "headers": {**self._headers, **step.headers}, "timeout": step.timeout,
        }  # fmt: skip


class AsyncClient(_Connection):
    """Calls the API of one tenant with one token. Pass `http` to use an httpx client of your own, such as for a proxy.

    Every method raises an ApiError that says what the API refused, or Unreachable. Requests that are safe to repeat are
    tried up to five times.
    """

    def __init__(self, url: str, token: str, *, http: httpx.AsyncClient | None = None) -> None:
        super().__init__(url, token)
        self._http = http or httpx.AsyncClient()
        self._owns_http = http is None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections that this client opened."""
        if self._owns_http:
            await self._http.aclose()

    async def propose(
        self, tool_slug: str, arguments: Mapping[str, Any], *, external_id: str, **more: object
    ) -> Proposed:
        """Propose one call. `more` are other fields of a proposal, such as `metadata` or `trust_context`.

        The same `external_id` is the same envelope, however often and by whichever process it is proposed.
        """
        return await self._run_flow(flows.propose(tool_slug, arguments, external_id, more))

    async def get(self, envelope_id: UUID) -> Envelope:
        """The envelope as it is now."""
        return await self._run_flow(flows.get(envelope_id))

    async def wait(self, envelope_id: UUID, *, timeout: float | None = None) -> Envelope:  # noqa: ASYNC109
        """Wait until the envelope has ended. Raises StillOpen after `timeout` seconds; None: without a limit."""
        return await self._run_flow(flows.wait(envelope_id, timeout, time.monotonic))

    async def explain(self, envelope_id: UUID) -> Explanation:
        """Why the envelope is in its state, and when it can run next."""
        return await self._run_flow(flows.explain(envelope_id))

    async def cancel(self, envelope_id: UUID, *, reason: str | None = None) -> Envelope:
        """Cancel the envelope. Raises Conflict when it is in flight or has ended."""
        return await self._run_flow(flows.cancel(envelope_id, reason))

    async def list(
        self,
        *,
        status: str | None = None,
        tool_slug: str | None = None,
        external_id: str | None = None,
        limit: int | None = None,
        after: str | None = None,
    ) -> Page:
        """One page of envelopes, the newest first. For the next page, pass `next` as `after`, with the same filters."""
        filters = {"status": status, "tool_slug": tool_slug, "external_id": external_id, "limit": limit, "after": after}
        return await self._run_flow(flows.list_envelopes(filters))

    @asynccontextmanager
    async def stream(self, *categories: str, after: str | None = None) -> AsyncIterator[AsyncIterator[Event]]:
        """The changes of the tenant as they happen. A broken connection is opened again.

        `categories` are beginnings of the wanted categories, such as `envelope.`; none for all. `after` is the id of
        the last seen event; None begins now. The connection is closed at the end of the block.

        async with client.stream("envelope.") as events:
            async for event in events:
                ...
        """
        async with aclosing(self._events(EventStream(categories, after))) as events:
            yield events

    async def _events(self, stream: EventStream) -> AsyncGenerator[Event]:
        while True:
            reply: Reply
            try:
                async with self._http.stream(**self._request_options(stream.request())) as reply:
                    if reply.is_success:
                        check_opened(reply)
                        async for chunk in reply.aiter_bytes():
                            for event in stream.read(chunk):
                                yield event
                    else:
                        await reply.aread()
            except httpx.TransportError as exc:
                reply = exc
            await pause_async(stream.pause_after(reply))

    async def _run_flow(self, flow: Flow[T]) -> T:
        reply: Reply = None
        try:
            while True:
                reply = await self._perform_step(flow.send(reply))
        except StopIteration as end:
            result: T = end.value
            return result

    async def _perform_step(self, step: Send | Pause) -> Reply:
        if isinstance(step, Pause):
            await pause_async(step.seconds)
            return None
        try:
            return await self._http.request(**self._request_options(step))
        except httpx.TransportError as exc:
            return exc


class Client(_Connection):
    """Same as AsyncClient, for code that is not async."""

    def __init__(self, url: str, token: str, *, http: httpx.Client | None = None) -> None:
        super().__init__(url, token)
        self._http = http or httpx.Client()
        self._owns_http = http is None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """See AsyncClient."""
        if self._owns_http:
            self._http.close()

    def propose(self, tool_slug: str, arguments: Mapping[str, Any], *, external_id: str, **more: object) -> Proposed:
        """See AsyncClient."""
        return self._run_flow(flows.propose(tool_slug, arguments, external_id, more))

    def get(self, envelope_id: UUID) -> Envelope:
        """See AsyncClient."""
        return self._run_flow(flows.get(envelope_id))

    def wait(self, envelope_id: UUID, *, timeout: float | None = None) -> Envelope:
        """See AsyncClient."""
        return self._run_flow(flows.wait(envelope_id, timeout, time.monotonic))

    def explain(self, envelope_id: UUID) -> Explanation:
        """See AsyncClient."""
        return self._run_flow(flows.explain(envelope_id))

    def cancel(self, envelope_id: UUID, *, reason: str | None = None) -> Envelope:
        """See AsyncClient."""
        return self._run_flow(flows.cancel(envelope_id, reason))

    def list(
        self,
        *,
        status: str | None = None,
        tool_slug: str | None = None,
        external_id: str | None = None,
        limit: int | None = None,
        after: str | None = None,
    ) -> Page:
        """See AsyncClient."""
        filters = {"status": status, "tool_slug": tool_slug, "external_id": external_id, "limit": limit, "after": after}
        return self._run_flow(flows.list_envelopes(filters))

    @contextmanager
    def stream(self, *categories: str, after: str | None = None) -> Iterator[Iterator[Event]]:
        """See AsyncClient."""
        with closing(self._events(EventStream(categories, after))) as events:
            yield events

    def _events(self, stream: EventStream) -> Generator[Event]:
        while True:
            reply: Reply
            try:
                with self._http.stream(**self._request_options(stream.request())) as reply:
                    if reply.is_success:
                        check_opened(reply)
                        for chunk in reply.iter_bytes():
                            yield from stream.read(chunk)
                    else:
                        reply.read()
            except httpx.TransportError as exc:
                reply = exc
            pause(stream.pause_after(reply))

    def _run_flow(self, flow: Flow[T]) -> T:
        reply: Reply = None
        try:
            while True:
                reply = self._perform_step(flow.send(reply))
        except StopIteration as end:
            result: T = end.value
            return result

    def _perform_step(self, step: Send | Pause) -> Reply:
        if isinstance(step, Pause):
            pause(step.seconds)
            return None
        try:
            return self._http.request(**self._request_options(step))
        except httpx.TransportError as exc:
            return exc
