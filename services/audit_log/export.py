"""File formats of the audit log: NDJSON that anyone can verify, CSV for people, and anchors."""

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
LINE_BREAKS = {ord(char): f"\\u{ord(char):04x}" for char in "\x85\u2028\u2029"}
"""JSON allows these characters unescaped, but some readers end a line at them."""
FORMULA_PREFIXES = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""A spreadsheet reads a cell that begins with one of these as a formula. Some spreadsheets trim the cell before."""


def ndjson_line(row: RawAuditRow) -> str:
    """One line of NDJSON, without the line end; `payload` is embedded as JSON, with every stored digit."""
    members = [f'"{name}": {_member_json(name, getattr(row, name))}' for name in COLUMNS]
    return ("{" + ", ".join(members) + "}").translate(LINE_BREAKS)


def csv_cells(row: RawAuditRow) -> list[str]:
    """The cells of one CSV line, in the order of COLUMNS, with formulas escaped."""
    return [escape_formula("" if value is None else str(value)) for value in (getattr(row, name) for name in COLUMNS)]


def escape_formula(cell: str) -> str:
    """`cell` with an apostrophe before a formula, so that no spreadsheet runs it.

    A cell that begins with an apostrophe gets one more, so that removing one always restores the cell.
    """
    return f"'{cell}" if cell.startswith(("'", *FORMULA_PREFIXES)) else cell


def read_rows(lines: Iterable[bytes], name: str) -> Iterator[RawAuditRow]:
    """The rows of an NDJSON export. Raises InvalidInput with the first invalid line."""
    for number, document in _read_documents(lines, name):
        if document.keys() != set(COLUMNS):
            raise InvalidInput(f"{name}, line {number}", f"must have exactly the keys {', '.join(COLUMNS)}")
        texts = {key: document[key] for key in COLUMNS if key not in {"tenant_id", "seq", "payload"}}
        if not all(value is None or isinstance(value, str) for value in texts.values()):
            raise InvalidInput(f"{name}, line {number}", "must have text in every column but seq and payload")
        yield RawAuditRow(
            tenant_id=_tenant_id(document, name, number),
            seq=None if document["seq"] is None else _seq(document, name, number),
            payload=_payload_text(document["payload"]),
            **texts,
        )


def anchor_line(anchor: Anchor) -> str:
    """One line of an anchor file, without the line end."""
    return json.dumps({"tenant_id": str(anchor.tenant_id), "seq": anchor.seq, "hash": anchor.hash})


def read_anchors(lines: Iterable[bytes], name: str) -> dict[UUID, list[Anchor]]:
    """The anchors of a file, by tenant. Raises InvalidInput with the first invalid line."""
    anchors: dict[UUID, list[Anchor]] = {}
    for number, document in _read_documents(lines, name):
        hash_ = document.get("hash")
        if document.keys() != {"tenant_id", "seq", "hash"} or not isinstance(hash_, str):
            raise InvalidInput(f"{name}, line {number}", "must have exactly the keys tenant_id, seq, hash")
        tenant = _tenant_id(document, name, number)
        anchors.setdefault(tenant, []).append(Anchor(tenant_id=tenant, seq=_seq(document, name, number), hash=hash_))
    return anchors


def _member_json(name: str, value: Any) -> str:
    if name == "payload" and value is not None:
        return str(value)
    return json.dumps(str(value) if isinstance(value, UUID) else value, ensure_ascii=False)


def _payload_text(document: Any) -> str | None:
    try:
        return exact_text(document)
    except (InvalidInput, ValueError, RecursionError):
        # PostgreSQL cannot store such a payload, so somebody changed the file
        return None


def _read_documents(lines: Iterable[bytes], name: str) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, line in enumerate(lines, start=1):
        try:
            document = json.loads(
                line.decode(),
                parse_int=Decimal,
                parse_float=Decimal,
                parse_constant=_refuse_constant,
                object_pairs_hook=_refuse_duplicate_keys,
            )
        except (ValueError, ArithmeticError, RecursionError) as exc:
            raise InvalidInput(f"{name}, line {number}", "is not JSON, or is incomplete") from exc
        if not isinstance(document, dict):
            raise InvalidInput(f"{name}, line {number}", "must be a JSON object")
        yield number, document


def _refuse_duplicate_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) != len(pairs):
        raise ValueError
    return document


def _refuse_constant(word: str) -> Any:
    raise ValueError(word)


def _tenant_id(document: dict[str, Any], name: str, number: int) -> UUID:
    try:
        return UUID(document["tenant_id"])
    except (ValueError, AttributeError, TypeError) as exc:
        raise InvalidInput(f"{name}, line {number}", "tenant_id must be a UUID") from exc


def _seq(document: dict[str, Any], name: str, number: int) -> int:
    seq = document["seq"]
    if not isinstance(seq, Decimal) or seq.as_tuple().exponent != 0 or abs(seq) >= 2**63:
        raise InvalidInput(f"{name}, line {number}", "seq must be a whole number")
    return int(seq)
