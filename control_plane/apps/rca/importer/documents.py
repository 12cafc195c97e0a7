"""Parse JSON so that nothing is lost: a key that occurs twice keeps both values."""

import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NoReturn

from control_plane.apps.rca.values import Place, SourceFile
from services.errors import InvalidInput

MAX_DEPTH = 100
UNSTORABLE = re.compile("[\0\ud800-\udfff]")
"""Characters that PostgreSQL refuses: NUL, and halves of surrogate pairs."""
TOO_DEEP = f"is nested more than {MAX_DEPTH} deep; make it flatter"


class Object(dict[str, Any]):
    """A JSON object. Of a repeated key, the dictionary has the first value."""

    def __init__(self) -> None:
        super().__init__()
        self.repeated: list[tuple[str, Any]] = []
        """The further values of repeated keys, as pairs of key and value."""


@dataclass(slots=True)
class Document:
    """The content of a file."""

    file: str
    value: Any
    notes: list[Place] = field(default_factory=list)


def parse(file: SourceFile) -> Document:
    """The content of a file. Raises InvalidInput that names the file and the place."""
    document = Document(file.path, None)
    try:
        raw = json.loads(
            file.content.removeprefix("\ufeff"), object_pairs_hook=_make_object, parse_constant=_refuse_constant
        )
        document.value = _clean(document, "$", raw, 0)
    except json.JSONDecodeError as exc:
        raise InvalidInput(
            file.path, f"is not JSON: line {exc.lineno}, column {exc.colno}: {exc.msg}; correct the file"
        ) from exc
    except RecursionError as exc:
        raise InvalidInput(file.path, TOO_DEEP) from exc
    except ValueError as exc:  # NaN, or an integer with too many digits
        raise InvalidInput(file.path, f"is not JSON: {exc}; correct the file") from exc
    return document


def member(path: str, key: str, occurrence: int = 1) -> str:
    """The path of a member of an object."""
    plain = re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", key)
    step = f".{key}" if plain else f"[{json.dumps(key, ensure_ascii=False)}]"
    return path + step + (f"#{occurrence}" if occurrence > 1 else "")


def members(path: str, value: Object) -> Iterator[tuple[str, str, Any]]:
    """Key, path and value of each member, also of repeated ones."""
    count = dict.fromkeys(value, 1)
    for key, each in value.items():
        yield key, member(path, key), each
    for key, each in value.repeated:
        count[key] += 1
        yield key, member(path, key, count[key]), each


def _make_object(pairs: list[tuple[str, Any]]) -> Object:
    made = Object()
    for key, value in pairs:
        if key in made:
            made.repeated.append((key, value))
        else:
            made[key] = value
    return made


def _refuse_constant(word: str) -> NoReturn:
    raise ValueError(f"{word} is not a number of JSON")


def _clean(document: Document, path: str, value: Any, depth: int) -> Any:
    """The value with U+FFFD for characters that cannot be stored. Notes each such string, and each repeated key."""
    if depth > MAX_DEPTH:
        raise InvalidInput(document.file, TOO_DEEP)
    if isinstance(value, str):
        return _clean_text(document, path, value)
    if isinstance(value, list):
        return [_clean(document, f"{path}[{at}]", each, depth + 1) for at, each in enumerate(value)]
    if isinstance(value, Object):
        cleaned = _make_object(
            [
                (_clean_text(document, place, key), _clean(document, place, each, depth + 1))
                for key, place, each in members(path, value)
            ]
        )
        for key in dict.fromkeys(key for key, _ in cleaned.repeated):
            text = "the key occurs more than once; all its values were read"
            document.notes.append(Place(file=document.file, path=member(path, key), text=text))
        return cleaned
    if isinstance(value, int | float) and not _is_finite(value):
        raise InvalidInput(document.file, f"{path} has a number beyond 1.8e308; write it as a string")
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        text = f"has too many digits; {float(value)} was stored in its place; write it as a string"
        document.notes.append(Place(file=document.file, path=path, text=text))
        return float(value)
    return value


def _clean_text(document: Document, path: str, text: str) -> str:
    if not UNSTORABLE.search(text):
        return text
    note = "has a character that cannot be stored (NUL or half of a surrogate pair); U+FFFD was stored in its place"
    document.notes.append(Place(file=document.file, path=path, text=note))
    return UNSTORABLE.sub("\ufffd", text)


def _is_finite(number: float) -> bool:
    try:
        return math.isfinite(float(number))
    except OverflowError:
        return False
