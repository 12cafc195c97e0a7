"""Read request bodies: up to a limit, and with every digit of a number."""

import asyncio
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, TypeVar

from fastapi import Request, Response
from fastapi.routing import APIRoute
from pydantic import BaseModel, Field

from control_plane.api.problems import MalformedBody, Problem
from control_plane.strict_json import parse_object
from services.errors import InvalidInput

T = TypeVar("T")
MAX_BYTES = 1024 * 1024
"""The largest body in bytes. `middleware.LimitBody` enforces it for every route."""
MAX_BYTES_BY_PATH = {"/v1/envelopes/batch": 4 * MAX_BYTES}
"""The largest body of these paths."""
PARSE_HERE = 64 * 1024
"""Bytes up to which a body is parsed in the event loop. A larger body is parsed in a thread: otherwise all other
requests would wait for it."""


class StrictRoute(APIRoute):
    """A route whose JSON body is read by `read_object` before the model of the route checks it.

    FastAPI itself would keep the last of two equal keys.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """See FastAPI."""
        handle = super().get_route_handler()

        async def handle_strictly(request: Request) -> Response:
            return await handle(_StrictRequest(request.scope, request.receive))

        return handle_strictly


class _StrictRequest(Request):
    async def json(self) -> dict[str, Any]:
        try:
            return await parse_body(partial(parse_object, name="body"), await self.body())
        except InvalidInput as exc:
            raise MalformedBody(exc) from exc


class Reason(BaseModel, extra="forbid"):
    """The reason of a change, for the audit log."""

    reason: str | None = Field(default=None, max_length=4000, examples=["the order was a duplicate"])


async def read_object(request: Request) -> dict[str, Any]:
    """The JSON object in the body. Raises Problem 415, and InvalidInput with the position of the error."""
    kind = request.headers.get("content-type", "application/json").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise Problem(415, "content-type: must be application/json")
    return await parse_body(partial(parse_object, name="body"), await request.body())


async def parse_body(parse: Callable[[bytes], T], body: bytes) -> T:
    """Parse a body. A large body is parsed in a thread, so that it does not block the event loop."""
    return parse(body) if len(body) <= PARSE_HERE else await asyncio.to_thread(parse, body)


def body_in_openapi(model: type[BaseModel], *, list_name: str | None = None) -> dict[str, Any]:
    """The OpenAPI schema of a body that `read_object` reads: this model or, in the field `list_name`, a list of it."""
    schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
    schema.pop("$defs", None)
    if list_name is not None:
        schema = {
            "type": "object", "required": [list_name],
            "properties": {list_name: {"type": "array", "items": schema, "maxItems": 1000}},
        }  # fmt: skip
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}
