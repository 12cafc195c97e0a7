"""Issues of Jira Cloud, in the order of their last change.

Jira names the next page by a token. JQL knows times only to the minute and in the time zone of the login. So the
position has the token, the minute in which the search began, and the latest change that was read: if Jira no longer
knows the token, a new search begins in the minute of that change.
"""

import re
from collections import OrderedDict
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from control_plane.apps.autopilot.sources import Cursor, Found, Page, SourceCode, SourceError
from control_plane.apps.autopilot.sources.api import Answer, Api, Refused
from control_plane.apps.autopilot.sources.jira import JiraSettings
from control_plane.apps.autopilot.sources.jira.issues import FIELDS, parse_time, read_issue
from control_plane.apps.autopilot.sources.pages import BEGINNING, fetch_page, reached_time
from control_plane.apps.autopilot.values import Ticket, TicketProblem
from services.clock import utc_now
from services.untrusted import one_line

IDS_AT_ONCE = 1000
"""Keys in one answer of `list_ids`. Jira may send fewer."""
MAX_IDLE_PAGES = 20
"""After this many pages in a row without a new issue, a search counts as endless."""
_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_]*-[0-9]+")
REMEMBERED = 10_000
"""How many of the last issues are remembered, to recognise a page that comes again: a hundred full pages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Where a search is. Times are ISO texts in UTC."""

    since: str = BEGINNING.isoformat()
    """The search finds issues that were changed in this minute or later. Jira refuses a query without any condition, so
    a query for all issues has one too."""
    token: str | None = None
    """The token of the next page; None for the first page."""
    seen: str | None = None
    """The time of the latest change among the issues that were read, see `reached_time`."""
    is_last: bool = False


class JiraSource:
    """Implements `TicketSource` for the issues of a site."""

    def __init__(self, settings: JiraSettings, api: Api) -> None:
        self._settings, self._api = settings, api
        self._zone: ZoneInfo | None = None

    async def check(self) -> None:
        """See `TicketSource`."""
        await self._search(await self._jql(BEGINNING), 1, None, ("updated",))

    async def estimate(self, since: datetime | None = None) -> int | None:
        """See `TicketSource`."""
        jql = await self._jql(since or BEGINNING, order="")
        answer = await self._post("/rest/api/3/search/approximate-count", {"jql": jql})
        count = answer.document.get("count")
        return count if type(count) is int else None

    async def pages(self, cursor: Cursor | None = None) -> AsyncIterator[Page]:
        """See `TicketSource`."""
        position = self._start(cursor)
        guard = _LoopGuard()
        while not position.is_last:
            try:
                issues, token, keys_only = await self._read_page(position)
            except Refused as exc:
                position = _restart(position, exc)
                continue
            new = guard.new_issues(issues, token)
            found = _read_issues(new, keys_only=keys_only)
            position = replace(position, token=token, seen=_latest(position.seen, new), is_last=token is None)
            yield Page(tickets=found.tickets, problems=found.problems, cursor=asdict(position))

    async def find(self, external_ids: Collection[str]) -> Found:
        """See `TicketSource`."""
        tickets: list[Ticket] = []
        problems: list[TicketProblem] = []
        for key in sorted(filter(_KEY.fullmatch, external_ids)):
            try:
                (issue, _, keys_only) = await fetch_page(partial(self._read_issue, key), 1)
            except Refused as exc:
                if exc.status == 404:
                    continue
                raise _refused(exc) from None
            found = _read_issues([issue], keys_only=keys_only)
            tickets += found.tickets
            problems += found.problems
        return Found(tickets=tuple(tickets), problems=tuple(problems))

    async def list_ids(self) -> AsyncIterator[tuple[str, ...]]:
        """See `TicketSource`."""
        jql = await self._jql(BEGINNING, order=" ORDER BY created ASC, key ASC")
        guard, token, is_first = _LoopGuard(), None, True
        while is_first or token is not None:
            is_first = False
            try:
                issues, token = await self._search(jql, IDS_AT_ONCE, token, ("updated",))
            except Refused as exc:
                raise _refused(exc) from None
            new = guard.new_issues(issues, token)
            yield tuple(key for key in (issue.get("key") for issue in new) if isinstance(key, str) and key)

    def _start(self, cursor: Cursor | None) -> Position:
        if cursor is None:
            return Position()
        position = Position(**cursor)
        if not position.is_last:
            return position
        if position.seen is None:
            return Position(since=position.since)
        return Position(since=(datetime.fromisoformat(position.seen) - self._settings.overlap).isoformat())

    async def _read_page(self, position: Position) -> tuple[list[Mapping[str, Any]], str | None, bool]:
        """The issues of the page, the token of the next one, and whether the issues have only their keys.

        Raises Refused if Jira does not know the token.
        """
        jql = await self._jql(datetime.fromisoformat(position.since))

        async def fetch(size: int, keys_only: bool) -> tuple[list[Mapping[str, Any]], str | None]:
            return await self._search(jql, size, position.token, self._wanted_fields(keys_only))

        (issues, token), _, keys_only = await fetch_page(fetch, self._settings.page_size)
        return issues, token, keys_only

    async def _read_issue(self, key: str, _: int, keys_only: bool) -> Mapping[str, Any]:
        """One issue. Raises Refused with status 404 if there is none."""
        fields = ",".join(self._wanted_fields(keys_only))
        return (await self._api.get(f"/rest/api/3/issue/{key}", {"fields": fields})).document

    def _wanted_fields(self, keys_only: bool) -> tuple[str, ...]:
        return ("updated",) if keys_only else tuple(dict.fromkeys((*FIELDS, *self._settings.fields)))

    async def _search(
        self, jql: str, size: int, token: str | None, fields: tuple[str, ...]
    ) -> tuple[list[Mapping[str, Any]], str | None]:
        """The issues of a page, and the token of the next page. Raises Refused if the page has a token."""
        body: dict[str, Any] = {"jql": jql, "maxResults": size, "fields": list(fields)}
        if token is not None:
            body["nextPageToken"] = token
            answer = await self._api.post("/rest/api/3/search/jql", body)
        else:
            answer = await self._post("/rest/api/3/search/jql", body)
        issues, following = answer.document.get("issues", []), answer.document.get("nextPageToken")
        if not isinstance(issues, list) or not all(isinstance(issue, Mapping) for issue in issues):
            raise SourceError(SourceCode.SOURCE_UNREADABLE, "the answer of Jira has no list of issues")
        if following is not None and not isinstance(following, str):
            raise SourceError(SourceCode.SOURCE_UNREADABLE, "the answer of Jira has a token that is no text")
        is_last = answer.document.get("isLast") is True or not following
        return issues, None if is_last else following

    async def _post(self, path: str, body: Mapping[str, Any]) -> Answer:
        try:
            return await self._api.post(path, body)
        except Refused as exc:
            raise _refused(exc) from None

    async def _jql(self, since: datetime, *, order: str = " ORDER BY updated ASC, key ASC") -> str:
        """The query for issues that were changed in this minute or later."""
        if self._zone is None:
            self._zone = await self._read_zone()
        own = f"({self._settings.jql}) AND " if self._settings.jql else ""
        return f'{own}updated >= "{local_minute(since, self._zone)}"{order}'

    async def _read_zone(self) -> ZoneInfo:
        """The time zone of the login, in which Jira reads the times of queries."""
        try:
            answer = await self._api.get("/rest/api/3/myself")
        except Refused as exc:
            raise _refused(exc) from None
        name = answer.document.get("timeZone")
        try:
            return ZoneInfo(name if isinstance(name, str) else "")
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise SourceError(
                SourceCode.SOURCE_UNREADABLE,
                self._api.without_secrets(f"the login has a time zone that is not known: {name}"),
            ) from None


class _LoopGuard:
    """Finds searches that never end: a token that was used before, or many pages without a new issue."""

    def __init__(self) -> None:
        self._tokens: set[int] = set()
        """Hashes of the tokens of this run."""
        self._recent: OrderedDict[tuple[str, str], None] = OrderedDict()
        self._idle_pages = 0

    def new_issues(self, issues: list[Mapping[str, Any]], token: str | None) -> list[Mapping[str, Any]]:
        """The issues of a page that were not read just before. Raises SourceError for a search that never ends."""
        new = [issue for issue in issues if self._remember(issue)]
        self._idle_pages = 0 if new else self._idle_pages + 1
        if token is None:
            return new
        if hash(token) in self._tokens:
            raise SourceError(
                SourceCode.SOURCE_UNREADABLE, "Jira repeats the token of a page, so the search never ends"
            )
        self._tokens.add(hash(token))
        if self._idle_pages >= MAX_IDLE_PAGES:
            raise SourceError(
                SourceCode.SOURCE_UNREADABLE, f"Jira sent {MAX_IDLE_PAGES} pages in a row without a new issue"
            )
        return new

    def _remember(self, issue: Mapping[str, Any]) -> bool:
        """Whether this version of the issue was not read just before. Remembers it."""
        key = (str(issue.get("key")), str(_updated(issue)))
        if key in self._recent:
            return False
        self._recent[key] = None
        if len(self._recent) > REMEMBERED:
            self._recent.popitem(last=False)
        return True


def local_minute(moment: datetime, zone: ZoneInfo) -> str:
    """The minute as JQL writes it, in this time zone.

    When clocks are set back, an hour comes twice and JQL cannot say which of the two is meant. Then the result is a
    minute before that hour, so that no issue is skipped. Pure.
    """
    local = moment.astimezone(zone)
    wall = local.replace(tzinfo=None)
    for _ in range(4):  # clocks were never set back by more than some hours
        first, second = (wall.replace(tzinfo=zone, fold=fold).utcoffset() for fold in (0, 1))
        if first == second:
            break
        wall -= timedelta(hours=1)
    return wall.strftime("%Y-%m-%d %H:%M")


def _restart(position: Position, refused: Refused) -> Position:
    """A new search after Jira refused a token, from the latest change that was read. Raises SourceError."""
    if position.token is None or position.seen is None:
        raise _refused(refused) from None
    since = datetime.fromisoformat(position.seen).replace(second=0, microsecond=0)
    if since <= datetime.fromisoformat(position.since):  # the same search would come to the same token
        raise _refused(refused) from None
    return Position(since=since.isoformat(), seen=position.seen)


def _read_issues(issues: list[Mapping[str, Any]], *, keys_only: bool) -> Found:
    """The tickets of these issues, and their problems."""
    tickets: list[Ticket] = []
    problems: list[TicketProblem] = []
    for issue in issues:
        if keys_only:
            detail = "the issue is longer than what is read at once"
            key = str(issue.get("key"))
            problems.append(TicketProblem(external_id=key, code="record_too_large", detail=detail))
            continue
        ticket, found = read_issue(issue)
        problems += found
        if ticket is not None:
            tickets.append(ticket)
    return Found(tickets=tuple(tickets), problems=tuple(problems))


def _latest(seen: str | None, issues: list[Mapping[str, Any]]) -> str | None:
    moments = [reached_time(moment, utc_now()) for moment in map(_updated, issues) if moment is not None]
    if seen is not None:
        moments.append(datetime.fromisoformat(seen))
    return max(moments).isoformat() if moments else None


def _updated(issue: Mapping[str, Any]) -> datetime | None:
    fields = issue.get("fields")
    with suppress(ValueError):
        return parse_time(fields.get("updated")) if isinstance(fields, Mapping) else None
    return None


def _refused(exc: Refused) -> SourceError:
    return SourceError(SourceCode.SETTINGS_INVALID, one_line(f"Jira refuses the query: {exc.problem}"))
