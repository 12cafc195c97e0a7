"""Clustering reads what the requester wrote, not what surrounds it."""

import pytest

from control_plane.apps.autopilot.clustering.texts import clean_text
from control_plane.apps.autopilot.clustering.values import TicketText

REPLY = """From: Ann <ann@example.com>
Subject: printer

My printer is jammed &amp; blinks.
> Did you restart it?
Yes, twice.

Kind regards,
Ann Otter
+49 30 123456"""


def cleaned(description: str, subject: str = "") -> str:
    return " ".join(clean_text(TicketText("T1", subject, description)).split())


def test_headers_quoted_lines_and_the_signature_are_left_out() -> None:
    assert cleaned(REPLY) == "My printer is jammed & blinks. Yes, twice."


@pytest.mark.parametrize(
    "quoted",
    [
        "On Mon, 3 Mar 2025, Ann wrote:\nOld text", "-----Original Message-----\nOld text", "-- \nAnn, Support",
        "Am 3. März 2025 schrieb Ann:\nAlter Text", "Mit freundlichen Grüßen\nAnn", "Sent from my phone",
        "Cordialement\nAnn", "El 3 mar 2025, Ann escribió:\nTexto",
    ],
)  # fmt: skip
def test_what_follows_a_quotation_or_a_greeting_is_left_out(quoted: str) -> None:
    assert cleaned(f"The tunnel is down.\n{quoted}") == "The tunnel is down."


def test_a_greeting_in_the_first_line_ends_nothing() -> None:
    assert cleaned("Many thanks for the laptop\nbut it is broken") == "Many thanks for the laptop but it is broken"


def test_markup_scripts_and_styles_are_left_out() -> None:
    html = "<style>p {color: red}</style><p class='x'>Disk <b>full</b></p><script>steal()</script><br>again &lt; 3 GB"
    assert cleaned(html) == "Disk full again < GB"


def test_a_comparison_is_no_markup() -> None:
    assert cleaned("if a < b and c > d then fail") == "if a < b and c > d then fail"


def test_ids_addresses_and_reply_marks_are_left_out() -> None:
    text = "see https://example.com/a?b=1 or ann.otter@example.com, INC0010001, #4711, 2025-03-01, "
    text += "and deadbeef-1234-4abc-9def-0123456789ab"
    assert cleaned(text, "Re: AW: [EXTERNAL] VPN down") == "VPN down see or , , # , , and"
