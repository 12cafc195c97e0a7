"""`/console/live`: which kinds of things have changed, for the pages of one browser."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AbstractContextManager, nullcontext
from datetime import timedelta

import orjson
from fastapi import APIRouter, Request
from fastapi.sse import format_sse_event
from starlette.responses import Response

from control_plane.api.event_stream import EventStream
from control_plane.api.identity import authenticate_at
from control_plane.console.session import Session, Viewer
from services.audit_log import RawAuditRow
from services.envelope import Door
from services.errors import ControlPlaneError, NotAllowed, NotAuthenticated
from services.follow_audit_log import AuditFeed, Follower, FollowerOfAll, Reset

router = APIRouter(prefix="/live")
HEARTBEAT = timedelta(seconds=15)
CHECK_SESSION_EVERY = 20.0
"""Seconds."""
RETRY_AFTER = 1.0
"""Seconds until the next read after an error of the database."""
Following = AbstractContextManager[Follower | FollowerOfAll]


@router.get("", response_class=EventStream)
async def follow(request: Request, viewer: Viewer) -> Response:
    """First `ready`, then a `change` with the categories and tenants of new audit rows. It ends with the session.

    A page that was rendered before `ready` must be read again, and so after every reconnect.
    """
    feed: AuditFeed = request.app.state.feed
    if viewer.tenant_id is None:
        place = await feed.start_of_all(None)
        everything = feed.follow_all(place.at if isinstance(place, Reset) else place)
        following: Following = nullcontext(everything)
    else:
        end = await feed.end_of(viewer.tenant_id)
        following = feed.follow(viewer.backends.audit_log, viewer.tenant_id, after=end)
    return EventStream(_stream(request, feed, following))


async def _stream(request: Request, feed: AuditFeed, following: Following) -> AsyncGenerator[bytes]:
    loop = asyncio.get_running_loop()
    session: Session = request.state.session
    checked_at = sent_at = loop.time()
    with following as follower:
        yield format_sse_event(event="ready", data_str="[]")
        while not feed.is_closed:
            try:
                if loop.time() - checked_at >= CHECK_SESSION_EVERY:
                    await authenticate_at(request, Door.CONSOLE, token=session.token)
                    checked_at = loop.time()
                page = await follower.read(within=HEARTBEAT - timedelta(seconds=loop.time() - sent_at))
            except (NotAuthenticated, NotAllowed):
                return
            except ControlPlaneError:  # such as a restart of the database
                await asyncio.sleep(RETRY_AFTER)
                continue
            if isinstance(page, Reset):
                chunk = format_sse_event(event="ready", data_str="[]")
            elif page:
                chunk = format_sse_event(event="change", data_str=changes_in(page))
            elif loop.time() - sent_at >= HEARTBEAT.total_seconds():
                chunk = format_sse_event(comment="heartbeat")
            else:
                continue
            yield chunk
            sent_at = loop.time()


def changes_in(rows: list[RawAuditRow]) -> str:
    """Each category and tenant once, as JSON."""
    pairs = sorted({(row.category or "", str(row.tenant_id)) for row in rows})
    return orjson.dumps([{"category": category, "tenant_id": tenant} for category, tenant in pairs]).decode()
