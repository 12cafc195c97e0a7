"""Commands that list find what the API finds."""

import json

import pytest

from services.errors import InvalidInput
from tests.control_plane.test_cli import ACME, BOREALIS, WAITS, Terminal, order, terminal

__all__ = ["terminal"]


def propose(terminal: Terminal, key: str, by: str) -> str:
    proposed = terminal("envelopes", "propose", order(key, trust_context={"score": 1}), "--by", by)
    return str(json.loads(proposed)["envelope_id"])


def found(terminal: Terminal, *conditions: str, tenant: str = ACME) -> set[str]:
    return {each["id"] for each in terminal.json("envelopes", "list", "--tenant", tenant, *conditions)}


def test_envelopes_are_listed_by_proposer_tool_time_and_words(terminal: Terminal) -> None:
    mine, other = propose(terminal, "mine", "bot"), propose(terminal, "other", "helper")
    by_bot = ("--proposed-by", "agent:bot")
    assert found(terminal, *by_bot) == {mine}
    assert found(terminal, *by_bot, "--tool", "ORDERS__create") == {mine}
    assert found(terminal, *by_bot, "--tool", "NO__such") == set()
    assert found(terminal, *by_bot, tenant=BOREALIS) == set()
    assert {mine, other} <= found(terminal, "--since", "2026-01-31")
    assert found(terminal, *by_bot, "--until", "2026-01-31T08:00:00+01:00") == set()
    assert found(terminal, "--words", "other") == {other}
    assert found(terminal, "--objective", mine) == set()


def test_a_time_that_is_none_is_refused_by_the_name_of_its_option(terminal: Terminal) -> None:
    with pytest.raises(InvalidInput, match="--since: must be a time such as"):
        terminal("envelopes", "list", "--since", "yesterday")


def test_decided_approvals_are_listed_by_who_decided_and_how(terminal: Terminal) -> None:
    assert terminal("approvals", "decided", "--tenant", BOREALIS) == "no decided approvals\n"
    terminal("approvals", "reject", WAITS, "--code", "wrong_target", "--reason", "not ours", "--by", "maria")

    decided = ("approvals", "decided", "--tenant", ACME)
    [rejected] = terminal.json(*decided, "--by", "maria", "--decision", "rejected", "--tool", "ORDERS__create")
    assert (rejected["envelope_id"], rejected["decision_reason"]) == (WAITS, "not ours")
    assert f"{WAITS}  rejected" in terminal(*decided)
    for condition in (("--by", "olga"), ("--decision", "approved"), ("--tool", "NO__such"), ("--agent", "nobody")):
        assert terminal.json(*decided, *condition) == []
