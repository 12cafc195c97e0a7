"""Tell the open streams of this process which tenants have new messages, with one query for all streams."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import structlog

from control_plane.apps.autopilot.store.messages import message_heads
from services.backends.functions import Functions
from services.errors import ControlPlaneError

POLL_EVERY = 0.5
"""Seconds between two queries."""

log = structlog.get_logger("autopilot_feed")


class MessageFeed:
    """The number of the newest message of each tenant with a stream. Create one per event loop."""

    def __init__(self, functions: Functions, *, poll_every: float = POLL_EVERY) -> None:
        """`functions` acts as an operator, so it sees all tenants. It is used only to find the numbers of newest
        messages."""
        self._functions = functions
        self._poll_every = poll_every
        self._followers: Counter[UUID] = Counter()
        self._heads: dict[UUID, int] = {}
        self._changed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @contextmanager
    def follow(self, tenant: UUID) -> Iterator[None]:
        """Include this tenant in the queries until the end of the `with` block."""
        self._followers[tenant] += 1
        try:
            yield
        finally:
            self._followers[tenant] -= 1
            self._followers = +self._followers  # unary `+` removes tenants whose count is 0
            if not self._followers and self._task is not None:
                self._task.cancel()
                self._task = None

    async def wait(self, tenant: UUID, *, after: int, within: float) -> None:
        """Wait until the tenant has a message after this one, or for so many seconds."""
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._poll())
        try:
            async with asyncio.timeout(within):
                while not self.has_news(tenant, after):
                    await self._changed.wait()
        except TimeoutError:
            return

    def has_news(self, tenant: UUID, after: int) -> bool:
        """Whether the last query found a message of the tenant after this one."""
        return self._heads.get(tenant, 0) > after

    async def _poll(self) -> None:
        while True:
            try:
                self._heads = await message_heads(self._functions, list(self._followers))
                self._changed.set()
                self._changed = asyncio.Event()
            except ControlPlaneError as exc:
                log.warning("autopilot_feed.not_ready", reason=str(exc))
            await asyncio.sleep(self._poll_every)
