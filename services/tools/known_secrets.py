"""Replace this installation's own secrets in what a tool answers. Pure."""

import json
import math
import re
from base64 import b64encode
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote, quote_plus

from services.tools.redact import MAX_DEPTH, REDACTED
from services.untrusted import json_body

MIN_LENGTH = 8
"""The fewest characters of a value that is hidden. A shorter one appears in too many texts by chance."""
_MIN_CUT_LENGTH = 4
"""If a cut line ends with at least this many first characters of a secret, they are replaced too."""


class KnownSecrets:
    """Finds secrets anywhere in a text: unchanged, JSON-escaped, percent-encoded, or in base64, even when a longer text
    that contains the secret was encoded."""

    def __init__(self, values: Iterable[str] = ()) -> None:
        spellings = {spelling for value in values if len(value) >= MIN_LENGTH for spelling in _spellings(value)}
        # longest first, because one spelling may contain another
        self._spellings = sorted(spellings, key=len, reverse=True)
        self._in_json = [json.dumps(text, ensure_ascii=False)[1:-1].encode(errors="replace") for text in spellings]
        self._pattern = re.compile("|".join(map(re.escape, self._spellings))) if spellings else None

    def hide(self, value: Any) -> Any:
        """A JSON document with REDACTED in place of each secret, keys included, and of values nested too deeply."""
        if self._pattern is None:
            return value
        body = json_body(value)  # one search of the whole document is faster than one for each string in it
        if body is not None and not any(spelling in body for spelling in self._in_json):
            return value
        return self._replace(value, self._pattern, 0)

    def hide_in_line(self, text: str) -> str:
        """Same as `hide`, for a line that may be cut off ("…") inside a secret: the beginning of a secret is replaced
        too."""
        hidden = str(self.hide(text))
        cut = hidden.removesuffix("…")
        if cut == hidden:
            return hidden
        for spelling in self._spellings:
            for length in range(min(len(spelling) - 1, len(cut)), _MIN_CUT_LENGTH - 1, -1):
                if cut.endswith(spelling[:length]):
                    return f"{cut[:-length]}{REDACTED}…"
        return hidden

    def _replace(self, value: Any, pattern: re.Pattern[str], depth: int) -> Any:
        if depth > MAX_DEPTH:
            return REDACTED
        if isinstance(value, str):
            return pattern.sub(REDACTED, value)
        if isinstance(value, dict):
            return {
                pattern.sub(REDACTED, key): self._replace(inner, pattern, depth + 1) for key, inner in value.items()
            }
        if isinstance(value, list | tuple):
            return [self._replace(inner, pattern, depth + 1) for inner in value]
        return value


def _spellings(value: str) -> Iterator[str]:
    yield value
    escaped = json.dumps(value, ensure_ascii=False)[1:-1]
    # the second spelling occurs if a JSON text is itself a string in JSON
    yield from (escaped, json.dumps(escaped, ensure_ascii=False)[1:-1])
    yield json.dumps(value)[1:-1]
    raw = value.encode(errors="surrogatepass")  # a variable of the environment may hold bytes that are not UTF-8
    # Clients differ in which characters they escape: RFC 3986, Python's default, encodeURIComponent, HTML forms.
    yield from (quote(raw, safe=""), quote(raw), quote(raw, safe="!'()*"), quote_plus(raw))
    yield from _base64_spellings(raw)


def _base64_spellings(raw: bytes) -> Iterator[str]:
    """The base64 characters that depend on `raw` alone, whatever surrounds it in a longer text: for each of the three
    positions that it can have, in the standard and the URL-safe alphabet."""
    for offset in range(3):
        text = b64encode(bytes(offset) + raw).decode()
        spelling = text[math.ceil(offset * 8 / 6) : (offset + len(raw)) * 8 // 6]
        yield from (spelling, spelling.replace("+", "-").replace("/", "_"))
