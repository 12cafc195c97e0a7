"""An article is cut into passages with their headings."""

from control_plane.apps.autopilot.knowledge.passages import MAX_CHARACTERS, MAX_PASSAGES, index_article


def test_lines_with_marks_are_headings() -> None:
    content = "Intro.\n\n## Cause\nThe profile is old.\nIt ends.\n### Steps ###\nInstall it again.\n\n#No heading"
    found = [(each.heading, each.text) for each in index_article("VPN drops", content)]
    assert found == [
        ("VPN drops", "Intro."),
        ("VPN drops – Cause", "The profile is old.\nIt ends."),
        ("VPN drops – Steps", "Install it again.\n#No heading"),
    ]


def test_an_article_without_text_is_found_by_its_title() -> None:
    for content in (None, "", "\n\n"):
        [only] = index_article("VPN drops", content)
        assert (only.heading, only.text, len(only.embedding), len(only.signature)) == ("VPN drops", "", 1024, 64)


def test_a_long_text_is_cut() -> None:
    words = index_article("Long", "wort " * 200_000)
    assert len(words) == MAX_PASSAGES
    [unbroken] = index_article("Long", "x" * 1_000_000)
    assert unbroken.text == "x" * MAX_CHARACTERS
