"""The audit log is read, verified and anchored from the command line."""

import json
from pathlib import Path

import psycopg
import pytest

from services.database.connect import connect
from services.errors import ControlPlaneError, InvalidInput, NotFound, StateConflict
from tests.control_plane.audit_cli.commands import ACME, BOREALIS, NOBODY, ROWS, hashes, refused, shown, type_


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


@pytest.mark.parametrize("text", ["", "{}", '{"tenant_id": "x", "seq": 1, "hash": ""}', "nothing"])
def test_a_file_without_an_anchor_is_refused(text: str) -> None:
    Path("anchors.jsonl").write_text(text, encoding="utf-8")
    assert refused(InvalidInput, "verify", "--anchor", "anchors.jsonl").startswith("anchors.jsonl")


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
