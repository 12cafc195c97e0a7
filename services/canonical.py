"""One digest for one JSON document, however it was written down."""

import math
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import rfc8785

MAX_DEPTH = 64
"""Nesting below this is written flat: canonical JSON is written recursively, and Python's stack is finite."""

SAFE_INTEGER = 2**53 - 1
"""The largest integer that RFC 8785 takes as one."""


def canonical_sha256(document: Mapping[str, Any]) -> str:
    """Hex SHA-256 over the RFC 8785 canonical JSON of a document; anyone with that RFC at hand can recompute it.

    Two documents share a digest only if they are the same: numbers count by value (`1e16` is 10000000000000000, however
    a database wrote it down). What RFC 8785 refuses becomes an object whose one key starts with `$`, such as
    `{"$int": "0x20000000000001"}`; keys that start with `$` get a second one, so nothing can pose as it.
    """
    return sha256(rfc8785.dumps({key: _plain(value) for key, value in document.items()})).hexdigest()


def _plain(value: Any, depth: int = 0) -> Any:
    if isinstance(value, Mapping):
        if depth == MAX_DEPTH:
            return {"$flat": _flat(value)}
        return {_key(key): _plain(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return {"$flat": _flat(value)} if depth == MAX_DEPTH else [_plain(item, depth + 1) for item in value]
    return _scalar(value)


def _flat(value: Any) -> list[Any]:
    """Every container as its kind and size, then what it holds, last first: reads back in one way only."""
    tokens, waiting = [], [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, Mapping):
            tokens.append({"$object": len(item)})
            for key in sorted(item):
                waiting += (item[key], key)
        elif isinstance(item, list | tuple):
            tokens.append({"$array": len(item)})
            waiting += item
        else:
            tokens.append(_scalar(item))
    return tokens


def _scalar(value: Any) -> Any:
    if isinstance(value, str) and not _is_unicode(value):
        return {"$utf16": _utf16(value)}
    if isinstance(value, float) and not math.isfinite(value):
        return {"$float": repr(value)}
    if isinstance(value, int) and abs(value) > SAFE_INTEGER:
        return _big(value)
    return value


def _big(number: int) -> Any:
    """As the double of the same value where there is one; hexadecimal has no limit on its digits."""
    try:
        double = float(number)
    except OverflowError:
        return {"$int": hex(number)}
    return double if double == number else {"$int": hex(number)}


def _key(key: str) -> str:
    if not _is_unicode(key):
        return f"$utf16:{_utf16(key)}"
    return f"${key}" if key.startswith("$") else key


def _is_unicode(text: str) -> bool:
    """False with half a surrogate pair, which JSON can escape but UTF-8 cannot hold."""
    return text.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in text)


def _utf16(text: str) -> str:
    return text.encode("utf-16-be", "surrogatepass").hex()
