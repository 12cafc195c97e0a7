"""The audit log from the command line: read, verify and export it, and verify the export."""

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from typer.testing import CliRunner, Result

from control_plane.__main__ import app
from services.audit_log.export import FORMULA_PREFIXES, escape_formula
from services.database.connect import connect
from services.database.schema.migrate import seed
from services.errors import ControlPlaneError, InvalidInput, NotFound, StateConflict

ACME = "11111111-1111-4111-8111-111111111111"
BOREALIS = "22222222-2222-4222-8222-222222222222"
NOBODY = "99999999-9999-4999-8999-999999999999"
ROWS = 5
"""The number of audit rows of each tenant; they replace those of the seeds."""


@pytest.fixture(scope="module")
def audited_url(module_database_url: str) -> str:
    """A database whose two tenants have so many audit rows, a second apart from 2026-01-01T00:00:01Z."""
    seed(module_database_url, say=lambda _: None)
    with connect(module_database_url) as connection:
        connection.execute("set role app_owner")
        connection.execute("alter table public.audit_log disable trigger audit_log_append_only")
        connection.execute("delete from public.audit_log")
        connection.execute("delete from app_private.audit_heads")
        for tenant in (ACME, BOREALIS):
            for n in range(1, ROWS + 1):
                payload = '{"n": 1.10, "much": 1e400, "note": "line\\nanother \\u2028 é", "sum": "=1+1"}'
                connection.execute(
                    "select app_private.append_audit(array[%s]::uuid[], 'user', %s, array['test.n'], array[%s::jsonb],"
                    " '2026-01-01Z'::timestamptz + %s * interval '1 second')",
                    [tenant, f"=cmd|' /C calc'!A{n}", payload, n],
                )
    return module_database_url


@pytest.fixture(autouse=True)
def _in_an_empty_folder(audited_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", audited_url)


@pytest.fixture
def owner(audited_url: str) -> Iterator[psycopg.Connection]:
    """A connection as owner of the log without its trigger. Its changes are rolled back."""
    with connect(audited_url) as connection:
        connection.execute("set role app_owner")
        connection.execute("create temp table kept as select * from public.audit_log")
        connection.execute("alter table kept drop column id")  # generated, and the last one
        yield connection
        connection.execute("delete from public.audit_log")
        connection.execute("insert into public.audit_log select * from kept")


def type_(*words: str) -> Result:
    """Run a command. An error is raised instead of being printed as the last line."""
    result = CliRunner().invoke(app, ["audit", *words])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def shown(*words: str) -> str:
    """What a command that works prints."""
    result = type_(*words)
    assert result.exit_code == 0, result.output
    return result.stdout


def refused(error: type[ControlPlaneError], *words: str) -> str:
    with pytest.raises(error) as caught:
        type_(*words)
    return str(caught.value)


def hashes(tenant: str) -> list[str]:
    return [json.loads(line)["hash"] for line in shown("export", "--tenant", tenant).splitlines()]


def test_an_intact_log_has_one_line_per_tenant() -> None:
    assert shown("verify").splitlines() == [
        f"{tenant}: intact: {ROWS} rows, the last with hash {hashes(tenant)[-1]}" for tenant in (ACME, BOREALIS)
    ]
    assert shown("verify", "--tenant", ACME).splitlines() == shown("verify").splitlines()[:1]


def test_each_change_of_the_log_is_printed_and_changes_the_exit_code(owner: psycopg.Connection) -> None:
    owner.execute("update public.audit_log set actor_id = 'me' where seq = 2 and tenant_id = %s", [ACME])
    owner.execute("delete from public.audit_log where seq = 4 and tenant_id = %s", [ACME])
    said = type_("verify")
    assert (said.exit_code, said.stdout.splitlines()[:2]) == (
        1,
        [
            f"{ACME}: edited: row 2: its hash does not match its content",
            f"{ACME}: deleted: row 4: missing",
        ],
    )
    assert said.stdout.splitlines()[2].startswith(f"{BOREALIS}: intact")
    told = type_("verify", "--tenant", ACME, "--json")
    assert told.exit_code == 1
    answer = json.loads(told.stdout)
    assert answer["intact"] is False
    assert [(p["kind"], p["first"], p["last"]) for p in answer["tenants"][0]["problems"]] == [
        ("edited", 2, 2),
        ("deleted", 4, 4),
    ]
    assert type_("verify", "--tenant", BOREALIS).exit_code == 0


def test_a_tenant_whose_rows_cannot_be_read_is_named_and_the_others_are_verified(audited_url: str) -> None:
    with connect(audited_url) as connection:
        row = connection.execute("select pg_get_functiondef('worker_api.read_audit'::regproc)").fetchone()
        assert row is not None
        as_it_is = str(row[0])
        raises = f"case p.tenant_id when '{ACME}' then (1 / (p.seq - p.seq))::text else p.payload::text end"
        broken = as_it_is.replace("p.payload::text", raises)
        connection.execute(broken.encode())
        try:
            said = type_("verify")
            answer = json.loads(type_("verify", "--json").stdout)
        finally:
            connection.execute(as_it_is.encode())
    mine, other = said.stdout.splitlines()
    assert said.exit_code == 1
    assert mine == f"{ACME}: unverifiable: the rows after row 0 cannot be read: a value: cannot be stored (22012)"
    assert other.startswith(f"{BOREALIS}: intact: {ROWS} rows")
    assert (answer["intact"], len(answer["tenants"])) == (False, 2)


def test_a_hundred_problems_are_listed_and_the_rest_is_counted(owner: psycopg.Connection) -> None:
    owner.execute(
        "insert into public.audit_log (tenant_id, actor_type, actor_id, category, payload, seq, previous_hash, hash)"
        " select %s, 'system', 'x', 'x', '{}', -2 * n, '', '' from generate_series(1, 120) as n",
        [ACME],
    )
    lines = type_("verify", "--tenant", ACME).stdout.splitlines()
    assert len(lines) == 101
    assert lines[-1] == f"{ACME}: and 20 more problems"


def test_anchors_are_printed_kept_and_checked(owner: psycopg.Connection) -> None:
    printed = shown("anchor")
    assert [json.loads(line) for line in printed.splitlines()] == [
        {"tenant_id": tenant, "seq": ROWS, "hash": hashes(tenant)[-1]} for tenant in (ACME, BOREALIS)
    ]
    assert shown("anchor", "--tenant", BOREALIS).splitlines() == printed.splitlines()[1:]
    Path("anchors.jsonl").write_text(printed, encoding="utf-8")
    verified = shown("verify", "--anchor", "anchors.jsonl")
    assert [line.rpartition(", ")[2] for line in verified.splitlines()] == [f"anchored at row {ROWS}"] * 2

    with owner.transaction(force_rollback=False):
        owner.execute("create temp table heads as select * from app_private.audit_heads")
        owner.execute("delete from public.audit_log where tenant_id = %s and seq > 3", [ACME])
        owner.execute(
            "update app_private.audit_heads as h set seq = a.seq, hash = a.hash from public.audit_log as a"
            " where a.seq = 3 and a.tenant_id = %s and h.tenant_id = a.tenant_id",
            [ACME],
        )
    assert type_("verify", "--tenant", ACME).exit_code == 0
    caught = type_("verify", "--tenant", ACME, "--anchor", "anchors.jsonl")
    assert caught.exit_code == 1
    assert caught.stdout == f"{ACME}: deleted: rows 4 to 5: missing at the end: the anchor names row 5\n"
    owner.execute("update app_private.audit_heads as h set seq = k.seq, hash = k.hash from heads as k"
                  " where k.tenant_id = h.tenant_id")  # fmt: skip


def test_a_chain_without_a_head_is_not_anchored(owner: psycopg.Connection) -> None:
    owner.execute("create temp table heads as select * from app_private.audit_heads")
    owner.execute("delete from app_private.audit_heads where tenant_id = %s", [ACME])
    assert (
        refused(StateConflict, "anchor")
        == f"{ACME}: the record of the last audit row is missing; see: python -m control_plane audit verify"
    )
    owner.execute("insert into app_private.audit_heads select * from heads where tenant_id = %s", [ACME])


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


@pytest.mark.parametrize("text", ["", "{}", '{"tenant_id": "x", "seq": 1, "hash": ""}', "nothing"])
def test_a_file_without_an_anchor_is_refused(text: str) -> None:
    Path("anchors.jsonl").write_text(text, encoding="utf-8")
    assert refused(InvalidInput, "verify", "--anchor", "anchors.jsonl").startswith("anchors.jsonl")


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


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["export", "--tenant", NOBODY], f"tenant: no audit rows of {NOBODY}"),
        (["anchor", "--tenant", NOBODY], f"tenant: no audit rows of {NOBODY}"),
        (["verify", "--tenant", NOBODY], f"tenant: no audit rows of {NOBODY}"),
        (["export", "--tenant", ACME, "--since", "yesterday"], "--since: must be a time such as 2026-01-31"),
        (["export", "--tenant", ACME, "--since", "2026-01-01", "--after", "1"], "after: cannot be combined with since"),
        (["export", "--tenant", ACME, "--out", "/dev/null"], "--out: /dev/null is not a file"),
        (["export", "--tenant", ACME, "--out", "nowhere/audit.ndjson"], "--out: cannot write nowhere/audit.ndjson (No"),
        (["verify", "--file", "missing.ndjson"], "--file: cannot read missing.ndjson (No such file or directory)"),
        (["verify", "--anchor", "missing.jsonl"], "--anchor: cannot read missing.jsonl (No such file or directory)"),
    ],
)
def test_a_mistake_ends_in_one_line_that_names_it(words: list[str], said: str) -> None:
    assert refused(ControlPlaneError, *words).startswith(said)


def test_the_newest_rows_are_listed_page_by_page() -> None:
    told = json.loads(shown("tail", "--tenant", ACME, "--limit", "2", "--json"))
    assert [row["seq"] for row in told] == [5, 4]
    assert [row["hash"] for row in told] == hashes(ACME)[:2:-1]
    lines = shown("tail", "--tenant", ACME, "--limit", "2", "--before", "4").splitlines()
    assert [line.split()[0] for line in lines if not line.startswith(" ")] == ["3", "2"]
    assert shown("tail", "--tenant", NOBODY) == "no audit rows\n"


def test_a_missing_tenant_error_is_not_found() -> None:
    assert refused(NotFound, "verify", "--tenant", NOBODY)
