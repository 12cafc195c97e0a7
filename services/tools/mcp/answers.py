"""The outcome of a call to an MCP server. Pure.

Only the transport shows whether a call was sent: an HTTP status, or a child process that did not get the bytes. The
message and the code of a JSON-RPC error do not show it: if a tool raises an error, SDKs copy its code and message, and
over HTTP may choose the status by the code. So the tool may have had an effect before any of them.
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

PERMANENT_ERRORS = frozenset(
    {
        METHOD_NOT_FOUND,
        INVALID_PARAMS,  # also the answer for a tool that the server does not have
        MISSING_REQUIRED_CLIENT_CAPABILITY,
        UNSUPPORTED_PROTOCOL_VERSION,
        URL_ELICITATION_REQUIRED,
    }
)
"""Error codes of permanent errors: the same call would get the same error again."""
RETRY_SOON = timedelta(seconds=1)
"""The wait after a call that was not sent, unless the server names one."""
RETRY_AFTER_ACCESS_DENIED = timedelta(minutes=15)
"""The wait after a server has denied access: only a person can change that."""

_RESULT_TYPE: TypeAdapter[CallToolResult | InputRequiredResult] = TypeAdapter(CallToolResult | InputRequiredResult)


def outcome(call: ToolCall, server: str, exchange: Exchange) -> Outcome:
    """The outcome of a call after this exchange."""
    hidden = list(texts_in(call.arguments))
    error = one_line(f"MCP server {server!r} {exchange.problem}")
    if not exchange.maybe_sent or exchange.session_lost:
        return Failed(error=error, retryable=True, held=True, retry_after=exchange.retry_after or RETRY_SOON)
    by_status = _outcome_of_http_status(call, server, error, exchange)
    if by_status is not None or exchange.answer is None:
        return by_status or Unknown(error=error)
    try:
        if "error" in exchange.answer:
            error_data = ErrorData.model_validate(exchange.answer["error"])
            return _outcome_of_error(call, server, error_data, hidden)
        result = _RESULT_TYPE.validate_python(exchange.answer["result"], by_name=False)
        return _outcome_of_result(call, server, result, hidden)
    except (ValidationError, RecursionError) as exc:
        return Unknown(error=f"MCP server {server!r} gave an unreadable answer ({type(exc).__name__})")


def _outcome_of_http_status(call: ToolCall, server: str, error: str, exchange: Exchange) -> Outcome | None:
    """The outcome if the HTTP status decides it, else None.

    A 400 or 404 with a JSON-RPC error in its body does not decide the outcome; the error does.
    """
    match exchange.status:
        case 401 | 403 as status:
            error = f"MCP server {server!r} answered {status}: check its headers in ACP_MCP_SERVERS"
            return Failed(error=error, retryable=True, held=True, retry_after=RETRY_AFTER_ACCESS_DENIED)
        case int() as status if status >= 300 and (exchange.answer is None or status in {425, 429, 503}):
            error = error if exchange.answer is None else f"MCP server {server!r} answered {status}"
            return outcome_of_status(
                status, error, exchange.retry_after, call.tool, address="its url in ACP_MCP_SERVERS"
            )
    return None


def _outcome_of_error(call: ToolCall, server: str, error: ErrorData, hidden: Iterable[str]) -> Outcome:
    message = excerpt(error.message, hidden)
    if error.code in PERMANENT_ERRORS:
        refusal = one_line(f"MCP server {server!r} refused the call ({error.code}): {message}")
        return Failed(error=refusal, retryable=False, doubtful=not call.tool.idempotent)
    return Unknown(error=one_line(f"MCP server {server!r} failed during the call ({error.code}): {message}"))


def _outcome_of_result(
    call: ToolCall, server: str, result: CallToolResult | InputRequiredResult, hidden: Iterable[str]
) -> Outcome:
    if isinstance(result, InputRequiredResult):
        error = f"MCP server {server!r} asked for user input during the call, which is not supported"
        return Failed(error=error, retryable=False, doubtful=not call.tool.idempotent)
    if not result.is_error:
        return Success(result=_storable_content(result))
    # The tool itself reports the failure, mostly because of arguments, rights or a service behind it. So the outcome is
    # not Unknown, which is for calls without a reliable answer. But the tool may have failed half-way: only a tool that
    # honours the idempotency key is called again; for any other a person decides.
    message = excerpt(" ".join(block.text for block in result.content if isinstance(block, TextContent)), hidden)
    error = f"the tool said: {message}" if message else "the tool reported an error without saying which"
    retryable = call.tool.idempotent
    return Failed(error=one_line(error), retryable=retryable, doubtful=not retryable)


def _storable_content(result: CallToolResult) -> Any:
    if result.structured_content is not None:
        return storable(result.structured_content)
    return storable([block.model_dump(by_alias=True, mode="json", exclude_none=True) for block in result.content])
