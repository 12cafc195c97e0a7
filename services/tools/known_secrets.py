"""Take out of what a tool says every secret that this installation itself was given. Pure."""

import json
import math
import re
from base64 import b64encode
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote, quote_plus

from services.tools.redact import DEEPEST, REDACTED
from services.untrusted import json_body

SHORTEST = 8
"""Characters: a shorter value stands in too many texts by chance."""
_FEWEST_OF_A_CUT_ONE = 4


class KnownSecrets:
    """Finds them wherever they stand in a text, as they are, escaped as in JSON, percent-encoded, and in base64, also
    as part of a longer text that was encoded."""

    def __init__(self, values: Iterable[str] = ()) -> None:
        forms = {form for value in values if len(value) >= SHORTEST for form in _forms(value)}
        self._forms = sorted(forms, key=len, reverse=True)  # one may hold another
        self._in_json = [json.dumps(form, ensure_ascii=False)[1:-1].encode(errors="replace") for form in forms]
        self._pattern = re.compile("|".join(map(re.escape, self._forms))) if forms else None

    def hide(self, value: Any) -> Any:
        """A JSON document with REDACTED in place of each, also in keys, and of what is nested too deeply to look."""
        if self._pattern is None:
            return value
        body = json_body(value)  # looking through the whole text for each is quicker than through each text for all
        if body is not None and not any(form in body for form in self._in_json):
            return value
        return self._hidden(value, self._pattern, 0)

    def hide_in_line(self, text: str) -> str:
        """The same for a line that may have been cut, and end with the beginning of one."""
        hidden = str(self.hide(text))
        cut = hidden.removesuffix("…")
        if cut == hidden:
            return hidden
        for form in self._forms:
            for length in range(min(len(form) - 1, len(cut)), _FEWEST_OF_A_CUT_ONE - 1, -1):
                if cut.endswith(form[:length]):
                    return f"{cut[:-length]}{REDACTED}…"
        return hidden

    def _hidden(self, value: Any, pattern: re.Pattern[str], depth: int) -> Any:
        if depth > DEEPEST:
            return REDACTED
        if isinstance(value, str):
            return pattern.sub(REDACTED, value)
        if isinstance(value, dict):
            return {pattern.sub(REDACTED, key): self._hidden(inner, pattern, depth + 1) for key, inner in value.items()}
        if isinstance(value, list | tuple):
            return [self._hidden(inner, pattern, depth + 1) for inner in value]
        return value


def _forms(value: str) -> Iterator[str]:
    yield value
    escaped = json.dumps(value, ensure_ascii=False)[1:-1]
    yield from (escaped, json.dumps(escaped, ensure_ascii=False)[1:-1])  # a JSON text within a JSON text, too
    yield json.dumps(value)[1:-1]
    raw = value.encode(errors="surrogatepass")  # a variable may hold any bytes
    # What clients leave as it is: RFC 3986's own, Python's default, JavaScript's encodeURIComponent, a form.
    yield from (quote(raw, safe=""), quote(raw), quote(raw, safe="!'()*"), quote_plus(raw))
    yield from _in_base64(raw)


def _in_base64(raw: bytes) -> Iterator[str]:
    """In both alphabets, after each number of bytes that moves its bits; without the characters that hold bits of its
    neighbours, too."""
    for before in range(3):
        text = b64encode(bytes(before) + raw).decode()
        own = text[math.ceil(before * 8 / 6) : (before + len(raw)) * 8 // 6]
        yield from (own, own.replace("+", "-").replace("/", "_"))
