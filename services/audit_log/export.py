"""The audit log as text that leaves the building: NDJSON that can be verified without us, CSV for people, anchors."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import fields
from decimal import Decimal
from typing import Any
from uuid import UUID

from services.audit_log import Anchor, RawAuditRow
from services.errors import InvalidInput
from services.jsonb import exact_text

COLUMNS = tuple(field.name for field in fields(RawAuditRow))
BREAKS = {ord(char): f"\\u{ord(char):04x}" for char in "\x85\u2028\u2029"}
"""JSON may hold these as they are, yet some readers end a line there."""
RUNS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""A spreadsheet takes a cell that begins so for a formula, or trims it until it is one."""


def ndjson_line(link: RawAuditRow) -> str:
    """One line of NDJSON, without its end; `payload` is the JSON itself, every digit as it is kept."""
    shown = {name: getattr(link, name) for name in COLUMNS}
    cells = [f'"{name}": {_json(name, value)}' for name, value in shown.items()]
    return ("{" + ", ".join(cells) + "}").translate(BREAKS)


def csv_cells(link: RawAuditRow) -> list[str]:
    """The cells of one CSV line, in the order of COLUMNS, defused: see `escape_formula`."""
    return [escape_formula("" if value is None else str(value)) for value in (getattr(link, name) for name in COLUMNS)]


def escape_formula(cell: str) -> str:
    """A cell no spreadsheet runs: with an apostrophe before what could be a formula.

    One that begins with an apostrophe gets another, so that whoever takes one apostrophe off has the cell as it was.
    """
    return f"'{cell}" if cell.startswith(("'", *RUNS)) else cell


def read_rows(lines: Iterable[bytes], name: str) -> Iterator[RawAuditRow]:
    """The rows of an NDJSON export. Raises InvalidInput with the line that is none."""
    for number, document in _documents(lines, name):
        if document.keys() != set(COLUMNS):
            raise InvalidInput(f"{name}, line {number}", f"must have exactly the keys {', '.join(COLUMNS)}")
        texts = {key: document[key] for key in COLUMNS if key not in {"tenant_id", "seq", "payload"}}
        if not all(value is None or isinstance(value, str) for value in texts.values()):
            raise InvalidInput(f"{name}, line {number}", "must have text in every column but seq and payload")
        yield RawAuditRow(
            tenant_id=_uuid(document, name, number),
            seq=None if document["seq"] is None else _whole(document, name, number),
            payload=_payload(document["payload"]),
            **texts,
        )


def anchor_line(anchor: Anchor) -> str:
    """One line of a file of anchors, without its end."""
    return json.dumps({"tenant_id": str(anchor.tenant_id), "seq": anchor.seq, "hash": anchor.hash})


def read_anchors(lines: Iterable[bytes], name: str) -> dict[UUID, list[Anchor]]:
    """The anchors of a file, by tenant. Raises InvalidInput with the line that is none."""
    found: dict[UUID, list[Anchor]] = {}
    for number, document in _documents(lines, name):
        hash_ = document.get("hash")
        if document.keys() != {"tenant_id", "seq", "hash"} or not isinstance(hash_, str):
            raise InvalidInput(f"{name}, line {number}", "must have exactly the keys tenant_id, seq, hash")
        tenant = _uuid(document, name, number)
        found.setdefault(tenant, []).append(Anchor(tenant_id=tenant, seq=_whole(document, name, number), hash=hash_))
    return found


def _json(name: str, value: Any) -> str:
    if name == "payload" and value is not None:
        return str(value)
    return json.dumps(str(value) if isinstance(value, UUID) else value, ensure_ascii=False)


def _payload(document: Any) -> str | None:
    try:
        return exact_text(document)
    except (InvalidInput, ValueError, RecursionError):  # what no database can hold, none has written
        return None


def _documents(lines: Iterable[bytes], name: str) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, line in enumerate(lines, start=1):
        try:
            document = json.loads(
                line.decode(), parse_int=Decimal, parse_float=Decimal, parse_constant=_refuse, object_pairs_hook=_once
            )
        except (ValueError, ArithmeticError, RecursionError) as exc:
            raise InvalidInput(f"{name}, line {number}", "is not JSON, or not whole") from exc
        if not isinstance(document, dict):
            raise InvalidInput(f"{name}, line {number}", "must be a JSON object")
        yield number, document


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError
    return found


def _refuse(word: str) -> Any:
    raise ValueError(word)


def _uuid(document: dict[str, Any], name: str, number: int) -> UUID:
    try:
        return UUID(document["tenant_id"])
    except (ValueError, AttributeError, TypeError) as exc:
        raise InvalidInput(f"{name}, line {number}", "tenant_id must be a UUID") from exc


def _whole(document: dict[str, Any], name: str, number: int) -> int:
    seq = document["seq"]
    if not isinstance(seq, Decimal) or seq.as_tuple().exponent != 0 or abs(seq) >= 2**63:
        raise InvalidInput(f"{name}, line {number}", "seq must be a whole number")
    return int(seq)
