"""Mail that no person wrote is told from a person's by its headers, never by its words alone."""

import pytest

from tests.control_plane.apps.drafts.mail_samples import a_mail, parsed

REPORT = 'multipart/report; report-type=delivery-status; boundary="b1"'
RECEIPT = 'multipart/report; report-type=disposition-notification; boundary="b1"'


@pytest.mark.parametrize(
    ("headers", "kind"),
    [
        ({"auto_submitted": "auto-replied"}, "auto_reply"),
        ({"auto_submitted": "Auto-Generated; x=y"}, "auto_reply"),
        ({"auto_submitted": "no"}, None),
        ({"precedence": "auto_reply"}, "auto_reply"),
        ({"precedence": "bulk"}, "list"),
        ({"precedence": "list"}, "list"),
        ({"precedence": "first-class"}, None),
        ({"list_id": "<news.b.example>"}, "list"),
        ({"list_unsubscribe": "<https://b.example/u>"}, "list"),
        ({"x_autoreply": "yes"}, "auto_reply"),
        ({"x_autorespond": ""}, "auto_reply"),
        ({"return_path": "<>"}, "auto_reply"),
        ({"return_path": "<ann@b.example>"}, None),
        ({"content_type": REPORT}, "bounce"),
        ({"content_type": RECEIPT}, "auto_reply"),
        ({"x_failed_recipients": "ann@b.example"}, "bounce"),
        ({"from_": "Mail Delivery System <MAILER-DAEMON@mx.b.example>"}, "bounce"),
        ({"x_auto_response_suppress": "All"}, None),  # Exchange writes it into mails of people too
        ({}, None),
    ],
)
def test_headers_tell_the_kind(headers: dict[str, str], kind: str | None) -> None:
    assert parsed(a_mail(**headers)).automatic == kind


@pytest.mark.parametrize(
    "subject",
    [
        "Automatic reply: Where is my order?", "Out of Office", "Automatische Antwort: Bestellung", "Abwesenheitsnotiz",
        "Réponse automatique : commande", "Respuesta automática: pedido", "Risposta automatica: ordine",
        "Automatisch antwoord: bestelling",
    ],
)  # fmt: skip
def test_the_subject_of_an_absence_note_counts_only_with_a_header(subject: str) -> None:
    assert parsed(a_mail(subject=subject)).automatic is None
    assert parsed(a_mail(subject=subject, x_auto_response_suppress="All")).automatic == "auto_reply"


def test_an_automatic_mail_keeps_its_words_and_its_thread() -> None:
    message = parsed(a_mail("I am away.", auto_submitted="auto-replied", in_reply_to="<x@acme.example>"))
    assert (message.text, message.conversation_keys) == ("I am away.", ("<x@acme.example>",))
