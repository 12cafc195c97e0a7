"""Equal calls have equal digests, different calls have different ones, and no call causes an exception."""

import json
from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256
from types import MappingProxyType
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.approvals.digest import call_digest
from services.canonical import MAX_DEPTH
from services.envelope import Risk, Status
from tests.builders import NOW, an_envelope

ENVELOPE = an_envelope(
    id=UUID("11111111-1111-4111-8111-111111111111"), external_id="x", arguments={"to": "a@b.test", "cc": [1, 2.5, None]}
)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(-(10**400), 10**400)
    | st.floats()
    | st.text()
    # st.text() leaves out halves of surrogate pairs, which JSON can carry
    | st.sampled_from(["\ud800", "a\udfffb", "😀"]),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.sampled_from(["$", "$$int", "$int", "\ud800"]) | st.text(), inner)
    ),
)


def digest(arguments: Any) -> str:
    return call_digest(replace(ENVELOPE, arguments={"it": arguments}))


def test_the_digest_is_the_hash_of_the_canonical_json_of_the_call() -> None:
    canonical = (
        '{"arguments":{"cc":[1,2.5,null],"to":"a@b.test"},"connected_account_id":null,'
        '"envelope_id":"11111111-1111-4111-8111-111111111111","tenant_id":"7e4a0000-0000-4000-8000-000000000001",'
        '"tool_slug":"SLACK__chat.post","tool_version":"1"}'
    )
    assert call_digest(ENVELOPE) == sha256(canonical.encode()).hexdigest()


@pytest.mark.parametrize(
    "change",
    [
        {"id": uuid4()},
        {"tenant_id": uuid4()},
        {"tool_slug": "SLACK__chat.delete"},
        {"tool_version": "2"},
        {"tool_version": None},
        {"arguments": {}},
        {"connected_account_id": "an account"},
    ],
)
def test_the_digest_changes_with_every_field_that_changes_the_call(change: dict[str, Any]) -> None:
    assert call_digest(replace(ENVELOPE, **change)) != call_digest(ENVELOPE)


@pytest.mark.parametrize(
    "change",
    [
        {"metadata": {"note": "x"}},
        {"trust_context": {"score": 1}},
        {"risk": Risk.HIGH},
        {"status": Status.AWAITING_APPROVAL},
        {"attempts": 2},
        {"next_run_at": None},
        {"approved_digest": "x"},
        {"lane": 3},
        {"updated_at": NOW.replace(year=2027)},
        {"arguments": MappingProxyType(dict(reversed(list(ENVELOPE.arguments.items()))))},
    ],
)
def test_the_digest_does_not_change_with_descriptions(change: dict[str, Any]) -> None:
    assert call_digest(replace(ENVELOPE, **change)) == call_digest(ENVELOPE)


@given(JSON)
def test_every_json_value_has_a_digest_and_the_order_of_keys_does_not_matter(value: Any) -> None:
    assert digest(value) == digest(turned_round(value))


@given(JSON, JSON)
def test_two_calls_have_one_digest_only_if_they_are_equal(one: Any, other: Any) -> None:
    assert (digest(one) == digest(other)) == (by_value(one) == by_value(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (2**53 + 1, 2**53),
        (2**53 + 1, {"$int": hex(2**53 + 1)}),
        (10**400, 10**400 + 1),
        (2**53 + 1, str(2**53 + 1)),
        (1, "1"),
        (1, True),
        (0, None),
        (float("nan"), {"$float": "nan"}),
        (float("inf"), float("-inf")),
        ("\ud800", "\ud801"),
        ("\ud800", {"$utf16": "d800"}),
        ({"\ud800": 1}, {"$utf16:d800": 1}),
        ({"$int": 1}, {"$$int": 1}),
        ([], {}),
        ([[1], 2], [[1, 2]]),
    ],
)
def test_no_value_has_the_digest_of_another_value(one: Any, other: Any) -> None:
    assert digest(one) != digest(other)


@pytest.mark.parametrize(
    ("one", "other"), [(1, 1.0), (0.0, -0.0), (10**16, 1e16), (10**22, 1e22), (-(2**53), -(2.0**53)), ([1], (1,))]
)
def test_equal_numbers_have_one_digest_however_they_are_written(one: Any, other: Any) -> None:
    assert digest(one) == digest(other)


def test_an_integer_may_have_more_digits_than_python_prints() -> None:
    assert digest(10**5000) != digest(10**5000 + 1)


@pytest.mark.parametrize("depth", [MAX_DEPTH - 2, MAX_DEPTH - 1, MAX_DEPTH, MAX_DEPTH + 1, 900, 20_000])
def test_deep_arguments_have_a_digest_that_shows_every_change(depth: int) -> None:
    assert digest(nested(1, depth)) == digest(nested(1, depth))
    leaves: list[Any] = [1, 2, [], {}, [1], [[]]]
    assert len({digest(nested(leaf, depth)) for leaf in leaves}) == len(leaves)


def test_the_flat_form_of_the_deep_part_keeps_its_shape() -> None:
    parts: list[Any] = [
        [1, [2, 3]],
        [1, [2], 3],
        [[1, 2], 3],
        {"a": [1], "b": 2},
        {"a": 1, "b": [2]},
        {"b": [2]},
        ["b", 2],
    ]
    assert len({digest(nested(part, MAX_DEPTH)) for part in parts}) == len(parts)
    assert digest(nested({"a": 1, "b": 2}, MAX_DEPTH)) == digest(nested({"b": 2, "a": 1}, MAX_DEPTH))


def nested(leaf: Any, depth: int) -> Any:
    value = leaf
    for level in range(depth):
        value = [value] if level % 2 else {"k": value}
    return value


def turned_round(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: turned_round(item) for key, item in reversed(list(value.items()))}
    return [turned_round(item) for item in value] if isinstance(value, list) else value


def by_value(value: Any) -> str:
    """The document with integers instead of equal floats, because numbers are compared by value."""
    return json.dumps(integral(value), sort_keys=True)


def integral(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: integral(item) for key, item in value.items()}
    if isinstance(value, list):
        return [integral(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value
