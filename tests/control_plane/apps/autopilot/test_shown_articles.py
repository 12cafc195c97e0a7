"""How the console shows the Markdown of articles, whose words people outside wrote."""

import pytest

from control_plane.apps.autopilot.pages.articles import as_html


def test_headings_quotations_and_lists_are_shown_as_such() -> None:
    shown = as_html("## Solution\n\n> Restart it.\n> Then wait.\n>\n> \u2014 INC1\n\n- one\n- \\*two\\*")
    assert shown.replace("\n", "") == (
        "<h2>Solution</h2><blockquote><p>Restart it.<br>Then wait.</p><p>\u2014 INC1</p></blockquote>"
        "<ul><li>one</li><li>*two*</li></ul>"
    )


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>", "[x](javascript:alert(1))", "![x](https://spy.example/p.png)",
        "<https://spy.example>", "> <img src=x onerror=alert(1)>", "# <b>x</b>", "&lt;b&gt;", "`<b>`",
        "[x]: https://spy.example\n\n[x]",
    ],
)  # fmt: skip
def test_links_pictures_and_html_stay_text(text: str) -> None:
    shown = as_html(text)
    allowed = ("<p>", "</p>", "<blockquote>", "</blockquote>", "<h1>", "</h1>", "<br>")
    for tag in allowed:
        shown = shown.replace(tag, "")
    assert "<" not in shown
    assert ">" not in shown


def test_hidden_characters_are_visible() -> None:
    assert "\u202e" not in as_html("pay \u202eeur")
