"""Tickets of a company that does not exist, the same at each call. They are about a few dozen recurring problems."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

TOPICS: tuple[tuple[str, str, tuple[str, ...], str], ...] = (
    (
        "Network",
        "VPN",
        (
            "VPN drops after a few minutes",
            "Cannot connect to VPN",
            "VPN client asks for token again and again",
            "VPN is slow from home",
        ),
        "Reinstalled the VPN profile.",
    ),
    (
        "Network",
        "Wi-Fi",
        ("Wi-Fi not working in meeting room", "Laptop loses wireless connection", "Guest Wi-Fi voucher does not work"),
        "Moved the access point to another channel.",
    ),
    (
        "Account",
        "Password",
        ("Password expired", "Forgot my password", "Please reset my password", "Account locked after wrong password"),
        "Reset the password and unlocked the account.",
    ),
    (
        "Account",
        "Sign-in",
        ("Two-factor code is not accepted", "New phone, authenticator app is empty", "No push message when I sign in"),
        "Registered the new phone for two-factor sign-in.",
    ),
    (
        "Account",
        "New employee",
        ("New employee starts on Monday, needs account", "Account for contractor", "Set up access for new colleague"),
        "Created the account with the role of the department.",
    ),
    (
        "Hardware",
        "Printer",
        (
            "Printer shows paper jam",
            "Cannot print to second floor printer",
            "Printer prints blank pages",
            "Toner is empty",
        ),
        "Replaced the toner and cleared the queue.",
    ),
    (
        "Hardware",
        "Laptop",
        (
            "Laptop battery lasts ten minutes",
            "Laptop does not start",
            "Keyboard of laptop has a broken key",
            "Laptop gets very hot",
        ),
        "Swapped the laptop from stock.",
    ),
    (
        "Hardware",
        "Monitor",
        ("Second monitor is not detected", "Monitor flickers", "Docking station shows no picture"),
        "Updated the firmware of the docking station.",
    ),
    (
        "E-mail",
        "Mailbox",
        ("Mailbox is full", "Cannot send e-mail, quota exceeded", "Need more space in my mailbox"),
        "Moved old mail to the archive.",
    ),
    (
        "E-mail",
        "Shared mailbox",
        (
            "Access to shared mailbox of sales",
            "Shared mailbox is missing in Outlook",
            "Please add me to the team mailbox",
        ),
        "Granted access to the shared mailbox.",
    ),
    (
        "E-mail",
        "Phishing",
        ("Suspicious e-mail with invoice attached", "I clicked on a phishing link", "Is this mail from the bank real?"),
        "Blocked the sender and changed the password.",
    ),
    (
        "Software",
        "Installation",
        ("Please install Visio", "Need a licence for Photoshop", "Software centre shows an error at installation"),
        "Assigned the licence and installed the program.",
    ),
    (
        "Software",
        "ERP",
        ("SAP says no authorization for order", "Cannot post invoice in SAP", "SAP session ends with timeout"),
        "Added the missing role in SAP.",
    ),
    (
        "Software",
        "Video calls",
        ("Microphone does not work in Teams", "Camera is black in video call", "Teams hangs when I share my screen"),
        "Updated the driver of the headset.",
    ),
    (
        "Files",
        "Shared drive",
        ("Shared drive is not connected", "No access to folder of finance", "Drive letter is missing after restart"),
        "Mapped the drive again by group policy.",
    ),
    (
        "Files",
        "Restore",
        ("Deleted a folder by mistake", "Please restore a file from last week", "Excel file is damaged"),
        "Restored the files from the backup.",
    ),
)
"""Category, subcategory, subjects, and how it is solved."""
PEOPLE = ("Maria Lopez", "Jens Weber", "Aiko Tanaka", "Olga Petrova", "Samir Haddad", "Lucy O'Brien", "Åsa Lindström")
AGENTS = ("Desk One", "Desk Two", "Network Team")
PLACES = ("Berlin", "Madrid", "Osaka", "Dublin", "room 4.12", "the warehouse", "home", "building B")
DETAILS = (
    "It began this morning.", "A restart did not help.", "Two colleagues have the same.", "It worked yesterday.",
    "I need it for a customer meeting.", "There is no error message.", "This is the third time this month.",
)  # fmt: skip
PRIORITIES = ("1 - Critical", "2 - High", "3 - Moderate", "4 - Low")
BEGIN = datetime(2026, 1, 5, 8, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeUp:
    """One ticket. `number` counts from 1."""

    number: int
    category: str
    subcategory: str
    subject: str
    description: str
    priority: int
    """From 1 (most urgent) to 4."""
    requester: str
    assignee: str | None
    created_at: datetime
    updated_at: datetime
    resolved_at: datetime | None
    resolution: str | None


def made_up_tickets(count: int = 5000) -> Iterator[MadeUp]:
    """The first `count` tickets, in the order of their creation."""
    chance = random.Random(7)  # noqa: S311  # nothing here is secret
    weights = [1 / (place + 2) for place in range(len(TOPICS))]
    created_at = BEGIN
    for number in range(1, count + 1):
        created_at += timedelta(seconds=chance.randrange(0, 3600))
        [(category, subcategory, subjects, solution)] = chance.choices(TOPICS, weights)
        subject, place = chance.choice(subjects), chance.choice(PLACES)
        is_solved = chance.random() < 0.8
        updated_at = created_at + timedelta(seconds=chance.randrange(60, 200_000))
        yield MadeUp(
            number=number,
            category=category,
            subcategory=subcategory,
            subject=f"{subject} ({place})" if chance.random() < 0.4 else subject,
            description=f"{subject} in {place}. {' '.join(chance.sample(DETAILS, 2))}",
            priority=chance.choices((1, 2, 3, 4), (1, 3, 10, 6))[0],
            requester=chance.choice(PEOPLE),
            assignee=chance.choice(AGENTS) if is_solved or chance.random() < 0.5 else None,
            created_at=created_at,
            updated_at=updated_at,
            resolved_at=updated_at if is_solved else None,
            resolution=solution if is_solved else None,
        )
