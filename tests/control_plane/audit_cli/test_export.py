"""The audit log is exported from the command line, and the export verified."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from services.audit_log.export import FORMULA_PREFIXES, escape_formula
from services.errors import ControlPlaneError, InvalidInput
from tests.control_plane.audit_cli.commands import ACME, BOREALIS, ROWS, hashes, refused, shown, type_


def test_an_export_is_verified_without_a_database(monkeypatch: pytest.MonkeyPatch) -> None:
    type_("export", "--tenant", ACME, "--out", "audit.ndjson")
    Path("anchors.jsonl").write_text(shown("anchor"), encoding="utf-8")
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody:secret@127.0.0.1:1/nowhere")
    said = shown("verify", "--file", "audit.ndjson", "--anchor", "anchors.jsonl")
    assert said.startswith(f"{ACME}: intact: {ROWS} rows, the last with hash ")
    assert said.endswith(f", anchored at row {ROWS}\n")


def test_an_export_keeps_every_digit_and_the_hashes() -> None:
    lines = shown("export", "--tenant", ACME).splitlines()
    assert len(lines) == ROWS
    assert '"n": 1.10,' in lines[0]
    assert '"much": 1' + "0" * 400 + "," in lines[0]
    rows = [json.loads(line) for line in lines]
    assert [row["seq"] for row in rows] == [1, 2, 3, 4, 5]
    assert [row["previous_hash"] for row in rows] == ["", *(row["hash"] for row in rows[:-1])]


@pytest.mark.parametrize(
    ("words", "seqs"),
    [
        (["--after", "3"], [4, 5]),
        (["--after", "9"], []),
        (["--since", "2026-01-01T00:00:03Z"], [3, 4, 5]),
        (["--until", "2026-01-01T00:00:03Z"], [1, 2]),
        (["--since", "2026-01-01T01:00:02+01:00", "--until", "2026-01-01T00:00:04"], [2, 3]),
        (["--since", "2025-12-31", "--until", "2026-01-01"], []),
        (["--since", "2027-01-01"], []),
    ],
)
def test_a_part_of_the_log_is_exported_without_a_gap(words: list[str], seqs: list[int]) -> None:
    lines = shown("export", "--tenant", ACME, *words).splitlines()
    assert [json.loads(line)["seq"] for line in lines] == seqs
    if seqs:
        Path("slice.ndjson").write_text("\n".join(lines) + "\n", encoding="utf-8")
        said = shown("verify", "--file", "slice.ndjson")
        span = f"rows {seqs[0]} to {seqs[-1]}" if seqs[0] > 1 else f"{len(seqs)} rows"
        assert said == f"{ACME}: intact: {span}, the last with hash {json.loads(lines[-1])['hash']}\n"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda lines: [lines[0].replace("1.10", "1.1"), *lines[1:]], "edited: row 1: its hash does not match"),
        (lambda lines: [*lines[:2], *lines[3:]], "deleted: row 3: missing"),
        (lambda lines: [*lines[:2], lines[1], *lines[2:]], "inserted: row 2: occurs more than once"),
        (lambda lines: [lines[0], lines[2], lines[1], *lines[3:]], "reordered: row 2: comes later than"),
        (lambda lines: [lines[4], *lines[1:4], lines[0]], "reordered: rows 1 to 4: comes later than"),
        (lambda lines: lines[:3], "deleted: rows 4 to 5: missing at the end: the anchor names row 5"),
        (lambda lines: [line.replace(ACME, BOREALIS) for line in lines], "edited: rows 1 to 5: its hash does not"),
    ],
)
def test_a_changed_export_fails_the_verification(change: Any, said: str) -> None:
    Path("anchors.jsonl").write_text(shown("anchor", "--tenant", ACME), encoding="utf-8")
    lines = shown("export", "--tenant", ACME).splitlines()
    Path("audit.ndjson").write_text("\n".join(change(lines)) + "\n", encoding="utf-8")
    found = type_("verify", "--file", "audit.ndjson", "--anchor", "anchors.jsonl")
    assert found.exit_code == 1
    assert found.stdout.partition(": ")[2].startswith(said)
    assert len(found.stdout.splitlines()) == 1


def test_an_export_rewritten_by_another_tool_verifies_if_it_keeps_the_digits() -> None:
    rows = [json.loads(line, parse_float=str) for line in shown("export", "--tenant", ACME).splitlines()]
    for row in rows:
        row["payload"]["n"] = "DIGITS"
    spaced = [json.dumps(row, indent=None, separators=(" , ", " : "), sort_keys=True) for row in rows]
    text = "\n".join(line.replace('"DIGITS"', "1.10") for line in spaced)
    Path("audit.ndjson").write_text(text, encoding="utf-8")
    assert ": intact: 5 rows" in shown("verify", "--file", "audit.ndjson")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "bad.ndjson: no audit rows"),
        ("{", "bad.ndjson, line 1: is not JSON, or is incomplete"),
        ("[]", "bad.ndjson, line 1: must be a JSON object"),
        ('{"seq": 1, "seq": 2}', "bad.ndjson, line 1: is not JSON, or is incomplete"),
        ("{}", "bad.ndjson, line 1: must have exactly the keys tenant_id, seq, actor_type"),
        ('{"a": ' + "[" * 100_000, "bad.ndjson, line 1: is not JSON, or is incomplete"),
        ('{"a": 1e99999999999999999999}', "bad.ndjson, line 1: is not JSON, or is incomplete"),
    ],
)
def test_a_file_that_is_not_an_export_is_refused_with_the_line(text: str, said: str) -> None:
    Path("bad.ndjson").write_text(text, encoding="utf-8")
    assert refused(ControlPlaneError, "verify", "--file", "bad.ndjson").startswith(said)


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("seq", '"1"', "seq must be a whole number"),
        ("seq", "1.5", "seq must be a whole number"),
        ("tenant_id", '"acme"', "tenant_id must be a UUID"),
        ("actor_id", "7", "must have text in every column but seq and payload"),
        ("note", "7", "must have exactly the keys"),
    ],
)
def test_a_field_that_no_row_has_is_refused(field: str, value: str, said: str) -> None:
    row = json.loads(shown("export", "--tenant", ACME).splitlines()[0])
    row[field] = "HERE"
    Path("bad.ndjson").write_text(json.dumps(row).replace('"HERE"', value), encoding="utf-8")
    assert said in refused(InvalidInput, "verify", "--file", "bad.ndjson")


@pytest.mark.parametrize("number", ["1e999999999", "1e-999999999"])
def test_a_number_that_no_database_can_store_is_an_edit_and_costs_little_memory(number: str) -> None:
    line = shown("export", "--tenant", ACME).splitlines()[0].replace("1.10", number)
    Path("audit.ndjson").write_text(line, encoding="utf-8")
    assert "edited: row 1" in type_("verify", "--file", "audit.ndjson").stdout


def test_csv_cells_with_formulas_are_escaped_and_can_be_restored() -> None:
    rows = list(csv.DictReader(io.StringIO(shown("export", "--tenant", ACME, "--format", "csv"), newline="")))
    assert [row["seq"] for row in rows] == ["1", "2", "3", "4", "5"]
    assert rows[0]["actor_id"] == "'=cmd|' /C calc'!A1"
    assert [row["hash"] for row in rows] == hashes(ACME)
    assert json.loads(rows[0]["payload"])["note"] == "line\nanother \u2028 é"
    for cell in (*(f"{run}1" for run in FORMULA_PREFIXES), "'", "''=1", "'=1"):
        assert escape_formula(cell) == f"'{cell}"
    for cell in ("", "plain", " =1", "{}", "1=1"):
        assert escape_formula(cell) == cell


def test_a_file_is_written_completely_or_not_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("audit.ndjson").write_text("the old one", encoding="utf-8")

    def break_off(_link: object) -> str:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("control_plane.cli.audit.ndjson_line", break_off)
        said = refused(InvalidInput, "export", "--tenant", ACME, "--out", "audit.ndjson")
    assert said == "--out: cannot write audit.ndjson (No space left on device)"
    assert Path("audit.ndjson").read_text(encoding="utf-8") == "the old one"
    assert [path.name for path in Path().iterdir()] == ["audit.ndjson"]

    shown("export", "--tenant", ACME, "--out", "audit.ndjson")
    assert Path("audit.ndjson").read_text(encoding="utf-8") == shown("export", "--tenant", ACME)
