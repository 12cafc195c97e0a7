"""Make characters visible that are invisible to people, or that change the order of the text. Pure."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

HIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Zl", "Zp"})
"""Unicode categories: control and format characters, such as direction overrides, and line and paragraph separators."""
_ASCII_PATTERN = re.compile(r"[ -~]*")


def escape_hidden(value: Any, *, keep_lines: bool = False) -> Any:
    """A copy of the document in which each hidden character is written like `\\u{202e}`, also in keys.

    With `keep_lines`, line breaks (LF) are kept in texts, but not in keys. Use it for documents that are shown whole.
    """
    if isinstance(value, str):
        lines = value.split("\n") if keep_lines else [value]
        return "\n".join(line if _ASCII_PATTERN.fullmatch(line) else "".join(map(_escape, line)) for line in lines)
    if isinstance(value, Mapping):
        return {escape_hidden(key): escape_hidden(inner, keep_lines=keep_lines) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [escape_hidden(inner, keep_lines=keep_lines) for inner in value]
    return value


def find_hidden(path: str, value: Any, *, keep_lines: bool = False) -> Iterator[str]:
    """The paths of texts that `escape_hidden` changes; they begin with `path`.

    For a hidden character in a key, the path is that of the object with the key.
    """
    if isinstance(value, str):
        if escape_hidden(value, keep_lines=keep_lines) != value:
            yield path
    elif isinstance(value, Mapping):
        if any(escape_hidden(key) != key for key in value):
            yield path
        for key, inner in value.items():
            yield from find_hidden(f"{path}.{escape_hidden(key)}", inner, keep_lines=keep_lines)
    elif isinstance(value, list | tuple):
        for index, inner in enumerate(value):
            yield from find_hidden(f"{path}[{index}]", inner, keep_lines=keep_lines)


def _escape(character: str) -> str:
    return f"\\u{{{ord(character):x}}}" if unicodedata.category(character) in HIDDEN_CATEGORIES else character
