"""A mock of Jira Cloud's REST API, version 3, for tests and the demo: Jira Cloud itself is hosted by its vendor.

It speaks the wire format of `POST /rest/api/3/search/jql` with page tokens, of `GET /rest/api/3/issue/{key}`, of
`search/approximate-count` and `myself`, and of a token endpoint. It applies JQL with `updated >= "…"` and
`project = …`. Run it with `python -m tests.control_plane.apps.autopilot.jira_server 8102`.
"""

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from tests.control_plane.apps.autopilot.api_server import ApiServer, Call, Reply, serve
from tests.control_plane.apps.autopilot.made_up_tickets import MadeUp, made_up_tickets

PRIORITIES = ("Highest", "High", "Medium", "Low")
ZONE = ZoneInfo("America/New_York")
Issue = dict[str, Any]


def show_time(moment: datetime) -> str:
    """A time as Jira writes it: with the offset of the login's time zone."""
    return (
        moment.astimezone(ZONE).strftime("%Y-%m-%dT%H:%M:%S.")
        + f"{moment.microsecond // 1000:03}"
        + moment.astimezone(ZONE).strftime("%z")
    )


def rich_text(*paragraphs: str) -> dict[str, Any]:
    """Plain paragraphs in Atlassian Document Format."""
    content = [{"type": "paragraph", "content": [{"type": "text", "text": text}]} for text in paragraphs]
    return {"type": "doc", "version": 1, "content": content}


def an_issue(ticket: MadeUp) -> Issue:
    status = ("Done", "done") if ticket.resolved_at else ("To Do", "new")
    return {
        "id": str(10_000 + ticket.number),
        "key": f"IT-{ticket.number}",
        "fields": {
            "summary": ticket.subject,
            "description": rich_text(*ticket.description.split(". ")),
            "status": {"name": status[0], "statusCategory": {"key": status[1], "name": status[0]}},
            "priority": {"name": PRIORITIES[ticket.priority - 1]},
            "reporter": {"accountId": f"a-{ticket.requester}", "displayName": ticket.requester},
            "assignee": {"accountId": "b", "displayName": ticket.assignee} if ticket.assignee else None,
            "resolution": {"name": "Done"} if ticket.resolved_at else None,
            "resolutiondate": show_time(ticket.resolved_at) if ticket.resolved_at else None,
            "created": show_time(ticket.created_at),
            "updated": show_time(ticket.updated_at),
            "project": {"key": "IT"},
            "labels": [ticket.category],
        },
    }


class JiraServer(ApiServer):
    """Issues of a site. Page tokens are known until `forget_tokens`."""

    def __init__(self, tickets: Iterable[MadeUp] = ()) -> None:
        super().__init__()
        self.issues: dict[str, Issue] = {}
        self.largest_page = 100
        """Pages never have more issues than this, whatever the client asks for."""
        self.zone = "America/New_York"
        self._page_tokens: dict[str, tuple[str, tuple[str, int]]] = {}
        """The query and the sort key of the last issue, by page token."""
        for ticket in tickets:
            self.put(an_issue(ticket))

    def put(self, issue: Issue) -> None:
        self.issues[issue["key"]] = issue

    def forget_tokens(self, _: Call | None = None) -> None:
        """Forget all page tokens; also a fault."""
        self._page_tokens.clear()

    def is_page(self, call: Call) -> bool:
        return call.path == "/rest/api/3/search/jql"

    def answer(self, call: Call) -> Reply:
        if call.path == "/oauth/token":
            return self.give_token(call)
        if not self.accepts(call):
            return Reply(401, raw=b"Client must be authenticated to access this resource.")
        return self._answer(call)

    def _answer(self, call: Call) -> Reply:
        """The answer to a request whose login is right."""
        match call.path.removeprefix("/rest/api/3/").split("/"):
            case ["myself"]:
                return Reply(document={"accountId": "me", "timeZone": self.zone})
            case ["search", "approximate-count"]:
                return Reply(document={"count": len(self._find(call.document["jql"]))})
            case ["search", "jql"]:
                return self._search(call.document)
            case ["issue", key]:
                return self._read_issue(key, call.query["fields"].split(","))
        return Reply(404, {"errorMessages": ["no such resource"]})

    def _read_issue(self, key: str, fields: list[str]) -> Reply:
        if key not in self.issues:
            message = "Issue does not exist or you do not have permission to see it."
            return Reply(404, {"errorMessages": [message], "errors": {}})
        return Reply(document=_with_fields(self.issues[key], fields))

    def _search(self, body: dict[str, Any]) -> Reply:
        jql, token = body["jql"], body.get("nextPageToken")
        if "updated >=" not in jql:
            return Reply(400, {"errorMessages": ["Unbounded JQL queries are not allowed here."]})
        if "bogus" in jql:
            return Reply(400, {"errorMessages": ["Field 'bogus' does not exist."]})
        order = "created" if "ORDER BY created" in jql else "updated"
        found = sorted(self._find(jql), key=lambda issue: _sort_key(issue, order))
        if token is not None:
            if token not in self._page_tokens or self._page_tokens[token][0] != jql:
                return Reply(400, {"errorMessages": ["The provided next page token is invalid or expired."]})
            found = [issue for issue in found if _sort_key(issue, order) > self._page_tokens[token][1]]
        page = found[: min(body["maxResults"], self.largest_page)]
        document: dict[str, Any] = {"issues": [_with_fields(issue, body["fields"]) for issue in page]}
        if len(page) < len(found):
            document["nextPageToken"] = token = f"token-{len(self._page_tokens) + 1}-{len(self.calls)}"
            self._page_tokens[token] = jql, _sort_key(page[-1], order)
        return Reply(document=document | {"isLast": len(page) == len(found)})

    def _find(self, jql: str) -> list[Issue]:
        since = re.search(r'updated >= "([0-9: -]+)"', jql)
        project = re.search(r"project = (\w+)", jql)
        moment = datetime.fromisoformat(since[1]).replace(tzinfo=ZONE) if since else datetime.min.replace(tzinfo=UTC)
        return [
            issue for issue in self.issues.values()
            if datetime.fromisoformat(issue["fields"]["updated"]) >= moment
            and (project is None or issue["fields"]["project"]["key"] == project[1])
        ]  # fmt: skip


def _sort_key(issue: Issue, name: str) -> tuple[str, int]:
    moment = datetime.fromisoformat(issue["fields"][name]).astimezone(UTC)
    return moment.isoformat(timespec="milliseconds"), int(issue["key"].partition("-")[2])


def _with_fields(issue: Issue, names: list[str]) -> Issue:
    return {**issue, "fields": {name: value for name, value in issue["fields"].items() if name in names}}


if __name__ == "__main__":
    serve(JiraServer(made_up_tickets()))
