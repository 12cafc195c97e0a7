"""A record of the Table API as a ticket. Pure.

With `sysparm_display_value=all` each field is an object with the stored `value` (times in UTC) and the `display_value`
that people see. References may also be an object with a link, the id alone, or empty.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from control_plane.apps.autopilot.sources.servicenow import TicketField
from control_plane.apps.autopilot.sources.tickets import RawTicket, make_ticket
from control_plane.apps.autopilot.values import Ticket, TicketProblem


def read_record(
    record: Mapping[str, Any], fields: Mapping[TicketField, str]
) -> tuple[Ticket | None, tuple[TicketProblem, ...]]:
    """The ticket in a record, and the problems of the record. `fields` names the field for each field of a ticket."""
    invalid: list[str] = []

    def shown(field: TicketField) -> str | None:
        return _text(record.get(fields[field]), "display_value", "value")

    def moment(name: str) -> datetime | None:
        text = stored_value(record.get(name))
        try:
            return parse_time(text) if text else None
        except ValueError:
            invalid.append(name)
            return None

    created_at = moment(fields["source_created_at"])
    updated_at, resolved_at = moment("sys_updated_on"), moment(fields["resolved_at"])
    return make_ticket(
        RawTicket(
            external_id=stored_value(record.get(fields["external_id"])),
            subject=shown("subject"),
            status=shown("external_status"),
            description=shown("description"),
            priority=shown("priority"),
            requester=shown("requester"),
            assignee=shown("assignee"),
            resolution=shown("resolution"),
            created_at=created_at,
            updated_at=updated_at,
            resolved_at=resolved_at,
            record=record,
            invalid_dates=tuple(invalid),
        )
    )


def stored_value(field: object) -> str | None:
    """The stored value of a field; None if it is empty."""
    return _text(field, "value", "display_value")


def parse_time(text: str) -> datetime:
    """A stored time, such as `2026-03-01 09:00:00`. Raises ValueError."""
    if len(text) != 19 or text[10] != " ":
        raise ValueError("is no stored time")
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def _text(field: object, *names: str) -> str | None:
    values = [field.get(name) for name in names] if isinstance(field, Mapping) else [field]
    return next((str(each) for each in values if isinstance(each, str | int | float) and str(each).strip()), None)
