"""`/v1/events`: what happens, as it happens (server-sent events)."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Query, Request
from pydantic import Field
from starlette.responses import Response

from control_plane.api.event_stream import EventStream, comment, reset_event, row_event
from control_plane.api.identity import Principal, Reader, TenantId, authenticate
from control_plane.api.problems import Problem
from services.audit_log import RawAuditRow
from services.errors import ControlPlaneError, NotAllowed, NotAuthenticated
from services.follow_audit_log import AuditFeed, Reset

router = APIRouter(prefix="/v1/events", tags=["events"])
HEARTBEAT = timedelta(seconds=15)
CHECK_TOKEN_EVERY = 20.0
"""Seconds."""
RETRY_AFTER = 1.0
"""Seconds until the next read after an error of the database."""
MOST_CATEGORIES = 20
HIGHEST_ID = 2**63 - 1

LastEventId = Annotated[
    str | None,
    Header(
        alias="Last-Event-ID", max_length=19, pattern="^[0-9]+$",
        description="The id of the last event that you have seen. The stream goes on after it.",
    ),
]  # fmt: skip
Categories = Annotated[
    list[Annotated[str, Field(max_length=100)]] | None,
    Query(
        alias="category", max_length=MOST_CATEGORIES,
        description="Only events whose category begins so, such as `envelope.`; may be repeated.",
    ),
]  # fmt: skip
DESCRIPTION = "The stream. It never ends by itself."


@router.get(
    "", response_class=EventStream,
    responses={200: {"description": DESCRIPTION, "content": {"text/event-stream": {"schema": {"type": "string"}}}}},
)  # fmt: skip
async def follow(
    request: Request, caller: Reader, last_event_id: LastEventId = None, category: Categories = None,
    tenant_id: TenantId = None,
) -> Response:  # fmt: skip
    """Every change of a tenant, from its audit log, in the order of its commits.

    `event` is the category, `id` the row's seq, `data` the row. With `Last-Event-ID` the stream goes on after that row,
    without a gap or a duplicate. The event `reset` says that this is not possible: read anew what you show. A comment
    comes every 15 seconds. The stream ends when the token does.
    """
    tenant = caller.one_tenant(tenant_id)
    after = None if last_event_id is None else int(last_event_id)
    if after is not None and after > HIGHEST_ID:
        raise Problem(422, "Last-Event-ID: is not an id of an event")
    feed: AuditFeed = request.app.state.feed
    start = await feed.start_of(tenant, after)
    return EventStream(_stream(request, feed, caller, tenant, start, tuple(category or ())))


async def _stream(
    request: Request, feed: AuditFeed, caller: Principal, tenant: UUID, start: int | Reset, categories: tuple[str, ...]
) -> AsyncGenerator[bytes]:
    loop = asyncio.get_running_loop()
    checked_at = sent_at = loop.time()
    begin = start.seq if isinstance(start, Reset) else start
    with feed.follow(caller.backends.audit_log, tenant, after=begin) as follower:
        yield reset_event(begin) if isinstance(start, Reset) else comment("connected", seq=begin)
        while not feed.is_closed:
            try:
                if loop.time() - checked_at >= CHECK_TOKEN_EVERY:
                    await authenticate(request)
                    checked_at = loop.time()
                page = await follower.read(within=HEARTBEAT - timedelta(seconds=loop.time() - sent_at))
            except (NotAuthenticated, NotAllowed):
                return
            except ControlPlaneError:  # such as a restart of the database
                await asyncio.sleep(RETRY_AFTER)
                continue
            chunk = reset_event(page.seq) if isinstance(page, Reset) else _events(page, categories)
            if not chunk and loop.time() - sent_at >= HEARTBEAT.total_seconds():
                chunk = comment("heartbeat", seq=follower.seq)
            if chunk:
                yield chunk
                sent_at = loop.time()


def _events(rows: list[RawAuditRow], categories: tuple[str, ...]) -> bytes:
    return b"".join(row_event(row) for row in rows if not categories or (row.category or "").startswith(categories))
