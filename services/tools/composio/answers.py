"""What Composio's answers mean, read from their bytes: they come from outside and may have any shape or length."""

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
from services.tools.http.provider import refusal, retry_after
from services.untrusted import excerpt, one_line, storable, storable_body

_HINTS = ("readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint")
_STATUSES = {
    "INITIALIZING": "pending",
    "INITIATED": "pending",
    "ACTIVE": "connected",
    "EXPIRED": "expired",
    "REVOKED": "revoked",
    "FAILED": "error",
    "INACTIVE": "error",
}
_TEXT = rb'"(?:[^"\\]|\\.)*"'
_SMALL = rb'(?:%s|\{(?:[^{}"]|%s)*\}|[^\s,"{}\[\]]+)' % (_TEXT, _TEXT)
"""A text, an object of plain values, or a number or word."""
_VERDICT = re.compile(rb',\s*"successful"\s*:\s*(true|false)(?:\s*,\s*%s\s*:\s*%s)*\s*\}\s*\Z' % (_TEXT, _SMALL))
"""`successful` as a member of the answer itself: what follows it opens and closes nothing but the answer."""


class _Told(BaseModel):
    """Part of an answer: what we read of it. An account's holds tokens, which no error may quote."""

    model_config = ConfigDict(hide_input_in_errors=True)


class Item(_Told):
    slug: str
    description: str = ""
    input_parameters: dict[str, Any] = Field(default_factory=dict)
    tags: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()
    version: str = ""


class Page(_Told):
    items: list[Item]
    next_cursor: str | None = None


class _Granted(_Told):
    scope: str | list[str] | None = None


class _State(_Told):
    val: _Granted | None = None


class AccountAnswer(_Told):
    status: str
    status_reason: str | None = None
    is_disabled: bool = False
    state: _State | None = None
    requested_scopes: list[str] | None = None


_Model = TypeVar("_Model", bound=_Told)


def outcome(call: ToolCall, exchange: Exchange, *, hidden: Iterable[str], now: datetime) -> Outcome:
    """What this exchange means. Pure."""
    if exchange.status is None:
        error = said_of(exchange, hidden)
        return Unknown(error=error) if exchange.left else Failed(error=error, retryable=True)
    if not 200 <= exchange.status < 300:
        wait = retry_after(exchange.headers.get("retry-after"), now)
        return refusal(exchange.status, said_of(exchange, hidden), wait, address="ACP_COMPOSIO_BASE_URL")
    if exchange.problem is not None:
        broken = f"Composio answered {exchange.status}, then broke off: {excerpt(exchange.problem, hidden)}"
        return Unknown(error=one_line(broken))
    answer = _answer(exchange)
    match answer.get("successful"):
        case True:
            return Success(result=storable(answer.get("data")))
        case False:
            # As with an MCP result that says so itself: the tool, or the service behind it, may have failed half-way.
            said = excerpt(_text(answer.get("error")), hidden)
            error = f"the tool said: {said}" if said else "the tool reported an error without saying which"
            again = call.tool.idempotent
            return Failed(error=one_line(error), retryable=again, doubtful=not again)
    return Unknown(error=f"Composio answered {exchange.status}, unreadably")


def parsed(model: type[_Model], exchange: Exchange) -> _Model:
    try:
        if exchange.readable:
            return model.model_validate_json(bytes(exchange.body))
    except ValidationError as exc:
        first = exc.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise NotReady(one_line(f"Composio gave an unreadable answer ({place or 'body'}: {first['type']})")) from exc
    raise NotReady(f"Composio's answer broke off or is longer than {exchange.keep} bytes")


def listed(item: Item) -> ListedTool:
    return ListedTool(
        name=item.slug,
        description=item.description,
        schema=item.input_parameters,
        annotations={hint: True for hint in _HINTS if hint in item.tags},
        config={"tool": item.slug, "version": item.version} if item.version else {"tool": item.slug},
        version=item.version,
        scopes=item.scopes,
    )


def health_of(account: AccountAnswer) -> AccountHealth:
    status = _STATUSES.get(account.status, "error")
    reason = one_line(account.status_reason or "")
    if account.status == "INACTIVE" or (account.is_disabled and status == "connected"):
        status, reason = "error", reason or "it is disabled: enable it in Composio"
    elif status != "connected":
        reason = reason or one_line(f"Composio says {account.status}")
    granted = account.state.val.scope if account.state and account.state.val else None
    if isinstance(granted, str):
        granted = re.split(r"[\s,]+", granted.strip())
    return AccountHealth(status=status, reason=reason, scopes=tuple(granted or account.requested_scopes or ()))


def said_of(exchange: Exchange, hidden: Iterable[str]) -> str:
    """Why it did not work, on one line, with the remedy where there is one."""
    match exchange.status:
        case None:
            return one_line(f"Composio: {excerpt(exchange.problem or '', hidden)}")
        case 401:
            return "Composio answered 401: check ACP_COMPOSIO_API_KEY"  # and it may echo what it was given
        case 403:
            return "Composio answered 403: check what ACP_COMPOSIO_API_KEY may do, and the connected account"
    error = _answer(exchange).get("error")
    told = _text(error.get("message")) if isinstance(error, dict) else exchange.body.decode(errors="replace")
    said = excerpt(told, hidden)
    return one_line(f"Composio answered {exchange.status}" + (f": {said}" if said else ""))


def _answer(exchange: Exchange) -> Mapping[str, Any]:
    """The answer, empty when it cannot be read. Of a long one `successful` is at the end, and `data` a marker."""
    if exchange.readable:
        try:
            answer = json.loads(exchange.body)
        except (ValueError, RecursionError):
            return {}
        return answer if isinstance(answer, dict) else {}
    verdict = _VERDICT.search(exchange.tail) if exchange.ended and exchange.plain else None
    if verdict is None:
        return {}
    return {"successful": verdict[1] == b"true", "data": storable_body(bytes(exchange.body), whole=False)}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
