"""Characters that a person would not see are made visible."""

import unicodedata

from services.hidden_characters import HIDDEN_CATEGORIES, escape_hidden, find_hidden


def test_every_character_of_the_hidden_categories_is_escaped_and_no_other() -> None:
    for number in range(0x110000):
        character = chr(number)
        escaped = f"\\u{{{number:x}}}" if unicodedata.category(character) in HIDDEN_CATEGORIES else character
        assert escape_hidden(character) == escaped


def test_paths_name_texts_and_objects_with_hidden_keys() -> None:
    document = {"to": ["ann", "b\u202een"], "ok": "ünïcode 🙂", "k\u200bey": {"n": 1}, "text": "two\nlines"}
    assert list(find_hidden("arguments", document)) == ["arguments", "arguments.to[1]", "arguments.text"]
    assert escape_hidden(document) == {
        "to": ["ann", "b\\u{202e}en"], "ok": "ünïcode 🙂", "k\\u{200b}ey": {"n": 1}, "text": "two\\u{a}lines",
    }  # fmt: skip


def test_line_breaks_stay_where_a_document_is_shown_whole_but_not_in_keys() -> None:
    document = {"text": "two\nlines\u200b", "plain": "two\nlines", "k\ney": ["a\r\nb"]}
    assert escape_hidden(document, keep_lines=True) == {
        "text": "two\nlines\\u{200b}", "plain": "two\nlines", "k\\u{a}ey": ["a\\u{d}\nb"],
    }  # fmt: skip
    assert list(find_hidden("arguments", document, keep_lines=True)) == [
        "arguments", "arguments.text", "arguments.k\\u{a}ey[0]",
    ]  # fmt: skip
