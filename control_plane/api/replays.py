"""`POST /v1/guardrails/replay`: how other guardrails would have judged the last days, page by page."""

from collections.abc import AsyncIterator
from dataclasses import asdict
from datetime import timedelta
from typing import Any

import orjson
import structlog
from fastapi import APIRouter
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from control_plane.api.bodies import StrictRoute
from control_plane.api.identity import Person, TenantId
from services.clock import utc_now
from services.errors import ControlPlaneError
from services.replay_guardrails import Replay, replay_guardrails

router = APIRouter(prefix="/v1/guardrails", route_class=StrictRoute, tags=["guardrails"])
log = structlog.get_logger("api")


class ReplayRequest(BaseModel, extra="forbid"):
    """The candidate, and the time of the envelopes that it judges."""

    candidate: dict[str, Any] = Field(
        description="The fields to change, as for `PATCH /v1/guardrails`.", examples=[{"trust_threshold": 0.5}]
    )
    days: int = Field(default=7, ge=1, le=90)


@router.post(
    "/replay",
    responses={200: {"content": {"text/event-stream": {}}}},
    response_class=StreamingResponse,
)
async def replay(body: ReplayRequest, caller: Person, tenant_id: TenantId = None) -> StreamingResponse:
    """Judge recent envelopes by other guardrails, and compare with what people decided. Changes nothing.

    Events of type `progress` have the results so far, the last event, `report`, all; `problem` ends a failed replay.
    """
    now = utc_now()
    found = replay_guardrails(
        caller.backends, caller.one_tenant(tenant_id), body.candidate, since=now - timedelta(days=body.days), until=now
    )
    first = await anext(found)  # raises here, before the response begins, so that an invalid candidate gets 422
    return StreamingResponse(_stream_replays(first, found), media_type="text/event-stream")


async def _stream_replays(first: Replay, others: AsyncIterator[Replay]) -> AsyncIterator[bytes]:
    yield _replay_event(first)
    try:
        async for replay in others:
            yield _replay_event(replay)
    except ControlPlaneError as exc:
        log.warning("api.replay_failed", error=str(exc))
        yield b"event: problem\ndata: " + orjson.dumps({"detail": str(exc)}) + b"\n\n"


def _replay_event(replay: Replay) -> bytes:
    kind = b"report" if replay.is_done else b"progress"
    data = {**asdict(replay), "fewer_asked": replay.fewer_asked, "summary": replay.summarize()}
    return b"event: " + kind + b"\ndata: " + orjson.dumps(data) + b"\n\n"
