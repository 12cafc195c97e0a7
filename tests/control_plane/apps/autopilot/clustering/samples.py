"""Made-up tickets of a help desk, each of a known kind."""

import random
from collections.abc import Iterator, Sequence

from control_plane.apps.autopilot.clustering.values import TicketText

KINDS = {
    "vpn": "VPN client|VPN tunnel|VPN gateway|VPN connection : drops every hour|cannot connect from home|times out at "
    "sign-in|is slow over wifi|fails after the update : remote network|home office router|broadband line",
    "printer": "office printer|laser printer|label printer|printer tray : jams on thick paper|prints blank pages|shows "
    "a toner warning|leaves streaks on paper|does not print : toner cartridge|paper tray|print queue",
    "invoice": "supplier invoice|customer invoice|invoice amount|invoice total : shows the wrong tax|was billed twice|"
    "has no purchase order|was paid late|lists a wrong price : billing period|payment terms|bank transfer",
    "password": "Windows password|account password|password reset|domain login : has expired|is locked out|was "
    "forgotten|needs to be reset|is rejected : security question|login attempts|account lockout",
    "laptop": "laptop battery|laptop screen|laptop keyboard|laptop fan : broke on a trip|is cracked|gets very hot|"
    "makes a loud noise|stopped charging : charging cable|warranty repair|replacement device",
    "leave": "vacation request|parental leave|sick leave|holiday balance : was not approved|shows the wrong days|is "
    "missing in payroll|has to be moved to July|was counted twice : payroll department|time sheet|leave calendar",
}  # fmt: skip


def tickets_of(kind: str, count: int, *, start: int = 0) -> list[TicketText]:
    """Tickets of one kind, with keys such as `vpn-0003`. The same arguments give the same tickets."""
    things, troubles, rests = (part.strip().split("|") for part in KINDS[kind].split(":"))
    made = []
    for number in range(start, start + count):
        chance = random.Random(f"{kind}{number}")  # noqa: S311  # no secret
        made.append(TicketText(f"{kind}-{number:04}", *_text(chance, things, troubles, rests)))
    return made


def a_help_desk(count: int = 30, kinds: Sequence[str] = tuple(KINDS)) -> list[TicketText]:
    """So many tickets of each kind."""
    return [ticket for kind in kinds for ticket in tickets_of(kind, count)]


def kind_of(key: str) -> str:
    """The kind of a ticket of this module."""
    return key.rpartition("-")[0]


def _text(chance: random.Random, *lists: list[str]) -> Iterator[str]:
    things, troubles, rests = lists
    yield f"{chance.choice(things)} {chance.choice(troubles)}"
    yield (
        f"Hello, the {chance.choice(things)} {chance.choice(troubles)}. It is about the {chance.choice(rests)}. "
        f"The {chance.choice(things)} with the {chance.choice(rests)} {chance.choice(troubles)}. Many thanks, Maria"
    )
