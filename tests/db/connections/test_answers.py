"""An answer that cannot be parsed as a whole is parsed by column, so that an unreadable column does not affect the
others."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.backends.database.transport.functions import read_declaration
from services.backends.rows.accounts import account_from_row
from services.backends.rows.answers import Unreadable, read_answer
from services.backends.rows.outbox import claimed_from_lane, envelope_from_row
from services.backends.rows.reading import NEVER

TOO_DEEP = "[" * 1500 + "]" * 1500
TOO_LARGE = "1" + "0" * 5000
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20) | st.sampled_from(
    ['"[{', "\\", '\\"', "9" * 400]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)
SPOILT = st.sampled_from(
    [TOO_DEEP, TOO_LARGE, f"-{TOO_LARGE}", f'{{"x": {TOO_DEEP}}}', f'{{"x": [1, {TOO_LARGE}, "]"]}}', f"[{TOO_LARGE}]"]
)


@given(st.lists(st.dictionaries(TEXTS, JSON, max_size=4), max_size=4), SPOILT, st.data())
def test_an_unreadable_column_does_not_affect_other_columns(
    rows: list[dict[str, Any]], spoilt: str, data: st.DataObject
) -> None:
    rows = [*rows, {"before": 1, "spoilt": "HERE", "after": {"x": []}}]
    at = data.draw(st.permutations(range(len(rows))))
    shuffled = [rows[place] for place in at]
    answer = json.dumps(shuffled, ensure_ascii=data.draw(st.booleans())).replace('"HERE"', spoilt)

    found = read_answer(answer.encode(), None)

    place = at.index(len(rows) - 1)
    unreadable = found[place].pop("spoilt")
    assert isinstance(unreadable, Unreadable)
    expected = [dict(row) for row in shuffled]
    del expected[place]["spoilt"]
    assert found == expected


@pytest.mark.parametrize(
    ("name", "around"),
    [
        ("get_envelope", '{"a": 1, "arguments": HERE}'),
        ("list_envelopes", '[{"a": 1, "arguments": HERE}, {"a": 1}]'),
        ("find_tools", '[{"asked": 1, "tool": {"a": 1, "arguments": HERE}}]'),
        ("claim", '[{"lane": 0, "envelopes": [["id", 1, HERE], ["id", 1, {}]]}]'),
        ("read_policies", '[{"policy": {"accounts": [{"a": 1, "arguments": HERE}, {"a": 1}]}}]'),
    ],
)
@pytest.mark.parametrize("spoilt", [TOO_DEEP, TOO_LARGE])
def test_only_the_unreadable_column_of_an_answer_is_lost(name: str, around: str, spoilt: str) -> None:
    sound = json.loads(around.replace("HERE", '"sound"'))

    found = read_answer(around.replace("HERE", spoilt).encode(), read_declaration(name).columns_deep)

    assert json.loads(json.dumps(found, default=lambda _: "sound")) == sound


def test_an_answer_that_is_not_json_is_an_error() -> None:
    with pytest.raises(ValueError, match="Expecting value"):
        read_answer(b"<html>", None)


ACCOUNT = {
    "id": "00000000-0000-4000-8000-000000000001", "tenant_id": "00000000-0000-4000-8000-000000000000",
    "provider": "slack", "status": "connected", "scopes": ["A"], "metadata": {"a": 1}, "problem": None,
    "linked_at": "2026-01-01T00:00:00+00:00", "a_column_of_later": 1,
}  # fmt: skip


def test_a_row_names_each_column_that_cannot_be_read() -> None:
    spoilt = {"provider": Unreadable("is too deep"), "scopes": [None], "linked_at": "infinity", "metadata": 5}

    account = account_from_row({**ACCOUNT, **spoilt})

    assert account == replace(
        account_from_row(ACCOUNT), provider="", scopes=(), linked_at=None, metadata={},
        unreadable="provider is too deep; scopes is not text; linked_at cannot be read; metadata is not a JSON object",
    )  # fmt: skip


def test_an_unreadable_result_is_named() -> None:
    envelope = {
        "id": ACCOUNT["id"], "tenant_id": ACCOUNT["tenant_id"], "tool_slug": "t", "external_id": "k",
        "status": "failed", "created_at": ACCOUNT["linked_at"], "moved_at": ACCOUNT["linked_at"],
    }  # fmt: skip
    assert envelope_from_row({**envelope, "result": {"a": 1}}).unreadable is None
    spoilt = envelope_from_row({**envelope, "result": Unreadable("is too deep")})
    assert (spoilt.result, spoilt.unreadable) == (None, "result is too deep")


def test_a_row_without_a_readable_id_is_an_error_that_does_not_quote_the_row() -> None:
    with pytest.raises(ValueError, match=r"^Account: cannot read id$") as refused:
        account_from_row({**ACCOUNT, "id": "secret", "metadata": 5})
    assert "secret" not in str(refused.value)


SOUND: list[Any] = [
    "00000000-0000-4000-8000-000000000001", "tool", "1", {}, None, "low", "key", {}, {}, 0,
    "2026-01-01T00:00:00+00:00", None, [], None, None, "2026-01-01T00:00:00+00:00", "2026-01-01T00:00:00+00:00",
    None, False,
]  # fmt: skip
"""An envelope as `claim` returns it."""


def test_a_claim_says_which_envelope_is_unreadable() -> None:
    hostile = [*SOUND]
    hostile[3], hostile[5] = [], "weird"
    lane = {
        "tenant_id": "00000000-0000-4000-8000-000000000000",
        "lane": 0,
        "token": 1,
        "lost": False,
        "paused_at": None,
        "envelopes": [hostile, SOUND],
        "proposed_by": ["agent:bot", None],
    }

    unreadable = [claimed.envelope.unreadable for claimed in claimed_from_lane(lane)]

    assert unreadable == ["arguments is not a JSON object; risk cannot be read", None]


@pytest.mark.parametrize(
    "paused_at", ["infinity", "-infinity", "20000-01-01T00:00:00+00:00", "0044-03-15T00:00:00+00:00 BC"]
)
def test_a_pause_at_an_unreadable_moment_does_not_stop_the_claim(paused_at: str) -> None:
    """The claim has lanes of other tenants too. A moment that no policy has makes the worker read the policy again."""
    lane = {
        "tenant_id": "00000000-0000-4000-8000-000000000000", "lane": 0, "token": 1, "lost": False,
        "paused_at": paused_at, "envelopes": [SOUND], "proposed_by": [None],
    }  # fmt: skip

    assert [claimed.paused_at for claimed in claimed_from_lane(lane)] == [NEVER]
