"""Reading settings as people wrote them: the checks that every field shares."""

import difflib
from collections.abc import Iterable, Mapping
from typing import Any

from services.errors import InvalidInput


def as_object(value: object, path: str, example: str) -> Mapping[str, Any]:
    """`value` as a JSON object, or InvalidInput that shows one."""
    if isinstance(value, Mapping):
        return value
    raise InvalidInput(path, f"must be an object such as {example}")


def as_list(value: object, path: str, example: str) -> list[Any]:
    """`value` as a JSON list, or InvalidInput that shows one."""
    if isinstance(value, list | tuple):
        return list(value)
    raise InvalidInput(path, f"must be a list such as {example}")


def refuse_unknown(raw: Mapping[str, Any], path: str, known: Iterable[str]) -> None:
    """InvalidInput for the first key that is not one of `known`; `path` is empty at the top."""
    known = tuple(known)
    for key in raw:
        if key not in known:
            dot = "." if path else ""
            raise InvalidInput(f"{path}{dot}{shown(key)}", f"is not known; leave it out or use {', '.join(known)}")


def nearest(word: str, words: Iterable[str]) -> str:
    """` (did you mean …?)` with up to three of `words`, or nothing."""
    by_folded = {known.casefold(): known for known in words}
    close = difflib.get_close_matches(word.casefold(), by_folded, n=3)
    return f" (did you mean {' or '.join(by_folded[match] for match in close)}?)" if close else ""


def shown(value: object) -> str:
    """A key or name short enough for a message of one line."""
    text = value if isinstance(value, str) and value.isprintable() else repr(value)
    return text if len(text) <= 40 else f"{text[:39]}…"
