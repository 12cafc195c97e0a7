"""Make a tool's answer safe to store as jsonb and to show to people. Pure."""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any

import orjson

from services.envelope import MAX_PAYLOAD_BYTES

MAX_ERROR = 500
MAX_EXCERPT = 200

_MAX_PARSED_BYTES = 4 * MAX_PAYLOAD_BYTES
"""A longer body is not parsed: that takes up to 0.1 s per MiB, in which nothing else runs."""
_SEARCHED_CHARACTERS = 4096
"""An excerpt is taken from this many first characters of an answer, and shows far fewer."""
_ECHO_PREFIX = 16
"""An argument counts as repeated in an answer if its first _ECHO_PREFIX characters appear there: tools may shorten
arguments."""
_MIN_HIDDEN_LENGTH = 3
_LONG_INTEGER_PATTERN = re.compile(rb"[0-9]{19}")
"""Possibly an integer beyond 64 bits, which orjson would read as a float."""
_UNSTORABLE_PATTERN = re.compile("[\x00\ud800-\udfff]")
_TRACEPARENT_PATTERN = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")


def storable_body(body: bytes, *, whole: bool = True) -> Any:
    """The JSON value in `body`, or its text if it is not JSON, after `storable`; None when `body` is empty.

    `whole` is False if reading the body stopped at a limit. Then, and for a body of more than _MAX_PARSED_BYTES, the
    result is a truncation marker.
    """
    if not whole or len(body) > _MAX_PARSED_BYTES:
        return _truncation_marker(body, whole=whole)
    if not body:
        return None
    try:
        value = _parse_json(body)
    except (ValueError, RecursionError):
        # the body is not JSON or not UTF-8, has a number that is too long, or is nested too deeply
        value = body.decode(errors="replace")
    return storable(value)


def storable(value: Any) -> Any:
    """`value` in a form that jsonb can store; a truncation marker if it exceeds MAX_PAYLOAD_BYTES as compact JSON.

    NUL and lone surrogates become U+FFFD. NaN and the infinities become texts. A value that orjson cannot write, such
    as one with an integer beyond 64 bits, becomes one text: its JSON.
    """
    with suppress(TypeError):  # an integer beyond 64 bits, or not JSON
        body = orjson.dumps(value)
        if len(body) > _MAX_PARSED_BYTES:
            return _truncation_marker(body)
        if len(body) <= MAX_PAYLOAD_BYTES and b"\\u0000" not in body and b"null" not in body:  # NaN becomes null
            return value
    try:
        raw = _compact_json(value)
        if len(raw) > MAX_PAYLOAD_BYTES:
            return _truncation_marker(raw)
        value = _without_unstorable(value)
        raw = _compact_json(value)
    except RecursionError:
        return {"truncated": True, "reason": "nested too deeply"}
    try:
        orjson.dumps(value)
    except TypeError:
        value = raw.decode()
        raw = _compact_json(value)
    return value if len(raw) <= MAX_PAYLOAD_BYTES else _truncation_marker(raw)


def parse_quickly(body: bytes) -> Any:
    """The JSON value in `body`, read by orjson.

    Raises ValueError for text that is not JSON, and for values that only the module json reads exactly: integers beyond
    64 bits, lone surrogates, NaN.
    """
    if _LONG_INTEGER_PATTERN.search(body) is not None:
        raise ValueError("an integer may be beyond 64 bits")
    return orjson.loads(body)


def one_line(text: str, *, limit: int = MAX_ERROR) -> str:
    """`text` on one line of printable characters, cut at `limit`."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text[: 8 * limit]).split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def excerpt(text: str, hidden: Iterable[str]) -> str:
    """At most MAX_EXCERPT characters of `text` on one line; each text in `hidden` is replaced by "…"."""
    text = text[:_SEARCHED_CHARACTERS]
    for echo in sorted({spelling for one in hidden for spelling in _spellings(one)}, key=len, reverse=True):
        if len(echo) <= _ECHO_PREFIX:
            text = text.replace(echo, "…")
        elif (at := text.find(echo[:_ECHO_PREFIX])) >= 0:
            # the tool shortened the argument, so we do not know where it ends in the text
            text = text[:at] + "…"
    return one_line(text, limit=MAX_EXCERPT)


def texts_in(arguments: Any) -> Iterator[str]:
    """Each string and number in `arguments`, at any depth, as text. Keys are left out."""
    if isinstance(arguments, Mapping):
        for value in arguments.values():
            yield from texts_in(value)
    elif isinstance(arguments, list | tuple):
        for value in arguments:
            yield from texts_in(value)
    elif isinstance(arguments, str | int | float) and not isinstance(arguments, bool):
        yield str(arguments)


def json_body(value: Any) -> bytes | None:
    """`value` as compact JSON; None when it cannot be JSON, such as NaN or a lone surrogate."""
    with suppress(TypeError):  # an integer beyond 64 bits, or not JSON
        body = orjson.dumps(value)
        if b"null" not in body:  # orjson writes NaN as null too, so only a body without null is surely exact
            return body
    try:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
    except (TypeError, ValueError, RecursionError):
        return None


def valid_traceparent(traceparent: str | None) -> str | None:
    """`traceparent` if it has the W3C form, else None. It is part of the proposal, so it may be any text."""
    return traceparent if traceparent and _TRACEPARENT_PATTERN.fullmatch(traceparent) else None


def _spellings(text: str) -> Iterator[str]:
    """`text` unchanged and as JSON escapes it: an answer that repeats the text may contain either."""
    for spelling in (text, json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1]):
        if len(spelling) >= _MIN_HIDDEN_LENGTH:
            yield spelling


def _parse_json(body: bytes) -> Any:
    with suppress(ValueError):
        return parse_quickly(body)
    return json.loads(body, parse_constant=_refuse_constant)


def _without_unstorable(value: Any) -> Any:
    if isinstance(value, str):
        return _UNSTORABLE_PATTERN.sub("\ufffd", value)
    if isinstance(value, Mapping):
        return {_without_unstorable(str(key)): _without_unstorable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_without_unstorable(item) for item in value]
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):  # noqa: PLR0124  # NaN
        return str(value)
    return value


def _compact_json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str).encode(errors="replace")


def _truncation_marker(raw: bytes, *, whole: bool = True) -> dict[str, Any]:
    """Stored in place of a large answer. `bytes` and `sha256` cover the part that was read: all of it if `whole`."""
    return {"truncated": True, "bytes": len(raw), "sha256": hashlib.sha256(raw).hexdigest(), "whole": whole}


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")
