"""`/v1/events`: the changes of a tenant as they happen, as server-sent events."""

import asyncio
import re
from collections.abc import AsyncGenerator
from contextlib import AbstractContextManager, nullcontext
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query, Request
from pydantic import Field
from starlette.responses import Response

from control_plane.api.bodies import StrictRoute
from control_plane.api.event_stream import EventStream, comment, reset_event, row_event
from control_plane.api.identity import Reader, TenantId, authenticate
from control_plane.api.open_streams import hold_stream
from services.audit_log.position import MAX_POSITION_LENGTH, Position
from services.errors import ControlPlaneError, InvalidInput, NotAllowed, NotAuthenticated
from services.follow_audit_log import AuditFeed, Follower, FollowerOfAll, Reset

router = APIRouter(prefix="/v1/events", route_class=StrictRoute, tags=["events"])
HEARTBEAT_EVERY = timedelta(seconds=15)
CHECK_TOKEN_EVERY = 20.0
"""Seconds between two checks of the caller's token while a stream is open."""
RETRY_AFTER = 1.0
"""Seconds until the next read after an error of the database."""
MAX_CATEGORIES = 20
Following = AbstractContextManager[Follower | FollowerOfAll]

LastEventId = Annotated[
    str | None,
    Header(
        alias="Last-Event-ID", max_length=MAX_POSITION_LENGTH,
        description="The id of the last event that you have received. The stream continues after that event.",
    ),
]  # fmt: skip
Categories = Annotated[
    list[Annotated[str, Field(max_length=100)]] | None,
    Query(
        alias="category", max_length=MAX_CATEGORIES,
        description="Only events whose category begins with this text, such as `envelope.`. Repeatable.",
    ),
]  # fmt: skip
DESCRIPTION = "The stream. It never ends by itself."


@router.get(
    "", response_class=EventStream, status_code=200, dependencies=[Depends(hold_stream)],
    responses={200: {"description": DESCRIPTION, "content": {"text/event-stream": {}}}},
)  # fmt: skip
async def follow(
    request: Request, caller: Reader, last_event_id: LastEventId = None, category: Categories = None,
    tenant_id: TenantId = None,
) -> Response:  # fmt: skip
    """Every change of a tenant, from its audit log, in the order of its commits. Operators may follow all tenants.

    `event` is the category, `data` the row, `id` the position to go on from: the row's seq, or another text for all
    tenants. With `Last-Event-ID` the stream goes on from there, without a gap or a duplicate. The event `reset` says
    that this is not possible: read again what you show. A comment comes every 15 seconds. The stream ends when the
    token does. At most 20 streams of a token or user are open at once, and 200 of a tenant; one more gets a 429.
    """
    feed: AuditFeed = request.app.state.feed
    tenant = caller.tenant_or_all(tenant_id)
    if tenant is None:
        position = await feed.start_of_all(None if last_event_id is None else Position.parse(last_event_id))
        everything = feed.follow_all(position.at if isinstance(position, Reset) else position)
        following: Following = nullcontext(everything)
        is_reset = isinstance(position, Reset)
    else:
        start = await feed.start_of(tenant, _parse_seq(last_event_id))
        begin = start.at if isinstance(start, Reset) else start
        following = feed.follow(caller.backends.audit_log, tenant, after=begin)
        is_reset = isinstance(start, Reset)
    return EventStream(_stream_events(request, feed, following, tuple(category or ()), is_reset=is_reset))


def _parse_seq(text: str | None) -> int | None:
    if text is None:
        return None
    if not re.fullmatch("[0-9]{1,18}", text):
        raise InvalidInput("last_event_id", "is not an id of this stream")
    return int(text)


async def _stream_events(
    request: Request, feed: AuditFeed, following: Following, categories: tuple[str, ...], *, is_reset: bool
) -> AsyncGenerator[bytes]:
    loop = asyncio.get_running_loop()
    checked_at = sent_at = loop.time()
    with following as follower:
        yield reset_event(follower.at) if is_reset else comment("connected", at=follower.at)
        while not feed.is_closed:
            try:
                if loop.time() - checked_at >= CHECK_TOKEN_EVERY:
                    await authenticate(request)
                    checked_at = loop.time()
                page = await follower.read(within=HEARTBEAT_EVERY - timedelta(seconds=loop.time() - sent_at))
            except (NotAuthenticated, NotAllowed):
                return
            except ControlPlaneError:  # for example, the database restarts
                await asyncio.sleep(RETRY_AFTER)
                continue
            if isinstance(page, Reset):
                chunk = reset_event(page.at)
            else:
                shown = [row for row in page if not categories or (row.category or "").startswith(categories)]
                chunk = b"".join(row_event(row, at=follower.id_of(row)) for row in shown)
            if not chunk and loop.time() - sent_at >= HEARTBEAT_EVERY.total_seconds():
                chunk = comment("heartbeat", at=follower.at)
            if chunk:
                yield chunk
                sent_at = loop.time()
