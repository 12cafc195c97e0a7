"""The commands for operators; each mistake is reported in one line."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from typer.testing import CliRunner

from control_plane.__main__ import app
from services.accounts import AccountStatus
from services.clock import utc_now
from services.database.connect import connect
from services.database.schema.migrate import seed
from services.errors import ControlPlaneError, InvalidInput
from services.outbox import Resolution

ACME = "11111111-1111-4111-8111-111111111111"
BOREALIS = "22222222-2222-4222-8222-222222222222"
WAITS = "cccccccc-0002-4111-8111-111111111111"
UNKNOWN = "cccccccc-0003-4111-8111-111111111111"
WORKS = {"config": {"url": "https://desk.example/hooks", "secret": "desk"}}
LATER = "cccccccc-0001-4111-8111-111111111111"


@dataclass
class Terminal:
    """Types commands against one database."""

    runner: CliRunner

    def __call__(self, *words: str, stdin: str | None = None) -> str:
        """The output of a command that succeeds."""
        result = self.runner.invoke(app, words, input=stdin)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == 0, result.output
        return result.stdout

    def refusal(self, *words: str) -> str:
        """The error of a command line that was not understood."""
        result = self.runner.invoke(app, words)
        assert result.exit_code == 2, result.output
        return result.output

    def json(self, *words: str) -> Any:
        """The JSON output of a command."""
        return json.loads(self(*words, "--json"))


@pytest.fixture
def terminal(database_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Terminal:
    """A terminal in an empty folder, on a database with the demo tenants."""
    seed(database_url, say=lambda _: None)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("USER", "maria")
    return Terminal(CliRunner())


def order(external_id: str, **changes: Any) -> str:
    return json.dumps(
        {
            "tenant_id": ACME,
            "tool_slug": "ORDERS__create",
            "arguments": {"sku": "bolt", "quantity": 1},
            "external_id": external_id,
            **changes,
        }
    )


def test_a_new_tenant_is_listed_and_paused_and_resumed(terminal: Terminal) -> None:
    tenant = terminal("tenants", "add", "Cobalt", "--lanes", "3").strip()
    terminal("tenants", "pause", "--tenant", tenant, "--reason", "odd orders", "--until", "2999-01-01T08:00")
    paused = next(t for t in terminal.json("tenants", "list") if t["id"] == tenant)
    assert (paused["name"], paused["lanes"], paused["paused_reason"]) == ("Cobalt", 3, "odd orders")
    assert "until 2999-01-01 08:00 UTC: odd orders" in terminal("tenants", "list")
    terminal("tenants", "resume", "--tenant", tenant)
    assert next(t for t in terminal.json("tenants", "list") if t["id"] == tenant)["paused_at"] is None


def test_a_pause_lasts_for_a_time_span(terminal: Terminal) -> None:
    begun_at = utc_now()
    assert f"paused {ACME} until {begun_at:%Y-}" in terminal("tenants", "pause", "--tenant", ACME, "--for", "300s")
    ends_at = next(t for t in terminal.json("tenants", "list") if t["id"] == ACME)["pause_ends_at"]
    assert begun_at + timedelta(minutes=5) <= datetime.fromisoformat(ends_at) <= utc_now() + timedelta(minutes=5)
    for span, problem in (("2", "must be a number and a unit"), ("2h", "give either --until or --for")):
        with pytest.raises(InvalidInput, match=f"--for: {problem}"):
            terminal("pauses", "start", "agent", "x", "--tenant", ACME, "--for", span, *(
                ["--until", "2999-01-01T08:00"] if "either" in problem else []
            ))  # fmt: skip


def test_an_approved_envelope_goes_back_to_the_queue_once(terminal: Terminal) -> None:
    assert WAITS in terminal("approvals", "list", "--tenant", ACME)
    terminal("approvals", "approve", WAITS)
    assert terminal.json("envelopes", "explain", WAITS, "--tenant", ACME)["envelope"]["status"] == "pending"
    with pytest.raises(ControlPlaneError, match=f"envelope: {WAITS} has no pending approval"):
        terminal("approvals", "approve", WAITS)


def test_an_approval_is_valid_only_for_the_call_that_was_shown(terminal: Terminal) -> None:
    with pytest.raises(ControlPlaneError, match="digest: the call has changed"):
        terminal("approvals", "approve", WAITS, "--digest", "0" * 64)
    [waiting] = terminal.json("approvals", "list", "--tenant", ACME)
    terminal("approvals", "approve", WAITS, "--digest", waiting["digest"])
    trust = next(
        v
        for v in terminal.json("envelopes", "explain", WAITS, "--tenant", ACME)["verdicts"]
        if v["guardrail"] == "trust"
    )
    assert (trust["decision"], "approved" in trust["reason"]) == ("allow", True)


def test_a_rejected_envelope_never_runs(terminal: Terminal) -> None:
    terminal("approvals", "reject", WAITS, "--code", "wrong_content", "--reason", "too many bolts")
    assert "rejected: wrong_content: too many bolts" in terminal("envelopes", "explain", WAITS, "--tenant", ACME)
    assert terminal("approvals", "list", "--tenant", ACME) == "no pending approvals\n"


@pytest.mark.parametrize(("word", "state"), [("success", "success"), ("retry", "pending"), ("failed", "failed")])
def test_a_person_resolves_an_unknown_call(terminal: Terminal, word: str, state: str) -> None:
    assert terminal("envelopes", "resolve", UNKNOWN, "--tenant", ACME, "--as", word) == f"{UNKNOWN} is {state}\n"
    refused = terminal.refusal("envelopes", "resolve", UNKNOWN, "--tenant", ACME, "--as", "nonsense")
    assert "'--as'" in refused
    assert all(f"'{known}'" in refused for known in Resolution)


def test_a_cancelled_envelope_has_ended(terminal: Terminal) -> None:
    assert terminal("envelopes", "cancel", LATER, "--tenant", ACME) == f"{LATER} is cancelled\n"
    with pytest.raises(ControlPlaneError, match="is already cancelled"):
        terminal("envelopes", "cancel", LATER, "--tenant", ACME)


def test_an_envelope_of_another_tenant_is_not_found(terminal: Terminal) -> None:
    for words in (("explain",), ("cancel",), ("resolve", "--as", "success")):
        with pytest.raises(ControlPlaneError, match="envelope: no"):
            terminal("envelopes", words[0], UNKNOWN, "--tenant", BOREALIS, *words[1:])


def test_explain_prints_the_reason_and_the_end(terminal: Terminal) -> None:
    told = terminal("envelopes", "explain", LATER, "--tenant", ACME)
    assert "is pending: trust: The trust score 0.4 is below the threshold 0.5" in told
    assert "not before 2099-01-01T00:00:00+00:00" in told


def test_a_deadline_is_given_by_option_or_by_the_envelope_and_shown(terminal: Terminal) -> None:
    option = ("--must-run-before", "2098-01-01T01:00:00+01:00")
    own = order("b", must_run_before="2097-01-01T00:00:00Z")
    made = terminal("envelopes", "propose", "-", *option, stdin=f"{order('a')}\n{own}\n")
    listed = {e["external_id"]: e for e in terminal.json("envelopes", "list", "--tenant", ACME)}
    deadlines = {key: listed[key]["must_run_before"] for key in "ab"}
    assert deadlines == {"a": "2098-01-01 00:00:00+00:00", "b": "2097-01-01 00:00:00+00:00"}
    envelope = json.loads(made.splitlines()[0])["envelope_id"]
    assert "must run before 2098-01-01T00:00:00+00:00" in terminal("envelopes", "explain", envelope, "--tenant", ACME)
    assert "    must run before 2098-01-01T00:00:00+00:00" in terminal("envelopes", "list", "--tenant", ACME)


@pytest.mark.parametrize("deadline", ["yesterday", "2020-01-01T00:00:00Z", "infinity", "2098-01-01T00:00:00"])
def test_an_invalid_deadline_is_refused_with_its_name(terminal: Terminal, deadline: str) -> None:
    with pytest.raises(ControlPlaneError, match=r"^must_run_before: "):
        terminal("envelopes", "propose", order("a"), "--must-run-before", deadline)


def test_explain_says_that_the_deadline_has_passed(terminal: Terminal, database_url: str) -> None:
    with connect(database_url) as connection:
        connection.execute(
            "update public.outbox set status = 'expired', must_run_before = now(), updated_at = now() where id = %s",
            [LATER],
        )
    assert "is expired: its deadline has passed" in terminal("envelopes", "explain", LATER, "--tenant", ACME)


def test_a_number_that_would_change_is_refused_with_its_path(terminal: Terminal) -> None:
    text = order("a").replace('"quantity": 1', '"quantity": 1, "amounts": [12345678901234567.89]')
    with pytest.raises(ControlPlaneError, match=r"^arguments\.amounts\[0\]: .* send it as a string"):
        terminal("envelopes", "propose", text)


def test_proposals_on_stdin_continue_after_an_invalid_one(terminal: Terminal) -> None:
    lines = [order("a"), "", "not json", order("b", arguments={"sku": 5}), order("a"), order("c")]
    result = terminal.runner.invoke(app, ["envelopes", "propose", "-"], input="\n".join(lines))
    made = [json.loads(line)["created"] for line in result.stdout.splitlines()]
    assert (result.exit_code, made) == (1, [True, False, True])
    assert [line.split(":")[0] for line in result.stderr.splitlines()] == ["line 3", "line 4"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{", "JSON: is not JSON"),
        ("[]", "JSON: must be a JSON object"),
        ('{"tenant_id": "a", "tenant_id": "b"}', "tenant_id: occurs twice"),
        ('{"arguments": {"n": NaN}}', "JSON: contains NaN"),
        ("[" * 100_000, "JSON: is nested too deep"),
    ],
)
def test_a_proposal_that_is_not_strict_json_is_refused(terminal: Terminal, text: str, problem: str) -> None:
    with pytest.raises(ControlPlaneError) as refused:
        terminal("envelopes", "propose", text)
    assert str(refused.value).startswith(problem)


def test_setting_guardrails_changes_the_named_fields_and_keeps_the_others(terminal: Terminal) -> None:
    before = json.loads(terminal("guardrails", "show", "--tenant", BOREALIS))
    terminal("guardrails", "set", "--tenant", BOREALIS, '{"quiet_hours": {"start": 22, "end": 6}}')
    after = json.loads(terminal("guardrails", "show", "--tenant", BOREALIS))
    assert after == {**before, "quiet_hours": {"start": 22, "end": 6}}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ('{"quiet_hours": {"time_zone": "Europe/Berln", "windows": [{"start": "22:00", "end": "06:00"}]}}',
         "quiet_hours.time_zone"),
        ('{"trust_threshold": 2}', "trust_threshold"),
        ('{"treshold": 0.5}', "treshold"),
        ('{"quiet_hours": {"start": 5, "end": 5}}', "quiet_hours"),
    ],
)  # fmt: skip
def test_invalid_guardrails_are_refused_with_the_field_and_change_nothing(
    terminal: Terminal, change: str, field: str
) -> None:
    before = terminal("guardrails", "show", "--tenant", ACME)
    with pytest.raises(ControlPlaneError) as refused:
        terminal("guardrails", "set", "--tenant", ACME, change)
    assert str(refused.value).startswith(field)
    assert terminal("guardrails", "show", "--tenant", ACME) == before


def test_every_command_refuses_an_unknown_tenant(terminal: Terminal) -> None:
    nobody = str(uuid4())
    for words in (
        ("tenants", "pause"), ("tenants", "resume"), ("approvals", "list"), ("envelopes", "list"),
        ("guardrails", "show"), ("catalog", "list"),
    ):  # fmt: skip
        with pytest.raises(ControlPlaneError, match=f"no tenant {nobody}"):
            terminal(*words, "--tenant", nobody)


def test_dead_letters_can_be_listed_by_state(terminal: Terminal) -> None:
    assert [e["external_id"] for e in terminal.json("envelopes", "list", "--status", "denied")] == ["seed-denied"]


def test_text_from_outside_cannot_move_the_cursor_of_the_terminal(terminal: Terminal) -> None:
    terminal("envelopes", "propose", order("\x1b[2J\x1b]0;owned"))
    assert "\x1b" not in terminal("envelopes", "list", "--tenant", ACME)


def test_a_tool_is_added_and_an_account_linked_for_it(terminal: Terminal) -> None:
    tool = {
        "tenant_id": ACME,
        "tool_slug": "DESK__open",
        "version": "1",
        "provider": "http",
        "required_scopes": ["DESK.WRITE"],
        "config": {"url": "https://desk.example/hooks", "secret": "desk"},
    }
    assert terminal("catalog", "add", json.dumps(tool)) == "DESK__open version 1\n"
    account = terminal("accounts", "link", "desk", "--tenant", ACME, "--scope", "DESK.WRITE").strip()
    asked = json.loads(terminal("envelopes", "propose", order("d", tool_slug="DESK__open", trust_context={"score": 1})))
    assert {v["decision"] for v in asked["verdicts"]} == {"allow"}

    terminal("accounts", "set", account, "--tenant", ACME, "--status", "revoked")
    asked = json.loads(terminal("envelopes", "propose", order("d", tool_slug="DESK__open", trust_context={"score": 1})))
    assert {v["guardrail"] for v in asked["verdicts"] if v["decision"] != "allow"} == {"account"}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"version": None}, "version"),
        ({"colour": "red"}, "colour"),
        ({"schema": {"type": "nonsense"}}, "schema"),
        ({"risk": "wild"}, "risk"),
        ({"tenant_id": str(uuid4())}, "tenant_id"),
    ],
)
def test_a_malformed_tool_is_refused_with_the_field(terminal: Terminal, change: dict[str, Any], field: str) -> None:
    tool = {"tenant_id": ACME, "tool_slug": "DESK__open", "version": "1", "provider": "http", **WORKS, **change}
    with pytest.raises(ControlPlaneError) as refused:
        terminal("catalog", "add", json.dumps(tool))
    assert str(refused.value).startswith(field)


def test_an_unknown_account_status_is_refused(terminal: Terminal) -> None:
    account = "aaaaaaaa-1111-4111-8111-111111111111"
    refused = terminal.refusal("accounts", "set", account, "--tenant", ACME, "--status", "fine")
    assert "'--status'" in refused
    assert all(f"'{known}'" in refused for known in AccountStatus)


def test_a_doubtful_dead_letter_is_marked_wherever_it_is_shown(terminal: Terminal) -> None:
    terminal("envelopes", "resolve", UNKNOWN, "--tenant", ACME, "--as", "failed")
    assert f"{UNKNOWN}  failed (doubtful)" in terminal("envelopes", "list", "--tenant", ACME, "--status", "failed")
    assert "its effect may have happened" in terminal("envelopes", "explain", UNKNOWN, "--tenant", ACME)


def test_explain_names_the_envelope_that_comes_first(terminal: Terminal) -> None:
    def ordered(name: str, **more: Any) -> str:
        asked = order(name, metadata={"ordering_key": "k"}, trust_context={"score": 1}, **more)
        return str(json.loads(terminal("envelopes", "propose", asked))["envelope_id"])

    first, second = ordered("one", not_before="2099-01-01T00:00:00Z"), ordered("two")
    assert f"it waits for {first} (pending)" in terminal("envelopes", "explain", second, "--tenant", ACME)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"provider": "ftp"}, "provider"),
        ({"config": {}}, "config.url"),
        ({"config": {"url": "file:///etc/passwd"}}, "config.url"),
        ({"provider": "mcp", "config": {}}, "config.server"),
    ],
)
def test_a_tool_that_can_never_run_is_refused(terminal: Terminal, change: dict[str, Any], field: str) -> None:
    tool = {"tenant_id": ACME, "tool_slug": "DESK__open", "version": "1", "provider": "http", **change}
    with pytest.raises(ControlPlaneError) as refused:
        terminal("catalog", "add", json.dumps(tool))
    assert str(refused.value).startswith(field)


def test_the_demo_does_not_change_a_configured_database_without_yes(terminal: Terminal) -> None:
    with pytest.raises(ControlPlaneError, match="add --yes to allow it"):
        terminal("demo")
