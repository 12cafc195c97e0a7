"""JSON-RPC messages of MCP, and the interface of the two transports that carry them.

The SDK's session agrees on the protocol version, lists tools and receives notifications. Calls do not use the SDK's
session: it takes more time per call than the rest of an attempt, and it reports neither whether the call was sent nor
what the transport did.
"""

import json
import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol

from mcp.shared.message import SessionMessage
from mcp.types import (
    CLIENT_CAPABILITIES_META_KEY,
    CLIENT_INFO_META_KEY,
    METHOD_NOT_FOUND,
    PROTOCOL_VERSION_META_KEY,
    Implementation,
    jsonrpc_message_adapter,
)
from mcp.types.version import MODERN_PROTOCOL_VERSIONS
from pydantic import ValidationError

from services.untrusted import parse_quickly

MAX_MESSAGE_BYTES = 4 * 1024 * 1024
"""The longest message that is read: far longer than a result that is stored. Parsing a hostile message of this length
takes 0.2 s."""
MAX_MESSAGES = 1000
"""The most messages in one line or body. Handling this many takes milliseconds; 4 MiB of tiny messages would take a
minute."""
MAX_QUEUED_MESSAGES = 1000
"""Messages that may wait for the session to read them; further ones are dropped."""
CLIENT = Implementation(name="agent-control-plane", version="0")
FIRST_CALL_ID = 1 << 30
"""Ids of calls have 31 bits and start here. The SDK's session counts from 1, so its ids are lower."""

_IGNORED_NOTIFICATIONS = frozenset({"notifications/progress", "notifications/message"})
_CLIENT_INFO = CLIENT.model_dump(by_alias=True, mode="json", exclude_none=True)


@dataclass(slots=True)
class Exchange:
    """The state of one request and its answer. `maybe_sent` comes from the transport alone, never from an answer."""

    maybe_sent: bool = False
    """Whether the server may have received the request."""
    status: int | None = None
    """The HTTP status of the answer to the request; None over stdio."""
    retry_after: timedelta | None = None
    session_lost: bool = False
    """Whether the HTTP status shows that the server no longer knows our session."""
    answer: Mapping[str, Any] | None = None
    """The JSON-RPC answer to this request: it contains `result` or `error`."""
    problem: str = ""
    """Why there is no answer; it quotes nothing that the server sent."""


class Transport(Protocol):
    """The connection to one server for one session."""

    version: str
    """The protocol version that the session agreed on; empty before."""
    received_messages: int
    """How many messages the server has sent."""

    @property
    def open_calls(self) -> int:
        """How many calls wait for an answer."""

    @property
    def is_open(self) -> bool:
        """Whether a call can be sent now."""

    async def call(self, params: Mapping[str, Any], exchange: Exchange, *, schema: Mapping[str, Any]) -> None:
        """Call a tool and write the answer or the problem into `exchange`. `schema` is that of the tool's arguments.

        Raises nothing but CancelledError; the server is then told that the call was cancelled.
        """

    async def ping_session(self) -> bool:
        """Ask the server whether it still knows our session."""


def new_call_id() -> int:
    """A random id for a call: an answer with a wrong id is then unlikely to match another call."""
    return FIRST_CALL_ID | random.getrandbits(29)


def request_message(request_id: int, method: str, params: Mapping[str, Any], version: str) -> dict[str, Any]:
    """The JSON-RPC request, in the form that `version` of the protocol asks for."""
    if version in MODERN_PROTOCOL_VERSIONS:
        client_meta = {
            PROTOCOL_VERSION_META_KEY: version, CLIENT_INFO_META_KEY: _CLIENT_INFO, CLIENT_CAPABILITIES_META_KEY: {},
        }  # fmt: skip
        params = {**params, "_meta": {**params.get("_meta", {}), **client_meta}}
    return {"jsonrpc": "2.0", "id": request_id, "method": method, "params": params}


def cancel_message(request_id: int) -> dict[str, Any]:
    """The notification that a call was cancelled."""
    return {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": request_id}}


def parse_messages(raw: bytes) -> list[Any] | None:
    """Parse the JSON-RPC messages in a line (stdio) or an HTTP body. Bytes that are not UTF-8 become U+FFFD.

    None when `raw` is not JSON or contains more than MAX_MESSAGES.
    """
    try:
        try:
            found = parse_quickly(raw)
        except ValueError:
            found = json.loads(raw.decode(errors="replace"))
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, list):
        return [found]
    return found if len(found) <= MAX_MESSAGES else None


def answered_call_id(message: Any) -> int | None:
    """The id of the call that `message` answers; None when it is not an answer to a call."""
    if not isinstance(message, dict) or "method" in message or not ("result" in message or "error" in message):
        return None
    request_id = message.get("id")
    return request_id if type(request_id) is int and request_id >= FIRST_CALL_ID else None


def reply_to(message: Any) -> dict[str, Any] | None:
    """The reply if `message` is a request of the server: a result for a ping, an error for any other; else None."""
    if not isinstance(message, dict) or "method" not in message or "id" not in message:
        return None
    answer = {"jsonrpc": "2.0", "id": message["id"]}
    if message["method"] == "ping":
        return {**answer, "result": {}}
    return {**answer, "error": {"code": METHOD_NOT_FOUND, "message": "this client serves no requests"}}


def session_message(message: Any) -> SessionMessage | None:
    """`message` in the form that the SDK's session reads; None for one it does not need or that is invalid."""
    if not isinstance(message, dict) or message.get("jsonrpc") != "2.0":
        return None
    method = message.get("method")
    if method in _IGNORED_NOTIFICATIONS if isinstance(method, str) else not message.keys() & {"result", "error"}:
        return None
    try:
        return SessionMessage(jsonrpc_message_adapter.validate_python(message, by_name=False))
    except (ValidationError, RecursionError):
        return None
