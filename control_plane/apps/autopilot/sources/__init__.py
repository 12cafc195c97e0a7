"""Ticket systems, read page by page: what every connector offers, and the errors that it raises.

A connector only reads. It uses no database: the caller stores the tickets of a page together with its cursor.
"""

from collections.abc import AsyncIterator, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol

from control_plane.apps.autopilot.values import Ticket, TicketProblem
from services.errors import ControlPlaneError

Cursor = Mapping[str, Any]
"""A position in the tickets of a source, as JSON. Only the connector that made it, with the same settings, can read
it."""


class SourceCode(StrEnum):
    """Why a source cannot be read, in one word. The first two are a published contract."""

    AUTHENTICATION_FAILED = "authentication_failed"
    """There is no login, or the source does not accept it."""
    PERMISSION_DENIED = "permission_denied"
    """The source accepts the login, but the login may not read the tickets."""
    SETTINGS_INVALID = "settings_invalid"
    """A setting of the connection is invalid, or names something that does not exist."""
    SOURCE_UNAVAILABLE = "source_unavailable"
    """The source does not answer, or asks to come back later."""
    SOURCE_UNREADABLE = "source_unreadable"
    """The source answers something that its documentation does not allow."""


class SourceError(ControlPlaneError):
    """A source cannot be read. `detail` is one line for people, without secrets."""

    def __init__(self, code: SourceCode, detail: str, *, retry_after: timedelta | None = None) -> None:
        super().__init__(f"{code.value}: {detail}")
        self.code, self.detail = code, detail
        self.retry_after = retry_after
        """How long the source asks to wait, if it does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Some tickets, and the position after them."""

    tickets: tuple[Ticket, ...]
    problems: tuple[TicketProblem, ...]
    cursor: Cursor


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Some tickets, and the problems of their records."""

    tickets: tuple[Ticket, ...] = ()
    problems: tuple[TicketProblem, ...] = ()


class TicketSource(Protocol):
    """The tickets of one connection. Every method raises SourceError."""

    async def check(self) -> None:
        """Return if the login is accepted and may read tickets; else raise SourceError."""

    async def estimate(self, since: datetime | None = None) -> int | None:
        """About how many tickets were changed since this time (None: all tickets); None if the source cannot tell."""

    def pages(self, cursor: Cursor | None = None) -> AsyncIterator[Page]:
        """The tickets after the cursor, the least recently changed first; all tickets without a cursor.

        After an interruption, the cursor of the last stored page continues exactly there. The cursor of the last page
        starts a later run, which reads what has changed since then and, because ticket systems store some changes
        late, the tickets of a few minutes again. A ticket that changes during the run comes again.

        A page may take 15 minutes, when the source asks to wait again and again.
        """

    async def find(self, external_ids: Collection[str]) -> Found:
        """The tickets with these ids. Tickets that the source no longer has are left out."""

    def list_ids(self) -> AsyncIterator[tuple[str, ...]]:
        """The external ids of all tickets, in parts.

        A stored ticket that is not among them was deleted in the source, or is hidden from the login now.
        """
