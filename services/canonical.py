"""The digest of a JSON document, independent of its spelling."""

import math
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import rfc8785

MAX_DEPTH = 64
"""Deeper values are flattened, because canonical JSON is written recursively and Python's stack is limited."""

SAFE_INTEGER = 2**53 - 1
"""The largest integer that RFC 8785 accepts."""


def canonical_sha256(document: Mapping[str, Any]) -> str:
    """Hex SHA-256 of the document's canonical JSON by RFC 8785.

    Two documents share a digest only if they are equal. Numbers are compared by value: `1e16` equals
    10000000000000000. A value that RFC 8785 does not accept becomes an object with one key that starts with `$`, such
    as `{"$int": "0x20000000000001"}`. Keys of the document that start with `$` get a second `$`, so that a document
    cannot contain these objects itself.
    """
    return sha256(rfc8785.dumps({key: _canonical_value(value) for key, value in document.items()})).hexdigest()


def _canonical_value(value: Any, depth: int = 0) -> Any:
    if isinstance(value, Mapping):
        if depth == MAX_DEPTH:
            return {"$flat": _flatten(value)}
        return {_escape_key(key): _canonical_value(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return (
            {"$flat": _flatten(value)} if depth == MAX_DEPTH else [_canonical_value(item, depth + 1) for item in value]
        )
    return _canonical_scalar(value)


def _flatten(value: Any) -> list[Any]:
    """A flat list that identifies exactly one value: the type and size of each container, then its items, the last
    first."""
    tokens, stack = [], [value]
    while stack:
        item = stack.pop()
        if isinstance(item, Mapping):
            tokens.append({"$object": len(item)})
            for key in sorted(item):
                stack += (item[key], key)
        elif isinstance(item, list | tuple):
            tokens.append({"$array": len(item)})
            stack += item
        else:
            tokens.append(_canonical_scalar(item))
    return tokens


def _canonical_scalar(value: Any) -> Any:
    if isinstance(value, str) and not _is_unicode(value):
        return {"$utf16": _utf16_hex(value)}
    if isinstance(value, float) and not math.isfinite(value):
        return {"$float": repr(value)}
    if isinstance(value, int) and abs(value) > SAFE_INTEGER:
        return _large_integer(value)
    return value


def _large_integer(number: int) -> Any:
    """The float with the same value if there is one. Otherwise hexadecimal text, because Python limits the number of
    decimal digits."""
    try:
        as_float = float(number)
    except OverflowError:
        return {"$int": hex(number)}
    return as_float if as_float == number else {"$int": hex(number)}


def _escape_key(key: str) -> str:
    if not _is_unicode(key):
        return f"$utf16:{_utf16_hex(key)}"
    return f"${key}" if key.startswith("$") else key


def _is_unicode(text: str) -> bool:
    """Whether UTF-8 can encode `text`. It cannot encode a lone surrogate, which JSON can escape."""
    return text.isascii() or not any("\ud800" <= char <= "\udfff" for char in text)


def _utf16_hex(text: str) -> str:
    return text.encode("utf-16-be", "surrogatepass").hex()
