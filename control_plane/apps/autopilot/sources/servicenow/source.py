"""Records of a ServiceNow table, in the order of their last change.

The position is the pair (`sys_updated_on`, `sys_id`) of the last record, never a count of records: counts shift when a
record changes during the run. Times in queries are in UTC, because the Table API reads a time as UTC unless it is
written as JavaScript.
"""

import re
from collections.abc import AsyncIterator, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from control_plane.apps.autopilot.sources import Cursor, Found, Page, SourceCode, SourceError
from control_plane.apps.autopilot.sources.api import Answer, Api, Refused
from control_plane.apps.autopilot.sources.pages import AnswerTooLarge, fetch_page, reached_time
from control_plane.apps.autopilot.sources.servicenow import FIELDS, ServiceNowSettings
from control_plane.apps.autopilot.sources.servicenow.records import parse_time, read_record, stored_value
from control_plane.apps.autopilot.values import Ticket, TicketProblem
from services.clock import utc_now
from services.untrusted import one_line

KEYS = ("sys_updated_on", "sys_id")
IDS_AT_ONCE = 1000
"""Ids in one answer of `list_ids`, 100 bytes each."""
_MAX_DIGITS = 19
"""A longer count is none."""
_SYS_ID = re.compile(r"[0-9A-Za-z_-]{1,64}")


@dataclass(frozen=True, slots=True)
class Position:
    """Where reading continues: after the record with this `sys_id`. If `sys_id` is None, at this time, inclusive; if
    both are None, at the beginning."""

    updated_on: str | None = None
    sys_id: str | None = None

    def query(self, base: str) -> str:
        """The encoded query for the records after this position. `^NQ` joins two whole queries by "or"."""
        order = tuple(f"ORDERBY{key}" for key in KEYS)
        if self.updated_on is None:
            return _join(base, *order)
        if self.sys_id is None:
            return _join(base, f"sys_updated_on>={self.updated_on}", *order)
        same_second = _join(base, f"sys_updated_on={self.updated_on}", f"sys_id>{self.sys_id}")
        return _join(base, f"sys_updated_on>{self.updated_on}", f"NQ{same_second}", *order)

    def after(self, record: Mapping[str, Any]) -> "Position":
        """The position after this record. Raises SourceError if the record is not later."""
        updated_on, sys_id = _keys(record)
        reached = (self.updated_on or "", (self.sys_id or "").lower())
        if (updated_on, sys_id.lower()) <= reached:
            raise _out_of_order()
        return Position(updated_on, sys_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answered:
    """The records of an answer."""

    records: list[Mapping[str, Any]]
    hidden: int
    """How many records are missing in the answer, because the login may not read them."""
    is_last: bool


class ServiceNowSource:
    """Implements `TicketSource` for one table."""

    def __init__(self, settings: ServiceNowSettings, api: Api) -> None:
        self._settings, self._api = settings, api
        self._fields = {**FIELDS, **settings.columns}
        self._id_field = self._fields["external_id"]

    async def check(self) -> None:
        """See `TicketSource`."""
        answer = await self._get(_join(self._settings.query, "ORDERBYDESCsys_updated_on"), 1, (*KEYS, self._id_field))
        for record in _records(answer):
            _keys(record)
            if stored_value(record.get(self._id_field)) is None:
                raise SourceError(SourceCode.PERMISSION_DENIED, f"the login may not read the field {self._id_field}")

    async def estimate(self, since: datetime | None = None) -> int | None:
        """See `TicketSource`."""
        changed = () if since is None else (f"sys_updated_on>={_show_time(since)}",)
        return _total(await self._get(_join(self._settings.query, *changed), 1, ("sys_id",)))

    async def pages(self, cursor: Cursor | None = None) -> AsyncIterator[Page]:
        """See `TicketSource`."""
        position = self._start(cursor)
        is_last = False
        while not is_last:
            answered, keys_only = await self._read_query(position.query(self._settings.query))
            is_last = answered.is_last
            tickets: list[Ticket] = []
            problems: list[TicketProblem] = []
            if answered.hidden:
                detail = f"{answered.hidden} records are hidden from the login by access rules of ServiceNow"
                problems.append(TicketProblem(external_id=None, code="records_hidden", detail=detail))
            for record in answered.records:
                position = position.after(record)
                if keys_only:
                    problems.append(_too_large(stored_value(record.get(self._id_field)), position.sys_id))
                    continue
                ticket, found = read_record(record, self._fields)
                problems += found
                if ticket is not None:
                    tickets.append(ticket)
            updated_on = position.updated_on
            if is_last and updated_on is not None:
                updated_on = _show_time(reached_time(parse_time(updated_on), utc_now()))
            reached = {"updated_on": updated_on, "sys_id": position.sys_id, "is_last": is_last}
            yield Page(tickets=tuple(tickets), problems=tuple(problems), cursor=reached)

    async def find(self, external_ids: Collection[str]) -> Found:
        """See `TicketSource`."""
        tickets: list[Ticket] = []
        problems: list[TicketProblem] = []
        for external_id in sorted(external_ids):
            if "^" in external_id:  # it would end the condition
                continue
            query = _join(self._settings.query, f"{self._id_field}={external_id}", "ORDERBYsys_id")
            answered, keys_only = await self._read_query(query)
            for record in answered.records:
                if keys_only:
                    problems.append(_too_large(external_id, _keys(record)[1]))
                    continue
                ticket, found = read_record(record, self._fields)
                problems += found
                if ticket is not None:
                    tickets.append(ticket)
        return Found(tickets=tuple(tickets), problems=tuple(problems))

    async def list_ids(self) -> AsyncIterator[tuple[str, ...]]:
        """See `TicketSource`."""
        last, is_last = "", False
        while not is_last:
            after = (f"sys_id>{last}",) if last else ()
            query = _join(self._settings.query, *after, "ORDERBYsys_id")
            answered = _read(await self._get(query, IDS_AT_ONCE, (*KEYS, self._id_field)), IDS_AT_ONCE)
            is_last = answered.is_last
            for record in answered.records:
                _, sys_id = _keys(record)
                if sys_id.lower() <= last.lower():
                    raise _out_of_order()
                last = sys_id
            yield tuple(
                each for each in (stored_value(record.get(self._id_field)) for record in answered.records) if each
            )

    def _start(self, cursor: Cursor | None) -> Position:
        if cursor is None:
            return Position()
        position = Position(cursor["updated_on"], cursor["sys_id"])
        if not cursor["is_last"] or position.updated_on is None:
            return position
        return Position(_show_time(parse_time(position.updated_on) - self._settings.overlap))

    async def _read_query(self, query: str) -> tuple[_Answered, bool]:
        """The first records that a query finds, and whether they have only their keys."""
        everything = tuple(dict.fromkeys((*KEYS, *self._fields.values(), *self._settings.fields)))

        async def fetch(size: int, keys_only: bool) -> Answer:
            return await self._get(query, size, (*KEYS, self._id_field) if keys_only else everything)

        answer, size, keys_only = await fetch_page(fetch, self._settings.page_size)
        return _read(answer, size), keys_only

    async def _get(self, query: str, limit: int, fields: tuple[str, ...]) -> Answer:
        """An answer of the Table API. Raises SourceError."""
        parameters: dict[str, str | int] = {
            "sysparm_query": query, "sysparm_limit": limit, "sysparm_fields": ",".join(fields),
            "sysparm_display_value": "all", "sysparm_exclude_reference_link": "true",
        }  # fmt: skip
        try:
            answer = await self._api.get(f"/api/now/table/{self._settings.table}", parameters)
        except Refused as exc:
            if exc.status == 404 and exc.problem.lower().startswith("no record found"):  # how old releases say "none"
                return Answer({"result": []}, {})
            raise SourceError(
                SourceCode.SETTINGS_INVALID, one_line(f"ServiceNow refuses table or query: {exc.problem}")
            ) from None
        _check_error(answer, self._api)
        return answer


def _check_error(answer: Answer, api: Api) -> None:
    """Raise SourceError if an answer with status 200 contains an error, because then records may be missing in it."""
    error = answer.document.get("error")
    if not error:
        return
    parts = [error.get("message"), error.get("detail")] if isinstance(error, Mapping) else [error]
    text = api.without_secrets(": ".join(str(part) for part in parts if part))
    if "maximum execution time" in text.lower():
        raise AnswerTooLarge(SourceCode.SOURCE_UNAVAILABLE, f"ServiceNow could not answer in time: {text}")
    for words, code in (
        ("not authenticated", SourceCode.AUTHENTICATION_FAILED), ("insufficient rights", SourceCode.PERMISSION_DENIED),
        ("not authorized", SourceCode.PERMISSION_DENIED),
    ):  # fmt: skip
        if words in text.lower():
            raise SourceError(code, f"ServiceNow answers: {text}")
    raise SourceError(SourceCode.SOURCE_UNREADABLE, f"ServiceNow answers: {text}")


def _read(answer: Answer, limit: int) -> _Answered:
    """The records of an answer to a query with this limit. Raises SourceError.

    ServiceNow applies the limit first and removes what the login may not read after that. So only the total, which
    includes hidden records, tells whether there are more.
    """
    records, total = _records(answer), _total(answer)
    if total is None:
        return _Answered(records=records, hidden=0, is_last=not records)
    if not records and total > limit:
        raise SourceError(
            SourceCode.PERMISSION_DENIED, f"{limit} records in a row are hidden from the login by access rules"
        )
    return _Answered(records=records, hidden=max(0, min(total, limit) - len(records)), is_last=total <= limit)


def _records(answer: Answer) -> list[Mapping[str, Any]]:
    records = answer.document.get("result")
    if not isinstance(records, list) or not all(isinstance(record, Mapping) for record in records):
        raise SourceError(SourceCode.SOURCE_UNREADABLE, "the answer of ServiceNow has no list of records")
    return records


def _total(answer: Answer) -> int | None:
    text = answer.headers.get("x-total-count", "").strip()
    return int(text) if text.isdecimal() and len(text) < _MAX_DIGITS else None


def _keys(record: Mapping[str, Any]) -> tuple[str, str]:
    """`sys_updated_on` and `sys_id`. They become part of the next query, so they are checked."""
    updated_on, sys_id = stored_value(record.get("sys_updated_on")), stored_value(record.get("sys_id"))
    if updated_on is None or sys_id is None:
        raise SourceError(SourceCode.PERMISSION_DENIED, "the login may not read the fields sys_id and sys_updated_on")
    try:
        parse_time(updated_on)
    except ValueError:
        raise SourceError(SourceCode.SOURCE_UNREADABLE, "a record has a sys_updated_on that is no time") from None
    if not _SYS_ID.fullmatch(sys_id):
        raise SourceError(SourceCode.SOURCE_UNREADABLE, "a record has a sys_id that is no id")
    return updated_on, sys_id


def _too_large(external_id: str | None, sys_id: str | None) -> TicketProblem:
    detail = f"record {sys_id}: is longer than what is read at once"
    return TicketProblem(external_id=external_id, code="record_too_large", detail=detail)


def _show_time(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def _join(*conditions: str) -> str:
    return "^".join(condition for condition in conditions if condition)


def _out_of_order() -> SourceError:
    return SourceError(SourceCode.SOURCE_UNREADABLE, "ServiceNow does not send records in the order that was asked for")
