"""A reply gets a greeting and a closing in its language, and an answer that is used again loses them."""

import pytest

from control_plane.text.phrases import reply_text, without_phrases, without_source


@pytest.mark.parametrize("language", ["en", "de", "fr", "es", "it", "nl", "pt", None])
@pytest.mark.parametrize("name", [None, "Ann Maria de la Cruz"])
def test_an_answer_is_the_same_after_it_was_sent_and_used_again(language: str | None, name: str | None) -> None:
    answer = "You have 60 days.\n\nPrint the label."
    link = "https://shop.example/returns"
    sent = reply_text(answer, language=language, customer_name=name, link=link)
    assert without_phrases(sent).endswith(link)
    assert without_source(without_phrases(sent)) == answer
    again = reply_text(without_phrases(sent), language=language, customer_name=name, link=None)
    assert again == sent


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("Hi Kim, it is here.", "it is here."),
        ("Dear Dr. Berg,\nit is here.\n\nBest regards\nOlga\nLarkmoor", "it is here."),
        ("Hello.\nIt is here.", "It is here."),
        ("Hello Kim\n\nIt is here, Kim.", "It is here, Kim."),
        ("Hello kettles of the new series are in every shop.", "Hello kettles of the new series are in every shop."),
        ("High time, it is here.", "High time, it is here."),
    ],
)
def test_only_a_greeting_and_a_closing_are_taken_away(text: str, answer: str) -> None:
    assert without_phrases(text) == answer


def test_a_hundred_thousand_empty_lines_are_read_once() -> None:
    """If they were read from each of them again, this would take hours."""
    lines = "\n" * 100_000
    assert without_phrases(f"Yes.{lines}Kind regards\nOlga") == "Yes."
    assert without_phrases(f"Yes.{lines}No.") == f"Yes.{lines}No."
    assert without_source(f"Yes.{lines}More about this: https://a.example") == "Yes."
    assert without_source(f"Yes.{lines}No.") == f"Yes.{lines}No."
