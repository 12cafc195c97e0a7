"""What a tool answered, made safe to store as jsonb and to show to people."""

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

_LOOKED_AT = 4096
"""Characters of an answer searched for what must not be shown; far more than an excerpt shows."""
_ECHO = 16
"""This much of a longer text we sent is enough to recognise it, even where the tool shortened it."""
_SHORTEST_HIDDEN = 3
_LONG_INTEGER = re.compile(rb"[0-9]{19}")
"""Beyond 64 bits, perhaps: orjson would read a float."""
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_TRACEPARENT = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")


def storable_body(body: bytes, *, whole: bool = True) -> Any:
    """The JSON in `body`, else its text, as `storable` leaves it; None when empty.

    `whole` is False when reading stopped at a limit: the answer is then a marker with what was read.
    """
    if not whole:
        return _marker(body, whole=False)
    if not body:
        return None
    try:
        value = _parsed(body)
    except (ValueError, RecursionError):  # not JSON, not UTF-8, a number or a nesting beyond reason
        value = body.decode(errors="replace")
    return storable(value)


def storable(value: Any) -> Any:
    """`value` as jsonb holds it, at most MAX_PAYLOAD_BYTES as compact JSON; a marker in place of a larger one.

    NUL and lone surrogates become U+FFFD, numbers that are not finite their names. What our JSON writer cannot write,
    such as integers beyond 64 bits, is kept as JSON text.
    """
    if _is_storable(value):
        return value
    try:
        raw = _compact(value)
        if len(raw) > MAX_PAYLOAD_BYTES:
            return _marker(raw)
        value = _cleaned(value)
        raw = _compact(value)
    except RecursionError:
        return {"truncated": True, "reason": "nested too deeply"}
    try:
        orjson.dumps(value)
    except TypeError:
        value = raw.decode()
        raw = _compact(value)
    return value if len(raw) <= MAX_PAYLOAD_BYTES else _marker(raw)


def one_line(text: str, *, limit: int = MAX_ERROR) -> str:
    """`text` on one line of printable characters, cut at `limit`."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text[: 8 * limit]).split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def excerpt(text: str, hidden: Iterable[str]) -> str:
    """At most MAX_EXCERPT characters of what a tool said, on one line, without the `hidden` texts it may echo."""
    text = text[:_LOOKED_AT]
    for secret in sorted({form for told in hidden for form in _forms(told)}, key=len, reverse=True):
        if len(secret) <= _ECHO:
            text = text.replace(secret, "…")
        elif (at := text.find(secret[:_ECHO])) >= 0:  # where a long echo ends nobody can say
            text = text[:at] + "…"
    return one_line(text, limit=MAX_EXCERPT)


def texts_in(arguments: Any) -> Iterator[str]:
    """Every text and number in the arguments, as text."""
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
    with suppress(TypeError):  # an integer beyond 64 bits, or what is no JSON
        body = orjson.dumps(value)
        if b"null" not in body:  # NaN is written so, too
            return body
    try:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
    except (TypeError, ValueError, RecursionError):
        return None


def valid_traceparent(traceparent: str | None) -> str | None:
    """`traceparent` if it is one. It came with the proposal, so it could be anything, line breaks included."""
    return traceparent if traceparent and _TRACEPARENT.fullmatch(traceparent) else None


def _forms(told: str) -> Iterator[str]:
    """As sent, and as JSON writes it: the two ways an echo shows it."""
    for form in (told, json.dumps(told)[1:-1], json.dumps(told, ensure_ascii=False)[1:-1]):
        if len(form) >= _SHORTEST_HIDDEN:
            yield form


def _parsed(body: bytes) -> Any:
    if _LONG_INTEGER.search(body) is None:
        with suppress(ValueError):
            return orjson.loads(body)
    return json.loads(body, parse_constant=_refuse_constant)


def _is_storable(value: Any) -> bool:
    """Whether it is small and surely needs no mending, as most answers are."""
    try:
        body = orjson.dumps(value)
    except TypeError:
        return False
    return len(body) <= MAX_PAYLOAD_BYTES and b"\\u0000" not in body and b"null" not in body  # NaN is written so, too


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return _UNSTORABLE.sub("\ufffd", value)
    if isinstance(value, Mapping):
        return {_cleaned(str(key)): _cleaned(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_cleaned(item) for item in value]
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):  # noqa: PLR0124  # NaN
        return str(value)
    return value


def _compact(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str).encode(errors="replace")


def _marker(raw: bytes, *, whole: bool = True) -> dict[str, Any]:
    """Stands where a large answer would: `bytes` and `sha256` are of the part that was read, all of it if `whole`."""
    return {"truncated": True, "bytes": len(raw), "sha256": hashlib.sha256(raw).hexdigest(), "whole": whole}


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")
