"""A mock of ServiceNow's Table API, for tests and the demo: ServiceNow itself is hosted by its vendor.

It speaks the wire format of `GET /api/now/table/{table}` and of the token endpoint, and applies encoded queries with
`=`, `>`, `>=`, `^`, `^NQ` and ORDERBY. Run it with
`python -m tests.control_plane.apps.autopilot.servicenow_server 8101`.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from hashlib import md5
from typing import Any

from tests.control_plane.apps.autopilot.api_server import ApiServer, Call, Reply, serve
from tests.control_plane.apps.autopilot.made_up_tickets import PRIORITIES, MadeUp, made_up_tickets

STATES = {"1": "New", "2": "In Progress", "6": "Resolved"}
TIMES = ("sys_created_on", "sys_updated_on", "resolved_at")
REFERENCES = ("caller_id", "assigned_to")
LOCAL = timedelta(hours=-8)
"""What people see differs from UTC by this span, to catch clients that read times for display."""
Record = dict[str, Any]


def show_time(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def an_incident(ticket: MadeUp) -> Record:
    """A record with its stored values. References are pairs of id and name."""
    return {
        "sys_id": md5(str(ticket.number).encode(), usedforsecurity=False).hexdigest(),
        "number": f"INC{ticket.number:07}",
        "short_description": ticket.subject,
        "description": ticket.description,
        "state": "6" if ticket.resolved_at else "2" if ticket.assignee else "1",
        "priority": str(ticket.priority),
        "caller_id": _reference(ticket.requester),
        "assigned_to": _reference(ticket.assignee) if ticket.assignee else "",
        "close_notes": ticket.resolution or "",
        "sys_created_on": show_time(ticket.created_at),
        "sys_updated_on": show_time(ticket.updated_at),
        "resolved_at": show_time(ticket.resolved_at) if ticket.resolved_at else "",
        "category": ticket.category,
        "subcategory": ticket.subcategory,
    }


class ServiceNowServer(ApiServer):
    """Incidents of an instance."""

    def __init__(self, tickets: Iterable[MadeUp] = ()) -> None:
        super().__init__()
        self.records: dict[str, Record] = {}
        self.hidden: set[str] = set()
        """The `sys_id` of each record that the login may not read."""
        self.counts = True
        """Whether answers have the header X-Total-Count."""
        for ticket in tickets:
            self.put(an_incident(ticket))

    def put(self, record: Record) -> None:
        self.records[record["sys_id"]] = record

    def is_page(self, call: Call) -> bool:
        return call.path.startswith("/api/now/table/")

    def answer(self, call: Call) -> Reply:
        if call.path == "/oauth_token.do":
            return self.give_token(call)
        if not self.accepts(call):
            return Reply(401, {"error": {"message": "User Not Authenticated", "detail": ""}, "status": "failure"})
        if call.path != "/api/now/table/incident":
            return Reply(400, {"error": {"message": "Invalid table", "detail": None}, "status": "failure"})
        found = self._find(call.query.get("sysparm_query", ""))
        limit = int(call.query.get("sysparm_limit", "10000"))
        readable = [record for record in found[:limit] if record["sys_id"] not in self.hidden]
        fields = call.query["sysparm_fields"].split(",")
        show_all = call.query.get("sysparm_display_value") == "all"
        result = [
            {name: _field(name, record[name], show_all=show_all) for name in fields if name in record}
            for record in readable
        ]
        return Reply(document={"result": result}, headers={"X-Total-Count": str(len(found))} if self.counts else {})

    def _find(self, query: str) -> list[Record]:
        order = re.findall(r"ORDERBY(DESC)?([a-z_]+)", query)
        groups = [
            [condition for condition in group.split("^") if condition and not condition.startswith("ORDERBY")]
            for group in query.split("^NQ")
        ]
        found = [
            record
            for record in self.records.values()
            if any(all(_meets(record, each) for each in group) for group in groups)
        ]
        for descending, name in reversed(order):
            found.sort(key=lambda record: str(record.get(name, "")), reverse=bool(descending))
        return found


def _meets(record: Mapping[str, Any], condition: str) -> bool:
    match = re.fullmatch(r"([a-z_]+)(>=|>|=)(.*)", condition)
    if match is None or match[1] not in record:
        return True  # an instance ignores conditions that it does not understand
    stored = str(record[match[1]])
    return {"=": stored == match[3], ">": stored > match[3], ">=": stored >= match[3]}[match[2]]


def _field(name: str, value: Any, *, show_all: bool) -> Any:
    stored, shown = value if isinstance(value, tuple) else (value, value)
    if not show_all:
        return {"link": f"https://instance.example/{stored}", "value": stored} if isinstance(value, tuple) else value
    if name in TIMES and re.fullmatch(r"2[0-9: -]{18}", str(value)):
        shown = show_time(datetime.fromisoformat(f"{value}+00:00") + LOCAL)
    elif name == "state":
        shown = STATES.get(value, value)
    elif name == "priority" and value in {"1", "2", "3", "4"}:
        shown = PRIORITIES[int(value) - 1]
    return {"display_value": shown, "value": stored}


def _reference(name: str) -> tuple[str, str]:
    return md5(name.encode(), usedforsecurity=False).hexdigest(), name


if __name__ == "__main__":
    serve(ServiceNowServer(made_up_tickets()))
