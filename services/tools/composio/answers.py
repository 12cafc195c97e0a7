"""Interpret Composio's answers. Pure. An answer may have any form or length, so it is read from its bytes."""

import json
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from services.accounts import AccountHealth
from services.catalog import ListedTool
from services.errors import NotReady
from services.tools import Failed, Outcome, Success, ToolCall, Unknown
from services.tools.composio.wire import Exchange
from services.tools.http.provider import outcome_of_status, parse_retry_after
from services.untrusted import excerpt, one_line, storable, storable_body

_HINTS = ("readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint")
_STATUS_BY_COMPOSIO_STATUS = {
    "INITIALIZING": "pending",
    "INITIATED": "pending",
    "ACTIVE": "connected",
    "EXPIRED": "expired",
    "REVOKED": "revoked",
    "FAILED": "error",
    "INACTIVE": "error",
}
_TEXT = rb'"(?:[^"\\]|\\.)*"'
_SIMPLE_VALUE = rb'(?:%s|\{(?:[^{}"]|%s)*\}|[^\s,"{}\[\]]+)' % (_TEXT, _TEXT)
"""A JSON value without nesting: a text, an object of simple values, a number or a word such as true."""
_SUCCESSFUL_AT_END_PATTERN = re.compile(
    rb',\s*"successful"\s*:\s*(true|false)(?:\s*,\s*%s\s*:\s*%s)*\s*\}\s*\Z' % (_TEXT, _SIMPLE_VALUE)
)
"""Finds the member `successful` in the last bytes of an answer. Only simple members follow, so it belongs to the
outermost object."""


class _AnswerPart(BaseModel):
    """The fields that we read of a part of an answer. Errors do not quote the input: an account contains tokens."""

    model_config = ConfigDict(hide_input_in_errors=True)


class Item(_AnswerPart):
    slug: str
    description: str = ""
    input_parameters: dict[str, Any] = Field(default_factory=dict)
    tags: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()
    version: str = ""


class Page(_AnswerPart):
    items: list[Item]
    next_cursor: str | None = None


class _Granted(_AnswerPart):
    scope: str | list[str] | None = None


class _State(_AnswerPart):
    val: _Granted | None = None


class AccountAnswer(_AnswerPart):
    status: str
    status_reason: str | None = None
    is_disabled: bool = False
    state: _State | None = None
    requested_scopes: list[str] | None = None


_Model = TypeVar("_Model", bound=_AnswerPart)


def outcome(call: ToolCall, exchange: Exchange, *, hidden: Iterable[str], now: datetime) -> Outcome:
    """The outcome of a call after this exchange."""
    if exchange.status is None:
        error = error_message(exchange, hidden)
        return Unknown(error=error) if exchange.maybe_sent else Failed(error=error, retryable=True)
    if not 200 <= exchange.status < 300:
        wait = parse_retry_after(exchange.headers.get("retry-after"), now)
        error = error_message(exchange, hidden)
        return outcome_of_status(exchange.status, error, wait, call.tool, address="ACP_COMPOSIO_BASE_URL")
    if exchange.problem is not None:
        problem = excerpt(exchange.problem, hidden)
        return Unknown(error=one_line(f"Composio answered {exchange.status}, but the answer was cut off: {problem}"))
    answer = _parse_result(exchange)
    match answer.get("successful"):
        case True:
            return Success(result=storable(answer.get("data")))
        case False:
            # Doubtful, as for an error result of MCP: the tool, or the service behind it, may have failed half-way.
            message = excerpt(_text(answer.get("error")), hidden)
            error = f"the tool said: {message}" if message else "the tool reported an error without saying which"
            retryable = call.tool.idempotent
            return Failed(error=one_line(error), retryable=retryable, doubtful=not retryable)
    return Unknown(error=f"Composio answered {exchange.status} with an unreadable body")


def parse_answer(model: type[_Model], exchange: Exchange) -> _Model:
    try:
        if exchange.is_readable:
            return model.model_validate_json(bytes(exchange.body))
    except ValidationError as exc:
        first = exc.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise NotReady(one_line(f"Composio gave an unreadable answer ({where or 'body'}: {first['type']})")) from exc
    raise NotReady(f"Composio's answer was cut off or is longer than {exchange.keep_bytes} bytes")


def listed_tool(item: Item) -> ListedTool:
    return ListedTool(
        name=item.slug,
        description=item.description,
        schema=item.input_parameters,
        annotations={hint: True for hint in _HINTS if hint in item.tags},
        config={"tool": item.slug, "version": item.version} if item.version else {"tool": item.slug},
        version=item.version,
        scopes=item.scopes,
    )


def account_health(account: AccountAnswer) -> AccountHealth:
    status = _STATUS_BY_COMPOSIO_STATUS.get(account.status, "error")
    reason = one_line(account.status_reason or "")
    if account.status == "INACTIVE" or (account.is_disabled and status == "connected"):
        status, reason = "error", reason or "it is disabled: enable it in Composio"
    elif status != "connected":
        reason = reason or one_line(f"Composio says {account.status}")
    granted = account.state.val.scope if account.state and account.state.val else None
    if isinstance(granted, str):
        granted = re.split(r"[\s,]+", granted.strip())
    return AccountHealth(status=status, reason=reason, scopes=tuple(granted or account.requested_scopes or ()))


def error_message(exchange: Exchange, hidden: Iterable[str]) -> str:
    """Why the request failed, on one line, with the remedy if there is one."""
    match exchange.status:
        case None:
            return one_line(f"Composio: {excerpt(exchange.problem or '', hidden)}")
        case 401:
            # the text of the answer is left out, because it may contain the key
            return "Composio answered 401: check ACP_COMPOSIO_API_KEY"
        case 403:
            return "Composio answered 403: check what ACP_COMPOSIO_API_KEY may do, and the connected account"
    error = _parse_result(exchange).get("error")
    message = _text(error.get("message")) if isinstance(error, dict) else exchange.body.decode(errors="replace")
    message = excerpt(message, hidden)
    return one_line(f"Composio answered {exchange.status}" + (f": {message}" if message else ""))


def _parse_result(exchange: Exchange) -> Mapping[str, Any]:
    """The answer as an object, empty when it is unreadable.

    For an answer that was cut: `successful`, which is at the end of the answer, and a truncation marker as `data`.
    """
    if exchange.is_readable:
        try:
            answer = json.loads(exchange.body)
        except (ValueError, RecursionError):
            return {}
        return answer if isinstance(answer, dict) else {}
    successful = (
        _SUCCESSFUL_AT_END_PATTERN.search(exchange.tail) if exchange.is_complete and exchange.is_uncompressed else None
    )
    if successful is None:
        return {}
    return {"successful": successful[1] == b"true", "data": storable_body(bytes(exchange.body), whole=False)}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
