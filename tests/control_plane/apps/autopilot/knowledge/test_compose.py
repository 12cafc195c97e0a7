"""An article is composed from resolutions: grouped, quoted with their tickets, without people."""

from typing import Any

from control_plane.apps.autopilot.knowledge.compose import MAX_QUOTE, MAX_SOLUTIONS, ResolvedTicket, compose_article


def a_ticket(number: int, resolution: str, **fields: Any) -> ResolvedTicket:
    whole = {"subject": "VPN drops", "description": None, "requester": None, "assignee": None, **fields}
    return ResolvedTicket(external_id=f"INC{number}", resolution=resolution, **whole)


def content_of(*tickets: ResolvedTicket) -> str:
    drafted = compose_article("VPN", tickets)
    assert drafted is not None
    return drafted.content


def test_near_equal_resolutions_stand_once_and_the_most_frequent_comes_first() -> None:
    drafted = compose_article(
        "Network: VPN",
        [
            a_ticket(1, "Renewed the certificate."),
            a_ticket(2, "Installed the VPN profile again."),
            a_ticket(3, "installed the VPN profile again"),
            a_ticket(4, "Fixed.", subject="Another"),
        ],
    )
    assert drafted is not None
    assert (drafted.title, drafted.ticket_count) == ("Network: VPN", 3)
    assert drafted.content == (
        "## Problem\n\n> VPN drops\n>\n> — INC1, INC2, INC3\n\n"
        "## Solution\n\n> Installed the VPN profile again.\n>\n> — INC2, INC3\n\n"
        "> Renewed the certificate.\n>\n> — INC1"
    )


def test_opposite_resolutions_are_two() -> None:
    content = content_of(a_ticket(1, "Enabled the energy saving."), a_ticket(2, "Disabled the energy saving."))
    assert "Enabled" in content
    assert "Disabled" in content


def test_names_and_addresses_of_people_are_left_out() -> None:
    content = content_of(
        a_ticket(
            1, "Called ANNA MÜLLER, then Bob reset it. Mail to anna.mueller@acme.example or x_y@acme.example sent.",
            subject="Hi, this is Müller from sales", description="My laptop will not start. Will it be replaced? Anna",
            requester="Anna Müller", assignee="bob.will@acme.example",
        ),
        a_ticket(2, "Told Anna to restart the laptop twice.", requester="jdoe"),
    )  # fmt: skip
    for word in ("Anna", "ANNA", "Müller", "Bob", "@", "mueller", "x_y"):
        assert word not in content
    assert "laptop will not start" in content
    assert "then (name) reset it. Mail to (e-mail) or (e-mail) sent." in content


def test_markup_of_tickets_has_no_effect() -> None:
    content = content_of(
        a_ticket(
            1, "# Title\n![x](https://evil.example/a.png)\n<script>alert(1)</script>\n`code` *b* [l](javascript:x)"
        )
    )
    assert "> \\# Title\n> !\\[x\\](https://evil.example/a.png)\n> \\<script\\>" in content
    assert all(line.startswith((">", "##")) or not line for line in content.splitlines())


def test_without_a_resolution_that_says_something_there_is_no_article() -> None:
    assert compose_article("VPN", []) is None
    assert compose_article("VPN", [a_ticket(1, "Done."), a_ticket(2, " - "), a_ticket(3, "Issue fixed now")]) is None


def test_the_headings_are_in_the_language_of_the_resolutions() -> None:
    content = content_of(a_ticket(1, "Das Profil wurde neu installiert und der Benutzer hat sich neu angemeldet."))
    assert "## Lösung" in content


def test_long_texts_and_many_tickets_are_cut() -> None:
    many = [a_ticket(n, f"Replaced part {'abcdefghijklmnopqrstuvwxyz'[n % 26]}{n} " + "y" * 5000) for n in range(40)]
    same = [a_ticket(100 + n, "Restarted the router.") for n in range(7)]
    content = content_of(*many, *same)
    assert content.count("part") == MAX_SOLUTIONS - 1
    assert "— INC100, INC101, INC102, INC103, INC104 (+2)" in content
    assert len(content.encode()) < 60_000 < 40 * 5000
    assert len(max(content.splitlines(), key=len)) <= MAX_QUOTE + 3
