"""Server-sent events: the response, and audit rows as events."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress

import orjson
from fastapi.sse import format_sse_event
from starlette.responses import StreamingResponse
from starlette.types import Send

from services.audit_log import RawAuditRow
from services.audit_log.envelopes import envelopes_of

SEND_WITHIN = 30.0
"""Seconds after which a client that reads nothing is disconnected."""


class EventStream(StreamingResponse):
    """Sends what a generator yields, and closes the generator when the client leaves or reads nothing."""

    media_type = "text/event-stream"

    def __init__(self, chunks: AsyncGenerator[bytes]) -> None:
        super().__init__(chunks, headers={"X-Accel-Buffering": "no"})
        self._chunks = chunks

    async def stream_response(self, send: Send) -> None:
        """See StreamingResponse."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        with suppress(TimeoutError):
            async with aclosing(self._chunks) as chunks:
                async for chunk in chunks:
                    async with asyncio.timeout(SEND_WITHIN):
                        await send({"type": "http.response.body", "body": chunk, "more_body": True})
            await send({"type": "http.response.body", "body": b"", "more_body": False})


def row_event(row: RawAuditRow, *, at: object) -> bytes:
    """An audit row as an event. The event's name is the category. Its id is `at`: a client continues after this
    position."""
    payload = b"null" if row.payload is None else row.payload.encode()
    envelopes = _envelope_ids(payload)
    data = {
        "tenant_id": row.tenant_id, "seq": row.seq, "category": row.category, "created_at": row.created_at,
        "actor": {"type": row.actor_type, "id": row.actor_id},
        "envelope_id": envelopes[0] if len(envelopes) == 1 else None, "envelope_ids": envelopes,
        "payload": orjson.Fragment(payload),
    }  # fmt: skip
    return format_sse_event(
        data_str=orjson.dumps(data).decode(), event=_one_line(row.category or "unknown"), id=str(at)
    )


def reset_event(at: object) -> bytes:
    """An event for a client that missed rows: the client must read everything that it shows again."""
    data = {
        "reason": "the events after the last event id are too many, or that id does not exist; read everything again"
    }
    return format_sse_event(data_str=orjson.dumps(data).decode(), event="reset", id=str(at))


def comment(text: str, *, at: object) -> bytes:
    """A comment that also sets the client's last event id."""
    return format_sse_event(comment=text, id=str(at))


def _envelope_ids(payload: bytes) -> list[object]:
    """The ids of the envelopes that the audit row is about."""
    try:
        return [envelope.get("envelope_id") for envelope in envelopes_of(orjson.loads(payload))]
    except orjson.JSONDecodeError:  # the payload is nested too deeply for orjson
        return []


def _one_line(text: str) -> str:
    return "".join(character if character.isprintable() else "?" for character in text)
