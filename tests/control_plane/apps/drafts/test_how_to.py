"""The commands and queries of the pages about drafts do what the pages say."""

import hashlib
import json
import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from control_plane.apps.drafts.learning.corrections import read_corrections
from services.clock import utc_now
from services.errors import ControlPlaneError, NotReady
from tests.control_plane.apps.drafts.rows import Rows, hours
from tests.control_plane.test_cli import Terminal
from tests.docs.pages import DOCS, blocks

PROGRAM = "python -m control_plane "


@pytest.fixture
def terminal(database_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Terminal:
    """A terminal in an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("USER", "maria")
    return Terminal(CliRunner())


def commands(page: str, rows: Rows) -> list[list[str]]:
    """The commands of a page in their order, for this tenant."""
    lines = [line for block in blocks(DOCS / "how-to" / page, "") for line in block.text.splitlines()]
    return [
        shlex.split(line.removeprefix(PROGRAM).replace("UUID", str(rows.tenant)))
        for line in lines if line.startswith(PROGRAM)
    ]  # fmt: skip


def test_the_page_about_learning(terminal: Terminal, rows: Rows, tmp_path: Path) -> None:
    now = utc_now()
    rows.decide(rows.draft(at=now), at=now - hours(1))
    rows.decide(rows.draft(at=now), final="You have 14 days.", at=now - hours(1))
    rows.decide(rows.draft(at=now), code="wrong", at=now - hours(1))
    for question in ("Do you ship to Norway?", "Can I get this delivered to Norway?", "Is the kettle dishwasher safe?"):
        conversation, message = rows.conversation(question, at=now)
        rows.insert(
            "abstentions", conversation_id=conversation, message_id=message, reason="r", created_at=now - hours(1)
        )  # fmt: skip
    (tmp_path / "v2.txt").write_text("Be kind.")
    outputs = []
    for words in commands("measure-and-improve-drafts.md", rows):
        if words[1:3] == ["prompts", "evaluate"]:
            with pytest.raises(NotReady, match=r"^ACP_DRAFTS_MODEL_URL: is not set"):
                terminal(*words)
            continue  # with a model: see test_evaluate_prompt.py
        if words[1:3] == ["prompts", "activate"]:
            with pytest.raises(ControlPlaneError, match=r"^prompt: version v2 has not been evaluated$"):
                terminal(*words)
            an_evaluation(rows)
        if words[1:3] == ["topics", "set"] and "automatic" in words:
            with pytest.raises(ControlPlaneError, match=r"^mode: 0 of the last 0 decided drafts of topic returns"):
                terminal(*words)
            fifty_decisions(rows)
        outputs.append(terminal(*words))
    report, by_topic, gaps, _, saved, activated, listed, budget, shadow, topics, automatic = outputs
    assert re.fullmatch(
        r"all drafts +3 decided +1 unedited \(33 %\) +1 rejected +0 USD\n    median edit: \d+ % of the text\n"
        r"    wrong: 1\n",
        report,
    )
    assert by_topic.startswith("returns  3 decided")
    assert [line.split("  ")[0] for line in gaps.splitlines() if line.startswith(("1", "2"))] == ["2 times", "1 times"]
    assert [each.answer for each in read_corrections((tmp_path / "corrections.yaml").read_text())] == [
        "You have 14 days."
    ]
    assert (saved, activated) == ("saved version v2\n", "version v2 is active\n")
    assert listed.startswith("v2  active  by maria")
    assert budget == f"budget of tenant {rows.tenant}: 50 USD a month\n"
    assert shadow == "topic returns: shadow; 0 of the last 0 drafts were sent unedited\n"
    assert topics == "returns  shadow  0 of 0 unedited\n"
    assert automatic == "topic returns: automatic; 50 of the last 50 drafts were sent unedited\n"


def an_evaluation(rows: Rows) -> None:
    rows.insert(
        "evaluations", prompt_version="v2", model_key="m", baseline=json.dumps({"prompt_version": "default"}), cases=1,
        passed=1, baseline_passed=1, worse=0, better=0, is_worse=False, created_by="ada",
    )  # fmt: skip


def fifty_decisions(rows: Rows) -> None:
    for _ in range(50):
        draft = rows.draft()
        rows.insert(
            "automatic_decisions", draft_id=draft, topic="returns", mode="shadow", would_approve=True, reason="r"
        )  # fmt: skip
        rows.decide(draft)


def test_the_page_about_privacy(terminal: Terminal, rows: Rows, tmp_path: Path) -> None:
    rows.conversation("My blue kettle is broken.")
    export, erase, verify = commands("forget-a-customer.md", rows)
    assert terminal(*export) == "wrote 1 conversations and 0 events to maria.json\n"
    exported = json.loads((tmp_path / "maria.json").read_text())
    assert [message["body_text"] for message in exported["conversations"][0]["messages"]] == [
        "My blue kettle is broken."
    ]
    assert terminal(*erase).startswith("erased: 1 conversations, 1 messages; record ")
    assert "kettle" not in str(rows.connection.execute("select * from drafts.messages").fetchall())
    assert "intact" in terminal(*verify)
    check, archiving = (block.text for block in blocks(DOCS / "how-to" / "forget-a-customer.md", "sql"))
    [(_, counts)] = rows.connection.execute(check.encode()).fetchall()
    assert (counts["conversations"], counts["messages"]) == (1, 1)
    rows.connection.execute(archiving.replace("11111111-1111-4111-8111-111111111111", str(rows.tenant)).encode())
    assert rows.connection.execute("select archive_after_days from drafts.settings").fetchone() == (365,)
    digest = hashlib.sha256(f"{rows.tenant}:maria@example.com".encode()).hexdigest()
    assert rows.connection.execute("select customer_sha256 from drafts.erasures").fetchone() == (digest,)


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["report", "--days", "0"], "--days: must be more than 0 and at most 3650"),
        (["gaps", "--days", "nan"], "--days: must be more than 0 and at most 3650"),
        (["export-corrections", "--output", "no/such/file"], "--output: cannot be written: No such file or directory"),
        (["report", "--per", "moon"], "by: must be model_key, prompt_version, channel or topic"),
        (["prompts", "save", "v2", "--file", "none.txt"], "--file: cannot be read as UTF-8 text"),
        (["set-budget", "much"], "USD: must be a number, or default"),
        (["set-budget", "1e9"], "monthly_usd: must be from 0 to 1000000"),
        (["topics", "set", "returns", "on"], "mode: must be off, shadow or automatic"),
        (["erase-customer", "bo@example.com", "--yes"], "customer: nothing is stored about this address"),
    ],
)
def test_a_mistake_is_one_line_that_names_the_field(
    terminal: Terminal, rows: Rows, words: list[str], problem: str
) -> None:
    with pytest.raises(ControlPlaneError) as caught:
        terminal("drafts", *words, "--tenant", str(rows.tenant))
    assert str(caught.value) == problem
