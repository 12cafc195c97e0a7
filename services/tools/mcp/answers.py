"""What came of a call to an MCP server. Pure.

Whether a call left is the transport's to say: an HTTP status, a child that never got the bytes. Never the words of an
error, and no JSON-RPC code either: the SDKs put whatever code and message a tool raises into the protocol's own error,
and over HTTP its status into the answer, so every one of them may come from a tool that has acted.
"""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from mcp.types import (
    INVALID_PARAMS,
    METHOD_NOT_FOUND,
    MISSING_REQUIRED_CLIENT_CAPABILITY,
    UNSUPPORTED_PROTOCOL_VERSION,
    URL_ELICITATION_REQUIRED,
    CallToolResult,
    ErrorData,
    InputRequiredResult,
    TextContent,
)
from pydantic import TypeAdapter, ValidationError

from services.tools import Failed, Outcome, Success, ToolCall, Unknown
from services.tools.http.provider import outcome_of_status
from services.tools.mcp.wire import Exchange
from services.untrusted import excerpt, one_line, storable, texts_in

REFUSED = frozenset(
    {
        METHOD_NOT_FOUND,
        INVALID_PARAMS,  # also the answer to a tool the server does not have
        MISSING_REQUIRED_CLIENT_CAPABILITY,
        UNSUPPORTED_PROTOCOL_VERSION,
        URL_ELICITATION_REQUIRED,
    }
)
"""Errors after which the same call would get the same again."""
SOON = timedelta(seconds=1)
PARKED_FOR = timedelta(minutes=15)
"""Between two looks at a server that does not let us in: only a person can change that."""

_RESULT: TypeAdapter[CallToolResult | InputRequiredResult] = TypeAdapter(CallToolResult | InputRequiredResult)


def outcome(call: ToolCall, server: str, exchange: Exchange) -> Outcome:
    """What this exchange means."""
    hidden = list(texts_in(call.arguments))
    said = one_line(f"MCP server {server!r} {exchange.problem}")
    if not exchange.left or exchange.lost_session:
        return Failed(error=said, retryable=True, held=True, retry_after=exchange.retry_after or SOON)
    refused = _refused_by_status(server, said, exchange)
    if refused is not None or exchange.answer is None:
        return refused or Unknown(error=said)
    try:
        if "error" in exchange.answer:
            error_data = ErrorData.model_validate(exchange.answer["error"])
            return _refused(call, server, error_data, hidden)
        return _result(call, server, _RESULT.validate_python(exchange.answer["result"], by_name=False), hidden)
    except (ValidationError, RecursionError) as exc:
        return Unknown(error=f"MCP server {server!r} gave an unreadable answer ({type(exc).__name__})")


def _refused_by_status(server: str, said: str, exchange: Exchange) -> Outcome | None:
    """The statuses of 400 and 404 come with the protocol's own errors, too, and then say no more than those."""
    match exchange.status:
        case 401 | 403 as status:
            error = f"MCP server {server!r} answered {status}: check its headers in ACP_MCP_SERVERS"
            return Failed(error=error, retryable=True, held=True, retry_after=PARKED_FOR)
        case int() as status if status >= 300 and (exchange.answer is None or status in {425, 429, 503}):
            said = said if exchange.answer is None else f"MCP server {server!r} answered {status}"
            return outcome_of_status(status, said, exchange.retry_after, address="its url in ACP_MCP_SERVERS")
    return None


def _refused(call: ToolCall, server: str, error: ErrorData, hidden: Iterable[str]) -> Outcome:
    said = excerpt(error.message, hidden)
    if error.code in REFUSED:
        said = one_line(f"MCP server {server!r} refused the call ({error.code}): {said}")
        return Failed(error=said, retryable=False, doubtful=not call.tool.idempotent)
    return Unknown(error=one_line(f"MCP server {server!r} failed during the call ({error.code}): {said}"))


def _result(
    call: ToolCall, server: str, result: CallToolResult | InputRequiredResult, hidden: Iterable[str]
) -> Outcome:
    if isinstance(result, InputRequiredResult):
        error = f"MCP server {server!r} asks for input in the middle of the call; nobody is there to give it"
        return Failed(error=error, retryable=False, doubtful=not call.tool.idempotent)
    if not result.is_error:
        return Success(result=_stored(result))
    # An answer, not a silence: the tool itself says that it failed, mostly over arguments, rights or a service behind
    # it. Unknown is for calls nobody can speak for, and would drown those in plain refusals. The tool may still have
    # failed half-way, so only one that honours the key is asked again; any other stops here, in its own words, for a
    # person.
    said = excerpt(" ".join(block.text for block in result.content if isinstance(block, TextContent)), hidden)
    error = f"the tool said: {said}" if said else "the tool reported an error without saying which"
    again = call.tool.idempotent  # else part of the effect may stand, and only a person can tell
    return Failed(error=one_line(error), retryable=again, doubtful=not again)


def _stored(result: CallToolResult) -> Any:
    if result.structured_content is not None:
        return storable(result.structured_content)
    return storable([block.model_dump(by_alias=True, mode="json", exclude_none=True) for block in result.content])
