"""The language of a text, and what it is about, show in its words."""

import pytest

from control_plane.text.languages import content_words, detect_language


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Where is my order and when will it come?", "en"), ("Wo ist meine Bestellung?", "de"),
        ("Où est ma commande ?", "fr"), ("¿Dónde está mi pedido?", "es"), ("Waar is mijn bestelling?", "nl"),
        ("E3", None), ("", None),
    ],
)  # fmt: skip
def test_the_language_is_that_of_the_function_words(text: str, language: str | None) -> None:
    assert detect_language(text) == language


def test_function_words_are_left_out_unless_there_are_no_others() -> None:
    assert content_words("How do I reset my password?", "en") == "reset password"
    assert content_words("What is it?", "en") == "What is it"
