"""Drafts from the command line: listed, shown and decided; a mistake ends in one line."""

import asyncio
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from control_plane.__main__ import app
from control_plane.apps.drafts.values import Draft
from services.backends.open import postgres_access
from services.errors import ControlPlaneError, DecisionConflict
from tests.control_plane.apps.drafts.desk import KIM, Desk, open_desk


@pytest.fixture
def draft(database_url: str) -> Draft:
    """A draft that waits for a person."""

    async def make() -> Draft:
        async with postgres_access(database_url, pool_size=2) as access:
            desk: Desk = await open_desk(access, database_url)
            return await desk.pending()

    return asyncio.run(make())


@pytest.fixture
def run(database_url: str, bare: None, monkeypatch: pytest.MonkeyPatch, draft: Draft) -> "Run":
    del bare
    monkeypatch.setenv("DATABASE_URL", database_url)
    return Run(str(draft.tenant_id))


class Run:
    """Runs commands for the tenant of the draft. Raises the error that they end with."""

    def __init__(self, tenant: str) -> None:
        self.tenant = tenant

    def __call__(self, *words: object, stdin: str | None = None) -> str:
        ran = CliRunner().invoke(app, ["drafts", *map(str, words), "--tenant", self.tenant], input=stdin)
        if isinstance(ran.exception, ControlPlaneError):
            raise ran.exception
        assert ran.exit_code == 0, ran.output
        return ran.stdout


def test_a_draft_is_listed_shown_and_approved(run: Run, draft: Draft) -> None:
    assert str(draft.id) in run("queue")
    [queued] = json.loads(run("queue", "--json"))
    assert (queued["id"], queued["customer_email"]) == (str(draft.id), KIM)
    shown = run("show", draft.id)
    assert all(text in shown for text in ("Where is my order?", "It is on its way.", KIM, draft.digest))
    decided = json.loads(run("approve", draft.id, "--by", "maria", "--json"))
    assert decided["status"] == "sent"
    assert run("queue") == "no drafts\n"
    assert "approve by maria" in run("show", draft.id)


def test_another_text_is_sent_from_a_file_or_from_stdin(run: Run, draft: Draft, tmp_path: Path) -> None:
    (tmp_path / "reply.txt").write_text("It comes tomorrow, Kim.\n", encoding="utf-8")
    with pytest.raises(DecisionConflict, match="has changed since you looked"):
        run("edit", draft.id, "--file", tmp_path / "reply.txt", "--digest", "0" * 64)
    assert "approved" in run("edit", draft.id, "--file", "-", stdin="It comes tomorrow.\n")
    [action] = json.loads(run("show", draft.id, "--json"))["actions"]
    assert (action["type"], action["final_text"]) == ("edit", "It comes tomorrow.")


def test_a_rejected_draft_is_never_sent_and_a_second_decision_says_who_was_first(run: Run, draft: Draft) -> None:
    assert run("reject", draft.id, "tone", "--by", "maria") == f"rejected {draft.id}\n"
    with pytest.raises(DecisionConflict, match="was already rejected by maria at "):
        run("approve", draft.id)


def test_reviewers_note_escalate_assign_snooze_and_ask_again(run: Run, draft: Draft) -> None:
    assert run("note", draft.conversation_id, "called her") == f"noted in {draft.conversation_id}\n"
    assert run("escalate", draft.id, "wants a refund") == f"escalated {draft.id}\n"
    assert "escalated" in run("queue")
    with pytest.raises(ControlPlaneError, match="until: must be later than now, and within a year"):
        run("snooze", draft.id, "2999-01-01T09:00")
    with pytest.raises(ControlPlaneError, match="assignee: no user"):
        run("assign", draft.id, draft.id)
    assert "asked for another draft" in run("regenerate", draft.id, "--instruction", "shorter")


def test_channels_are_saved_and_listed(run: Run, draft: Draft) -> None:
    saved = run("save-channel", "slack", "C012", "Support", "--reply-tool", "SLACK__chat.post")
    assert saved.startswith("saved ")
    assert [line.split()[1:3] for line in run("channels").splitlines()] == [
        ["email", draft.channel.external_id], ["slack", "C012"],
    ]  # fmt: skip
    with pytest.raises(ControlPlaneError, match="type: the channel C012 is of type slack"):
        run("save-channel", "chat", "C012", "Support")


@pytest.mark.parametrize(
    ("content", "problem"),
    [(b"", "--file: is empty"), (b"\xff", "--file: is not UTF-8"), (b"x" * 300_000, "--file: is larger than 262,144")],
)
def test_a_file_that_cannot_be_sent_is_refused(
    run: Run, draft: Draft, tmp_path: Path, content: bytes, problem: str
) -> None:
    (tmp_path / "reply.txt").write_bytes(content)
    with pytest.raises(ControlPlaneError) as refused:
        run("edit", draft.id, "--file", tmp_path / "reply.txt")
    assert problem in str(refused.value)


def test_an_unknown_draft_is_one_line(run: Run, draft: Draft) -> None:
    with pytest.raises(ControlPlaneError, match=f"draft: no draft {draft.conversation_id}"):
        run("show", draft.conversation_id)
