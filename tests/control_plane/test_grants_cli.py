"""Grants from the command line: added, used by explain, listed, revoked; a mistake ends in one line."""

import pytest

from services.errors import ControlPlaneError
from tests.control_plane.test_cli import ACME, Terminal, terminal

__all__ = ["terminal"]

CONDITION = '{"argument": "amount", "below": 100}'


def test_a_grant_is_added_listed_and_revoked(terminal: Terminal) -> None:
    added = terminal(
        "grants", "add", "STAGE__*", "--tenant", ACME, "--hours", "168", "--if", CONDITION, "--reason", "sale"
    )
    [grant] = terminal.json("grants", "list", "--tenant", ACME)
    assert grant["id"] in added
    assert (grant["tools"], grant["arguments"], grant["issued_by"], grant["use_count"]) == (
        "STAGE__*", [{"argument": "amount", "below": 100}], "maria", 0,
    )  # fmt: skip
    assert "amount below 100" in terminal("grants", "list", "--tenant", ACME)

    assert terminal("grants", "uses", grant["id"], "--tenant", ACME) == "no uses\n"
    assert "used 0 times" in terminal("grants", "revoke", grant["id"], "--tenant", ACME, "--by", "omar")
    assert terminal("grants", "list", "--tenant", ACME) == "no grants\n"
    assert "by omar" in terminal("grants", "list", "--tenant", ACME, "--ended")


@pytest.mark.parametrize(("words", "problem"), [
    (["STAGE__*", "--hours", "168.1"], "expires_in: must be more than 0 and at most 7 days"),
    (["STAGE__*", "--hours", "nan"], "expires_in: must be more than 0 and at most 7 days"),
    (["STAGE__*", "--hours", "1e300"], "expires_in: must be more than 0 and at most 7 days"),
    (["*", "--hours", "1"], "tools: is not a tool"),
    (["STAGE__nothing", "--hours", "1"], "tools: no tool STAGE__nothing"),
    (["STAGE__*", "--hours", "1", "--if", "amount"], "--if: is not JSON"),
    (["STAGE__*", "--hours", "1", "--if", '{"argument": "amount"}'], "arguments[0]: needs exactly one of"),
])  # fmt: skip
def test_a_mistake_is_one_line_that_names_the_field(
    terminal: Terminal, words: list[str], problem: str
) -> None:  # fmt: skip
    with pytest.raises(ControlPlaneError) as refused:
        terminal("grants", "add", *words, "--tenant", ACME)
    assert problem in str(refused.value)
    assert terminal("grants", "list", "--tenant", ACME) == "no grants\n"
