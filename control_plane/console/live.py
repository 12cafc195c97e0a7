"""`/console/live`: a stream that tells the pages of one browser what kinds of data have changed."""

import asyncio
import re
from collections.abc import AsyncGenerator
from contextlib import AbstractContextManager, nullcontext
from datetime import timedelta
from typing import Annotated

import orjson
from fastapi import APIRouter, Depends, Header, Query, Request
from fastapi.sse import format_sse_event
from starlette.responses import Response

from control_plane.api.event_stream import EventStream, comment
from control_plane.api.identity import Principal, authenticate_at
from control_plane.api.open_streams import hold_stream
from control_plane.console.session import Session, Viewer
from services.audit_log import RawAuditRow
from services.audit_log.position import MAX_POSITION_LENGTH, Position
from services.envelope import Door
from services.errors import ControlPlaneError, InvalidInput, NotAllowed, NotAuthenticated
from services.follow_audit_log import AuditFeed, Follower, FollowerOfAll, Reset

router = APIRouter(prefix="/live")
HEARTBEAT_EVERY = timedelta(seconds=15)
CHECK_SESSION_EVERY = 20.0
"""Seconds between two checks of the session while a stream is open."""
RETRY_AFTER = 1.0
"""Seconds until the next read after an error of the database."""
_SEQ = re.compile("[0-9]{1,18}")
Following = AbstractContextManager[Follower | FollowerOfAll]


@router.get("", response_class=EventStream, dependencies=[Depends(hold_stream)])
async def follow(
    request: Request,
    viewer: Viewer,
    since: Annotated[str | None, Query(max_length=MAX_POSITION_LENGTH)] = None,
    last_event_id: Annotated[str | None, Header(alias="Last-Event-ID", max_length=MAX_POSITION_LENGTH)] = None,
) -> Response:
    """Send the event `ready`, then `change` events with the categories and tenants of new audit rows, until the session
    ends.

    The stream continues after the last event or after the position `since`, which was noted when the page was rendered.
    If that is not possible, `ready` says that pages must be loaded again.
    """
    feed: AuditFeed = request.app.state.feed
    position = last_event_id or since
    if viewer.tenant_id is None:
        known = _read_position(position)
        everywhere = await feed.start_of_all(known)
        must_read = known is None or isinstance(everywhere, Reset)
        everything = feed.follow_all(everywhere.at if isinstance(everywhere, Reset) else everywhere)
        following: Following = nullcontext(everything)
    else:
        seq = int(position) if position and _SEQ.fullmatch(position) else None
        start = await feed.start_of(viewer.tenant_id, seq)
        must_read = seq is None or isinstance(start, Reset)
        begin = start.at if isinstance(start, Reset) else start
        following = feed.follow(viewer.backends.audit_log, viewer.tenant_id, after=begin)
    return EventStream(_stream_changes(request, feed, following, must_read=must_read))


async def find_position(feed: AuditFeed, viewer: Principal) -> str | None:
    """The position at the end of the audit log that this person may read; None if the database does not answer. Called
    before a page is rendered."""
    try:
        if viewer.tenant_id is not None:
            return str(await feed.end_of(viewer.tenant_id))
        position = await feed.start_of_all(None)
    except ControlPlaneError:
        return None
    return str(position.at if isinstance(position, Reset) else position)


def _read_position(text: str | None) -> Position | None:
    try:
        return None if text is None else Position.parse(text)
    except InvalidInput:  # such as a position from a page of an earlier session
        return None


async def _stream_changes(
    request: Request, feed: AuditFeed, following: Following, *, must_read: bool
) -> AsyncGenerator[bytes]:
    loop = asyncio.get_running_loop()
    session: Session = request.state.session
    checked_at = sent_at = loop.time()
    with following as follower:
        yield _ready_event(follower.at, must_read=must_read)
        while not feed.is_closed:
            try:
                if loop.time() - checked_at >= CHECK_SESSION_EVERY:
                    await authenticate_at(request, Door.CONSOLE, token=session.token)
                    checked_at = loop.time()
                page = await follower.read(within=HEARTBEAT_EVERY - timedelta(seconds=loop.time() - sent_at))
            except (NotAuthenticated, NotAllowed):
                return
            except ControlPlaneError:  # such as a restart of the database
                await asyncio.sleep(RETRY_AFTER)
                continue
            if isinstance(page, Reset):
                chunk = _ready_event(page.at, must_read=True)
            elif page:
                chunk = format_sse_event(event="change", data_str=changes_in(page), id=str(follower.at))
            elif loop.time() - sent_at >= HEARTBEAT_EVERY.total_seconds():
                chunk = comment("heartbeat", at=follower.at)
            else:
                continue
            yield chunk
            sent_at = loop.time()


def _ready_event(at: object, *, must_read: bool) -> bytes:
    return format_sse_event(event="ready", data_str=orjson.dumps({"mustRead": must_read}).decode(), id=str(at))


def changes_in(rows: list[RawAuditRow]) -> str:
    """The categories and tenants of these rows as JSON, without duplicates."""
    pairs = sorted({(row.category or "", str(row.tenant_id)) for row in rows})
    return orjson.dumps([{"category": category, "tenant_id": tenant} for category, tenant in pairs]).decode()
