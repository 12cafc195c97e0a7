"""A call in the form that a third-party API expects, for tools whose `config.body` is `arguments`. Pure.

The body is the arguments themselves. `{name}` in the path of the URL is replaced by the argument `name`, and the body
does not repeat this argument. `config.headers` names headers in ACP_HTTP_HEADERS, such as a login. Some APIs answer 200
when they refuse: for these, `config.ok` names the field of the answer that must be true.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from services.errors import InvalidInput
from services.tools import Failed, Outcome, Success, ToolCall
from services.untrusted import excerpt, one_line, texts_in

METHODS = ("POST", "PUT", "PATCH")
_PLACEHOLDER = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")
_PATH = re.compile(r"https?://[^/?#]*(/[^?#]*)?")


def is_raw(config: Mapping[str, Any]) -> bool:
    """Whether the body of a call is its arguments, without an envelope around them."""
    return config.get("body") == "arguments"


def check_raw_config(config: Mapping[str, Any]) -> None:
    """Raise InvalidInput for a `config` with which no call could be sent."""
    if config.get("body") not in {None, "event", "arguments"}:
        raise InvalidInput("config.body", "must be event or arguments")
    if config.get("method") not in {None, *METHODS}:
        raise InvalidInput("config.method", f"must be one of {', '.join(METHODS)}")
    for name, named in (("headers", "an entry of ACP_HTTP_HEADERS"), ("ok", "a field of the answer")):
        if name in config and not (isinstance(config[name], str) and config[name]):
            raise InvalidInput(f"config.{name}", f"must be the name of {named}")
    used = sorted({"method", "headers", "ok"} & set(config))
    if not is_raw(config) and used:
        raise InvalidInput(f"config.{used[0]}", "needs config.body to be arguments")
    url = str(config.get("url"))
    path = _PATH.match(url)
    inside = "" if path is None else path[1] or ""
    if _PLACEHOLDER.search(url.replace(inside, "", 1)):
        raise InvalidInput("config.url", "may have a placeholder such as {name} only in its path")
    if not is_raw(config) and _PLACEHOLDER.search(inside):
        raise InvalidInput("config.url", "may have a placeholder such as {name} only if config.body is arguments")


def fill_url(call: ToolCall) -> ToolCall:
    """The call with its arguments put into the path of the URL. Raises InvalidInput for an argument that cannot be part
    of a path."""
    url, arguments = str(call.tool.config.get("url")), dict(call.arguments)

    def fill(match: "re.Match[str]") -> str:
        value = call.arguments.get(match[1])
        text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
        if not text.strip(".") or not text.isprintable():  # `..` would name another path
            raise InvalidInput(f"arguments.{match[1]}", "must be a text or number that can be part of a path")
        arguments.pop(match[1], None)
        return quote(text, safe="")

    filled = _PLACEHOLDER.sub(fill, url)
    return replace(call, tool=replace(call.tool, config={**call.tool.config, "url": filled}), arguments=arguments)


def raw_outcome(call: ToolCall, outcome: Outcome) -> Outcome:
    """The outcome of a call, also judged by the field of the answer that `config.ok` names."""
    name = call.tool.config.get("ok")
    if name is None or not isinstance(outcome, Success):
        return outcome
    answer = outcome.result if isinstance(outcome.result, Mapping) else {}
    if answer.get(name) is True:
        return outcome
    reason = excerpt(str(answer.get("error") or answer.get("message") or "no reason"), texts_in(call.arguments))
    return Failed(error=one_line(f"the field {name} of the answer is not true: {reason}"), retryable=False)
