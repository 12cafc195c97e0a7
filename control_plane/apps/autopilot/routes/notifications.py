"""`/v1/autopilot/notifications`: what our own worker or a workflow tells about runs and clusters, as it happens."""

import asyncio
import re
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Annotated
from uuid import UUID

import orjson
from fastapi import APIRouter, Depends, Query, Request
from fastapi.sse import format_sse_event
from pydantic import BaseModel, TypeAdapter
from starlette.responses import Response

from control_plane.api.bodies import StrictRoute
from control_plane.api.event_stream import EventStream, comment, reset_event
from control_plane.api.events import CHECK_TOKEN_EVERY, DESCRIPTION, HEARTBEAT_EVERY, RETRY_AFTER, LastEventId
from control_plane.api.identity import Reader, TenantId, authenticate
from control_plane.api.open_streams import hold_stream
from control_plane.api.pages import Limit
from control_plane.apps.autopilot.notifications.feed import MessageFeed
from control_plane.apps.autopilot.store import functions_of
from control_plane.apps.autopilot.store.messages import Notification, Notifications, list_messages, read_messages
from services.backends.functions import Functions
from services.errors import ControlPlaneError, InvalidInput, NotAllowed, NotAuthenticated

router = APIRouter(prefix="/v1/autopilot/notifications", route_class=StrictRoute, tags=["autopilot notifications"])
EVENT_EVERY = 1.0
"""Seconds between two events of a stream, at least."""
_ITEMS = TypeAdapter(list[Notification])


class NotificationPage(BaseModel):
    """Notifications, the newest first."""

    items: list[Notification]
    next: int | None = None
    """The value of `before` for the next page; null on the last page."""


@router.get("")
async def list_all(
    caller: Reader,
    tenant_id: TenantId = None,
    limit: Limit = 50,
    before: Annotated[
        int | None,
        Query(ge=1, le=2**63 - 1, description="`next` of the previous page. Leave it out for the first page."),
    ] = None,
) -> NotificationPage:
    """The notifications of the last week, the newest first."""
    tenant = await caller.known_tenant(tenant_id)
    rows = await list_messages(functions_of(caller.backends), tenant, limit=limit + 1, before=before)
    return NotificationPage(items=rows[:limit], next=rows[limit - 1].seq if len(rows) > limit else None)


@router.get(
    "/stream", response_class=EventStream, status_code=200, dependencies=[Depends(hold_stream)],
    responses={200: {"description": DESCRIPTION, "content": {"text/event-stream": {}}}},
)  # fmt: skip
async def follow(
    request: Request, caller: Reader, last_event_id: LastEventId = None, tenant_id: TenantId = None
) -> Response:
    """Notifications as they come: at most one event `notifications` per second, with the newest one of each run and
    cluster that has changed.

    `id` is the position to go on from. With `Last-Event-ID` the stream goes on from there, on any replica of the API.
    The event `reset` says that this is not possible: read again what you show. A comment comes every 15 seconds. The
    stream ends when the token does, and counts as an event stream of the token or user.
    """
    tenant = await caller.known_tenant(tenant_id)
    functions = functions_of(caller.backends)
    after = _parse_position(last_event_id)
    page = await read_messages(functions, tenant, after=None)
    is_reset = after is not None and _is_lost(after, page)
    start = page.last if after is None or is_reset else after
    return EventStream(stream_notifications(request, functions, tenant, start, is_reset=is_reset))


def _parse_position(text: str | None) -> int | None:
    if text is None:
        return None
    if not re.fullmatch("[0-9]{1,18}", text):
        raise InvalidInput("last_event_id", "is not an id of this stream")
    return int(text)


def _is_lost(after: int, page: Notifications) -> bool:
    """Whether messages after this position may have been deleted, or the position never existed."""
    return after > page.last or after < page.first - 1


async def stream_notifications(
    request: Request, functions: Functions, tenant: UUID, at: int, *, is_reset: bool,
    pause: Callable[[float], Awaitable[object]] = asyncio.sleep,
) -> AsyncGenerator[bytes]:  # fmt: skip
    """The stream of a tenant's notifications after a position, until the token or the process ends. `pause` waits for
    so many seconds."""
    loop = asyncio.get_running_loop()
    checked_at = sent_at = loop.time()
    feed = _feed_of(request)
    with feed.follow(tenant):
        yield reset_event(at) if is_reset else comment("connected", at=at)
        while not request.app.state.feed.is_closed:
            try:
                if loop.time() - checked_at >= CHECK_TOKEN_EVERY:
                    await authenticate(request)
                    checked_at = loop.time()
                await feed.wait(tenant, after=at, within=EVENT_EVERY)
                page = await read_messages(functions, tenant, after=at) if feed.has_news(tenant, at) else None
            except (NotAuthenticated, NotAllowed):
                return
            except ControlPlaneError:  # for example, the database restarts
                await pause(RETRY_AFTER)
                continue
            if page is not None and page.items:
                at, sent_at = page.items[-1].seq, loop.time()
                yield _event(page, at=at)
                await pause(EVENT_EVERY)
                continue
            if page is not None:  # the replica that was read does not have the new message yet
                await pause(RETRY_AFTER)
            if loop.time() - sent_at >= HEARTBEAT_EVERY.total_seconds():
                sent_at = loop.time()
                yield comment("heartbeat", at=at)


def _event(page: Notifications, *, at: int) -> bytes:
    data = orjson.dumps({"items": _ITEMS.dump_python(list(page.items), mode="json")})
    return format_sse_event(data_str=data.decode(), event="notifications", id=str(at))


def _feed_of(request: Request) -> MessageFeed:
    """The feed of this process."""
    state = request.app.state
    if not hasattr(state, "autopilot_feed"):
        state.autopilot_feed = MessageFeed(functions_of(state.access.operator))
    feed: MessageFeed = state.autopilot_feed
    return feed
