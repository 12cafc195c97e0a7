"""`approvals decide`: several calls at once, each as it was shown."""

import json
from pathlib import Path

import pytest

from control_plane.__main__ import app
from services.database.connect import connect
from services.errors import ControlPlaneError
from tests.control_plane.test_cli import ACME, WAITS, Terminal, terminal

__all__ = ["terminal"]

OTHER = "cccccccc-0012-4111-8111-111111111111"
DECIDE = ("approvals", "decide")
ALL = ("--tenant", ACME, "--all")


@pytest.fixture
def two(terminal: Terminal, database_url: str) -> dict[str, str]:
    """The digests of two pending calls of Acme, by envelope."""
    with connect(database_url) as connection:
        connection.execute(
            "insert into public.outbox (id, tenant_id, tool_slug, tool_version, arguments, external_id, status)"
            ' select %s, tenant_id, tool_slug, tool_version, \'{"sku": "nut-m8", "quantity": 7}\', \'two\', status'
            " from public.outbox where id = %s",
            [OTHER, WAITS],
        )
        connection.execute(
            "insert into public.approvals (tenant_id, envelope_id, tool_slug, digest, reason, requested_at, expires_at)"
            " select tenant_id, %s, tool_slug, repeat('a', 64), reason, requested_at, expires_at from public.approvals"
            " where envelope_id = %s",
            [OTHER, WAITS],
        )
    return {a["envelope"]["id"]: a["digest"] for a in terminal.json("approvals", "list", "--tenant", ACME)}


def statuses(terminal: Terminal) -> dict[str, str]:
    return {e["id"]: e["status"] for e in terminal.json("envelopes", "list", "--tenant", ACME)}


def test_the_preview_shows_ids_digests_and_arguments_and_nothing_is_decided_without_a_yes(
    terminal: Terminal, two: dict[str, str]
) -> None:
    preview = terminal(*DECIDE, "approved", *ALL, "--dry-run")
    refused = terminal.runner.invoke(app, [*DECIDE, "approved", *ALL], input="n\n")

    for shown in (preview, refused.stdout):
        assert set(two) == {OTHER, WAITS}
        assert all(envelope in shown and digest in shown for envelope, digest in two.items())
        assert "nut-m8" in shown
    assert refused.exit_code == 1
    assert {statuses(terminal)[each] for each in two} == {"awaiting_approval"}


def test_all_calls_of_a_tool_are_decided_after_a_yes(terminal: Terminal, two: dict[str, str]) -> None:
    assert "no pending approvals" in terminal(*DECIDE, "approved", *ALL, "--tool", "NO__such", "--dry-run")
    decided = terminal(
        *DECIDE, "rejected", *ALL, "--tool", "ORDERS__create", "--code", "not_needed", "--reason", "old", stdin="y\n"
    )
    assert "rejected 2\n" in decided
    assert {statuses(terminal)[each] for each in two} == {"rejected"}


def test_what_changed_since_the_preview_is_skipped_and_named(
    terminal: Terminal, two: dict[str, str], tmp_path: Path
) -> None:
    preview = terminal.json(*DECIDE, "approved", *ALL, "--dry-run")
    assert {each["envelope_id"]: each["digest"] for each in preview} == two
    terminal("approvals", "reject", WAITS, "--code", "other", "--reason", "no", "--by", "omar")
    file = tmp_path / "calls.json"
    file.write_text(json.dumps(preview), encoding="utf-8")

    result = terminal.runner.invoke(
        app, [*DECIDE, "approved", "--tenant", ACME, "--calls", str(file), "--yes", "--json"]
    )

    answer = json.loads(result.stdout)
    assert (result.exit_code, answer["decided"]) == (1, [OTHER])
    [skipped] = answer["skipped"]
    assert skipped["envelope_id"] == WAITS
    assert "already rejected by omar" in skipped["problem"]
    found = statuses(terminal)
    assert (found[OTHER], found[WAITS]) == ("pending", "rejected")


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["approved", "--tenant", ACME], "--all: choose the calls"),
        (["approved", *ALL, "--calls", "x"], "--all: choose the calls"),
        (["approved", "--tenant", ACME, "--calls", "x", "--tool", "T"], "--all: choose the calls"),
        (["rejected", *ALL], "--code: is required to reject"),
        (["approved", *ALL, "--code", "other"], "--code: is required to reject, and allowed for nothing else"),
        (["expired", *ALL], "decision: must be approved or rejected"),
        (["approved", "--tenant", ACME, "--calls", "missing.json"], "--calls: cannot be read"),
        (["approved", "--tenant", ACME, "--calls", "-"], "--yes: is required with --calls -"),
    ],
)
def test_a_mistake_is_one_line(terminal: Terminal, words: list[str], problem: str) -> None:
    with pytest.raises(ControlPlaneError, match=problem):
        terminal(*DECIDE, *words)


@pytest.mark.parametrize("text", ["{}", "[1]", "no json", '[{"envelope_id": "1", "digest": "d"}]'])
def test_a_file_that_is_no_preview_is_refused(terminal: Terminal, text: str) -> None:
    with pytest.raises(ControlPlaneError, match="--calls: is not what --dry-run --json prints"):
        terminal(*DECIDE, "approved", "--tenant", ACME, "--calls", "-", "--yes", stdin=text)
