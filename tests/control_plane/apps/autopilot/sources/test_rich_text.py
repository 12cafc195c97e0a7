"""Rich text of Jira becomes plain text, whatever the document is like."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from control_plane.apps.autopilot.sources.jira.rich_text import MAX_NODES, plain_text


def node(kind: str, *content: Any, **values: Any) -> dict[str, Any]:
    return {"type": kind, "content": list(content), **values}


def row(kind: str, *cells: str) -> dict[str, Any]:
    return node("tableRow", *(node(kind, node("paragraph", text(cell))) for cell in cells))


def text(value: str) -> dict[str, Any]:
    return {"type": "text", "text": value}


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (None, ""),
        ("already plain", "already plain"),
        (node("doc", node("heading", text("Title")), node("paragraph", text("a"), text("b"))), "Title\nab"),
        (node("paragraph", text("a"), {"type": "hardBreak"}, text("b")), "a\nb"),
        (
            node(
                "bulletList", node("listItem", node("paragraph", text("one"))),
                node(
                    "listItem", node("paragraph", text("two")),
                    node("bulletList", node("listItem", node("paragraph", text("deep")))),
                ),
            ),
            "- one\n- two\n- deep",
        ),
        (
            node(
                "table",
                row("tableHeader", "A", "B"),
                row("tableCell", "1", "2"),
            ),
            "A | B\n1 | 2",
        ),
        (node("codeBlock", text("x = 1\ny = 2")), "x = 1\ny = 2"),
        (
            node(
                "paragraph", node("mention", attrs={"text": "@Maria"}), text(" "),
                node("emoji", attrs={"shortName": ":)"}), text(" "),
                node("inlineCard", attrs={"url": "https://x.example"}), text(" "),
                node("date", attrs={"timestamp": "1767225600000"}), text(" "), node("status", attrs={"text": "DONE"}),
            ),
            "@Maria :) https://x.example 2026-01-01 DONE",
        ),
        (node("expand", node("paragraph", text("inside")), attrs={"title": "More"}), "More\ninside"),
        (node("notKnown", node("paragraph", text("still read"))), "still read"),
        ({"type": "doc", "content": "no list"}, ""),
        (node("paragraph", 7, None, "x", text("kept"), {"type": "text", "text": 7}), "kept"),
    ],
)  # fmt: skip
def test_a_document_becomes_text(document: Any, expected: str) -> None:
    assert plain_text(document) == expected


def test_a_deep_document_is_read_to_a_limit() -> None:
    document: Any = text("bottom")
    for _ in range(900):
        document = node("panel", document)
    assert plain_text(node("doc", node("paragraph", text("top")), document)) == "top"


def test_a_wide_document_is_read_to_a_limit() -> None:
    document = node("paragraph", *[text("x")] * (2 * MAX_NODES))
    assert len(plain_text(document)) == MAX_NODES - 1


ANYTHING = st.recursive(
    st.none() | st.integers() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["type", "content", "text", "attrs", "url"]), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(ANYTHING)
def test_no_document_is_an_error(document: Any) -> None:
    assert isinstance(plain_text(document), str)
