"""Read each message strictly before the SDK does. The SDK would round numbers, keep the last of two equal keys, and
repeat the values of a malformed message in its answer."""

import json
from collections.abc import Iterator
from itertools import islice
from typing import Any

from mcp.types import INVALID_REQUEST, ErrorData, JSONRPCError, JSONRPCResponse, jsonrpc_message_adapter
from pydantic import ValidationError

from control_plane.mcp.answers import refusal_answer
from control_plane.strict_json import parse_object
from services.errors import InvalidInput
from services.json_rules import Problem, json_problems

MAX_PROBLEMS = 20
"""A refusal names at most this many problems of one call."""


def refuse_message(text: str | bytes) -> JSONRPCResponse | JSONRPCError | None:
    """The answer to a message that may not reach the SDK; None for every other one.

    A refused tool call is answered as a failed call and not as a protocol error, so that the model sees what to change.
    """
    try:
        message = parse_object(text, name="message")
        jsonrpc_message_adapter.validate_python(message, by_name=False)
        problems = list(islice(_argument_problems(message), MAX_PROBLEMS))
        if not problems:
            return None
        reason = str(InvalidInput(*problems[0], *problems[1:]))
    except InvalidInput as exc:
        message, reason = _parse_leniently(text), str(exc)
    except ValidationError:
        reason = "message: is not a JSON-RPC request, notification or response"
    return _answer(message, reason)


def _argument_problems(message: dict[str, Any]) -> Iterator[Problem]:
    """The problems of arguments, with the field names that `POST /v1/envelopes` uses."""
    if message.get("method") == "tools/call":
        arguments = (message.get("params") or {}).get("arguments")
        for name, value in arguments.items() if isinstance(arguments, dict) else ():
            yield from json_problems(name, value)


def _parse_leniently(text: str | bytes) -> dict[str, Any]:
    """Parse a refused message, only to find its id. Empty if the text is not a JSON object."""
    try:
        message = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return message if isinstance(message, dict) else {}


def _answer(message: dict[str, Any], reason: str) -> JSONRPCResponse | JSONRPCError:
    raw_id = message.get("id")
    request_id = raw_id if isinstance(raw_id, str | int) and not isinstance(raw_id, bool) else None
    if message.get("method") == "tools/call" and request_id is not None:
        result = refusal_answer(reason).model_dump(mode="json", by_alias=True, exclude_none=True)
        return JSONRPCResponse(jsonrpc="2.0", id=request_id, result=result)
    return JSONRPCError(jsonrpc="2.0", id=request_id, error=ErrorData(code=INVALID_REQUEST, message=reason))
