"""One JSON-RPC message to an MCP server and how far it came, over whatever transport.

The SDK's session agrees on the protocol, lists tools and hears notifications; calls do not go through it: it costs more
time per call than the rest of an attempt, and it tells neither whether the call left nor what the transport said.
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

MOST_BYTES = 16 * 1024 * 1024
"""Of one message; far more than is kept of a result."""
MOST_MESSAGES = 1000
"""In one line or body: reading these takes the event loop milliseconds, and 16 MiB of the smallest, minutes."""
WAITING_AT_MOST = 1000
"""Notices to a session that does not get round to them."""
CLIENT = Implementation(name="agent-control-plane", version="0")
FIRST_KEY = 1 << 30
"""Ids of calls begin here: the session, which counts from 1, never comes so far. They have no more than 31 bits."""

_UNHEARD = frozenset({"notifications/progress", "notifications/message"})
_ABOUT_US = CLIENT.model_dump(by_alias=True, mode="json", exclude_none=True)


@dataclass(slots=True)
class Exchange:
    """One call and how far it came. Only what the transport itself shows decides whether it left."""

    left: bool = False
    """Whether the server may have got it."""
    status: int | None = None
    """Over HTTP: what the request that carried the call was answered with."""
    retry_after: timedelta | None = None
    lost_session: bool = False
    """Over HTTP: the server does not know our session any more, and says so by this status."""
    answer: Mapping[str, Any] | None = None
    """The JSON-RPC answer to this very call: `result` or `error` is in it."""
    problem: str = ""
    """Why there is none, without a word of the server's."""


class Wire(Protocol):
    """The way to one server, for one session."""

    version: str
    """The protocol's version that the session agreed on; empty before."""
    heard: int
    """How many messages have come."""

    @property
    def under_way(self) -> int:
        """How many calls wait for an answer."""

    @property
    def is_open(self) -> bool:
        """Whether a call could leave now."""

    async def call(self, params: Mapping[str, Any], exchange: Exchange, *, schema: Mapping[str, Any]) -> None:
        """Call a tool, whose arguments are of this schema; what came of it is in `exchange`.

        Raises nothing but CancelledError; the server is then told that nobody waits any more.
        """

    async def knows_us(self) -> bool:
        """False when the server shows that our session is none of its own any more."""


def new_key() -> int:
    """An id for a call. No neighbour of another's: a server that gets one wrong meets nobody."""
    return FIRST_KEY | random.getrandbits(29)


def request(key: int, method: str, params: Mapping[str, Any], version: str) -> dict[str, Any]:
    """The message, as this version wants it."""
    if version in MODERN_PROTOCOL_VERSIONS:
        about = {
            PROTOCOL_VERSION_META_KEY: version, CLIENT_INFO_META_KEY: _ABOUT_US, CLIENT_CAPABILITIES_META_KEY: {},
        }  # fmt: skip
        params = {**params, "_meta": {**params.get("_meta", {}), **about}}
    return {"jsonrpc": "2.0", "id": key, "method": method, "params": params}


def cancelled(key: int) -> dict[str, Any]:
    """Tells the server that nobody waits for this call any more."""
    return {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": key}}


def messages_in(raw: bytes) -> list[Any] | None:
    """The messages in one line or body; a byte that is no UTF-8 becomes U+FFFD.

    None when it is no JSON at all, or holds more than MOST_MESSAGES.
    """
    try:
        found = json.loads(raw.decode(errors="replace"))
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, list):
        return [found]
    return found if len(found) <= MOST_MESSAGES else None


def answered(message: Any) -> int | None:
    """The id of the call that this message answers; None when it is no answer of that kind."""
    if not isinstance(message, dict) or "method" in message or not ("result" in message or "error" in message):
        return None
    key = message.get("id")
    return key if type(key) is int and key >= FIRST_KEY else None


def refusal_of(message: Any) -> dict[str, Any] | None:
    """What a server gets that asks for something: an answer to a ping, a polite no to all else."""
    if not isinstance(message, dict) or "method" not in message or "id" not in message:
        return None
    answer = {"jsonrpc": "2.0", "id": message["id"]}
    if message["method"] == "ping":
        return {**answer, "result": {}}
    return {**answer, "error": {"code": METHOD_NOT_FOUND, "message": "nobody is here to do this"}}


def for_session(message: Any) -> SessionMessage | None:
    """What the session should hear of; None for the rest, and for what breaks the protocol."""
    if not isinstance(message, dict) or message.get("jsonrpc") != "2.0":
        return None
    method = message.get("method")
    if method in _UNHEARD if isinstance(method, str) else not message.keys() & {"result", "error"}:
        return None
    try:
        return SessionMessage(jsonrpc_message_adapter.validate_python(message, by_name=False))
    except (ValidationError, RecursionError):
        return None
