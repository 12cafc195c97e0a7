"""Read request bodies: bounded, and without losing a digit."""

from typing import Any

from fastapi import Request
from pydantic import BaseModel, Field

from control_plane.api.problems import Problem
from control_plane.strict_json import parse_object

MOST_BYTES = 1024 * 1024
"""Of one body; of a batch of envelopes 16 times as much."""


class Reason(BaseModel, extra="forbid"):
    """Why, for the audit log."""

    reason: str | None = Field(default=None, max_length=4000, examples=["the order was a duplicate"])


async def read_object(request: Request, *, most_bytes: int = MOST_BYTES) -> dict[str, Any]:
    """The JSON object in the body. Raises Problem 413 or 415, and InvalidInput that names the place."""
    kind = request.headers.get("content-type", "application/json").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise Problem(415, "content-type: must be application/json")
    return parse_object(await read_bytes(request, most_bytes), name="body")


async def read_bytes(request: Request, most_bytes: int) -> bytes:
    """The body, read no further than the limit. Raises Problem 413."""
    parts, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > most_bytes:
            raise Problem(413, f"body: is larger than {most_bytes:,} bytes")
        parts.append(chunk)
    return b"".join(parts)


def json_body(model: type[BaseModel], *, list_name: str | None = None) -> dict[str, Any]:
    """What the API's description says of a body that `read_object` reads: this model, or a list of it."""
    schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
    schema.pop("$defs", None)
    if list_name is not None:
        schema = {
            "type": "object", "required": [list_name],
            "properties": {list_name: {"type": "array", "items": schema, "maxItems": 1000}},
        }  # fmt: skip
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}
