"""A tool that changes after a sync is not called before a person has decided."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from control_plane.__main__ import app
from services.errors import ControlPlaneError
from tests.control_plane.test_cli import ACME, BOREALIS, Terminal, terminal

__all__ = ["terminal"]
ROOT = Path(__file__).parents[2]
DRIFT = 'schema.properties.path.type: gone, was "string"'


class Files:
    """An MCP server whose tool takes another type from one start to the next."""

    def __init__(self, folder: Path) -> None:
        self._says = folder / "type"
        self.become("string")
        self.command = (sys.executable, "-m", "tests.tools.changing", str(self._says))

    def become(self, kind: str) -> None:
        self._says.write_text(kind, encoding="utf-8")


@pytest.fixture
def files(terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Files:
    """The server `files` of the settings, synced once as trusted into the catalog of one tenant."""
    files = Files(tmp_path)
    server = {"command": files.command[0], "args": files.command[1:], "env": {"PYTHONPATH": str(ROOT)}}
    monkeypatch.setenv("ACP_MCP_SERVERS", json.dumps({"files": server}))
    monkeypatch.setenv("ACP_HEALTH_PORT", "0")
    terminal("catalog", "sync", "--provider", "mcp", "--source", "files", "--tenant", ACME, "--trust")
    return files


def drift(terminal: Terminal) -> tuple[int, str]:
    result = terminal.runner.invoke(app, ["catalog", "drift", "--tenant", ACME])
    return result.exit_code, result.stdout


def envelope(terminal: Terminal, id_: str) -> Any:
    [found] = [each for each in terminal.json("envelopes", "list", "--tenant", ACME) if each["id"] == id_]
    return found["status"], found["tool_version"]


def propose(terminal: Terminal, key: str, path: Any) -> str:
    asked = {
        "tenant_id": ACME, "tool_slug": "FILES__read", "arguments": {"path": path}, "external_id": key,
        "trust_context": {"score": 1},
    }  # fmt: skip
    return str(json.loads(terminal("envelopes", "propose", json.dumps(asked)))["envelope_id"])


def work() -> None:
    """Run a worker until nothing is due."""
    done = subprocess.run(
        [sys.executable, "-m", "worker.outbox", "start", "--once"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_a_changed_tool_holds_its_envelopes_until_it_is_accepted(terminal: Terminal, files: Files) -> None:
    id_ = propose(terminal, "before", "a.txt")
    assert drift(terminal) == (0, "no tool waits for a decision\n")

    files.become("either")
    code, said = drift(terminal)
    assert code == 1
    assert DRIFT in said
    assert "FILES__read  version 2" in said
    work()
    assert envelope(terminal, id_) == ("awaiting_approval", "1")
    assert DRIFT in terminal("approvals", "list", "--tenant", ACME)

    hash_ = said.split()[4]
    said = terminal("catalog", "accept", "FILES__read", "--tenant", ACME, "--hash", hash_)
    assert said == "accepted FILES__read version 2; 1 waiting envelopes\n"
    work()
    assert envelope(terminal, id_) == ("success", "2")


def test_one_call_of_a_changed_tool_can_be_approved(terminal: Terminal, files: Files) -> None:
    ids = [propose(terminal, key, "a.txt") for key in ("one", "two")]
    files.become("either")
    drift(terminal)
    work()
    terminal("approvals", "approve", ids[0], "--by", "nina")
    files.become("string")  # the call goes to this tool, whatever the catalog says
    work()
    assert [envelope(terminal, id_)[0] for id_ in ids] == ["success", "awaiting_approval"]
    assert drift(terminal)[0] == 0
    work()
    assert envelope(terminal, ids[1]) == ("success", "1")


def test_a_rejected_change_rejects_the_waiting_envelopes(terminal: Terminal, files: Files) -> None:
    id_ = propose(terminal, "before", "a.txt")
    files.become("either")
    drift(terminal)
    work()
    terminal("catalog", "reject", "FILES__read", "--tenant", ACME, "--reason", "no")
    late = propose(terminal, "late", 7)
    work()
    assert envelope(terminal, id_) == ("rejected", "1")
    [denied] = terminal.json("envelopes", "list", "--tenant", ACME, "--status", "denied")
    assert denied["id"] == late
    assert "a person rejected the change" in denied["last_error"]


@pytest.mark.usefixtures("files")
def test_an_accepted_tool_that_is_rejected_with_a_reason_is_not_called(terminal: Terminal) -> None:
    id_ = propose(terminal, "one", "a.txt")
    said = terminal("catalog", "reject", "FILES__read", "--tenant", ACME, "--reason", "it leaks", "--by", "maria")
    assert said.endswith("rejected FILES__read version 1; 0 waiting envelopes\n")
    work()
    [denied] = terminal.json("envelopes", "list", "--tenant", ACME, "--status", "denied")
    assert denied["id"] == id_
    assert "was accepted, and a person rejected it later" in denied["last_error"]


SYNC = ("catalog", "sync", "--provider", "mcp", "--source", "files", "--tenant", BOREALIS)


@pytest.mark.usefixtures("files")
def test_a_new_tool_waits_until_a_person_accepts_it(terminal: Terminal) -> None:
    result = terminal.runner.invoke(app, list(SYNC))
    assert "FILES__read  version 1  new" in result.stdout
    assert "accept the new tools with: python -m control_plane catalog accept --source files --all" in result.stderr
    said = terminal.runner.invoke(app, ["catalog", "drift", "--tenant", BOREALIS])
    assert (said.exit_code, said.stdout.splitlines()[1:]) == (
        1, ["    new: its source did not offer it before", "    description: Reads a file."],
    )  # fmt: skip
    asked = {
        "tenant_id": BOREALIS, "tool_slug": "FILES__read", "arguments": {"path": "a"}, "external_id": "one",
        "trust_context": {"score": 1, "evidence": ["a reason"]},
    }  # fmt: skip
    told = json.loads(terminal("envelopes", "propose", json.dumps(asked)))["verdicts"][0]
    assert (told["guardrail"], told["decision"]) == ("tool", "needs_approval")
    assert "FILES__read is new at its provider (its source did not offer it before): approve this" in told["reason"]

    everything = ["catalog", "accept", "--source", "files", "--all"]
    no = terminal.runner.invoke(app, everything, input="n\n")
    assert (no.exit_code, terminal.runner.invoke(app, ["catalog", "drift", "--tenant", BOREALIS]).exit_code) == (1, 1)
    yes = terminal.runner.invoke(app, everything, input="y\n")
    [shown, description, *_, done] = yes.stdout.splitlines()
    assert re.fullmatch(rf"{BOREALIS}  FILES__read  version 1  [0-9a-f]{{12}}  low risk", shown)
    assert (description, done) == (
        "    description: Reads a file.", "accepted 1 new tools of files; 0 waiting envelopes",
    )  # fmt: skip
    assert terminal.runner.invoke(app, ["catalog", "drift", "--tenant", BOREALIS]).exit_code == 0


@pytest.mark.usefixtures("files")
def test_all_new_tools_of_a_source_can_be_rejected_without_confirmation(terminal: Terminal) -> None:
    terminal(*SYNC)
    assert terminal("catalog", "reject", "--source", "files", "--all", "--yes").endswith(
        "rejected 1 new tools of files; 0 waiting envelopes\n"
    )
    [tool] = [t for t in terminal.json("catalog", "list", "--tenant", BOREALIS) if t["tool_slug"] == "FILES__read"]
    assert tool["status"] == "rejected"


@pytest.mark.usefixtures("files")
def test_new_tools_of_a_trusted_source_need_no_decision(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACP_TRUSTED_SOURCES", '["files"]')
    assert "FILES__read  version 1  added" in terminal(*SYNC)


def test_an_unhealthy_source_is_reported(terminal: Terminal, files: Files) -> None:
    assert terminal.json("catalog", "health") == [{"provider": "mcp", "source": "files", "problem": None}]
    files.become("no such type")
    result = terminal.runner.invoke(app, ["catalog", "health", "--tenant", ACME])
    assert result.exit_code == 1
    assert "mcp  files  failed\n    MCP server 'files' did not start" in result.stdout


def test_an_error_for_one_tenant_hides_no_results_of_others(terminal: Terminal, files: Files) -> None:
    tool = {"tenant_id": BOREALIS, "tool_slug": "FILES__read", "version": "1", "provider": "http"}
    terminal("catalog", "add", json.dumps({**tool, "config": {"url": "https://files.example/read", "secret": "s"}}))
    files.become("either")
    result = terminal.runner.invoke(app, ["catalog", "sync", "--provider", "mcp", "--source", "files"])
    assert "FILES__read  version 2  drifted" in result.stdout
    assert str(result.exception) == (
        f"tenant {BOREALIS}: tool_slug: FILES__read belongs to http; sync under another name"
    )


def test_an_unreachable_source_hides_no_earlier_drift(terminal: Terminal, files: Files) -> None:
    files.become("no such type")
    result = terminal.runner.invoke(app, ["catalog", "drift"])
    assert (result.stdout, result.exit_code) == ("no tool of the sources that answered waits for a decision\n", 1)
    files.become("either")
    drift(terminal)
    files.become("no such type")
    result = terminal.runner.invoke(app, ["catalog", "drift"])
    assert DRIFT in result.stdout
    assert "MCP server 'files' did not start" in str(result.exception)


def test_the_server_of_a_command_after_two_dashes_is_listed_once(terminal: Terminal) -> None:
    words = ("--provider", "mcp", "--tenant", ACME, "--json", "--", sys.executable, "-m", "mcp_server_time")
    [report] = json.loads(terminal("catalog", "sync", *words))
    assert [(change["tool_slug"], change["change"]) for change in report["changes"]] == [
        ("MCP_SERVER_TIME__convert_time", "new"), ("MCP_SERVER_TIME__get_current_time", "new"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["sync", "--provider", "mcp"], "source: name one of ACP_MCP_SERVERS, or give a command after --"),
        (["sync", "--provider", "mcp", "--source", "none"], "ACP_MCP_SERVERS has no server named 'none'"),
        (["sync", "--provider", "fax", "--source", "files"], "'fax' is not one of http, mcp, composio, amqp, email"),
        (["sync", "--provider", "mcp", "--", "/no/such/program"], "did not start"),
        (["drift", "--source", "none"], "source: the catalog has no tools of 'none'"),
        (["accept", "FILES__read"], "tool_slug: give a tool and its --tenant, or --source and --all"),
        (["accept", "--all"], "source: is required with --all"),
        (["reject", "--all", "--source", "files"], "source: 'files' has no new tool with a pending decision"),
        (["accept", "FILES__read", "--tenant", ACME], "has no pending decision"),
        (["reject", "FILES__read", "--tenant", ACME], "reason: is needed to reject a tool that was accepted"),
        (["accept", "FILES__read", "--tenant", ACME, "--hash", "abc"], "hash: must have at least the first 8 digits"),
        (["sync", "--provider", "mcp", "--source", "files", "--tenant", "0" * 32], "tenant: no tenant 0000"),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("files")
def test_a_mistake_ends_in_one_line(terminal: Terminal, words: list[str], said: str) -> None:
    with pytest.raises(ControlPlaneError) as raised:
        terminal("catalog", *words)
    assert said in str(raised.value)
    assert "\n" not in str(raised.value)
