"""An issue of Jira as a ticket. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from control_plane.apps.autopilot.sources.jira.rich_text import plain_text
from control_plane.apps.autopilot.sources.tickets import RawTicket, make_ticket, utc
from control_plane.apps.autopilot.values import Ticket, TicketProblem

FIELDS = (
    "summary", "description", "status", "priority", "reporter", "assignee", "resolution", "resolutiondate", "created",
    "updated",
)  # fmt: skip
"""The fields that become the fields of a ticket. `status` includes `statusCategory`."""


def read_issue(issue: Mapping[str, Any]) -> tuple[Ticket | None, tuple[TicketProblem, ...]]:
    """The ticket in an issue, and the problems of the issue."""
    found = issue.get("fields")
    fields: Mapping[str, Any] = found if isinstance(found, Mapping) else {}
    invalid: list[str] = []

    def moment(name: str) -> datetime | None:
        try:
            return parse_time(fields.get(name))
        except ValueError:
            invalid.append(name)
            return None

    created_at, updated_at, resolved_at = moment("created"), moment("updated"), moment("resolutiondate")
    return make_ticket(
        RawTicket(
            external_id=_text(issue.get("key")),
            subject=_text(fields.get("summary")),
            status=_name(fields.get("status")),
            description=plain_text(fields.get("description")),
            priority=_name(fields.get("priority")),
            requester=_person(fields.get("reporter")),
            assignee=_person(fields.get("assignee")),
            resolution=_name(fields.get("resolution")),
            created_at=created_at,
            updated_at=updated_at,
            resolved_at=resolved_at,
            record=issue,
            invalid_dates=tuple(invalid),
        )
    )


def parse_time(value: object) -> datetime | None:
    """A time of Jira, such as `2026-03-01T09:00:00.000+0100`; None if it is empty. Raises ValueError."""
    if value is None or value == "":
        return None
    return utc(datetime.fromisoformat(str(value)))


def _name(value: object) -> str | None:
    return _text(value.get("name")) if isinstance(value, Mapping) else _text(value)


def _person(value: object) -> str | None:
    if not isinstance(value, Mapping):
        return _text(value)
    names = ("displayName", "emailAddress", "accountId")
    return next((text for name in names if (text := _text(value.get(name)))), None)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
