"""The database accepts exactly the guardrails that the worker reads, however they are written."""

import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.database.connect import connect
from services.errors import InvalidInput
from services.guardrails.validate import parse_settings
from tests.examples import few_or_many

OTHER: st.SearchStrategy[Any] = st.sampled_from(
    [None, True, 0, 5, -1, 1.5, 1e308, "", "x", "24:01", [], [[]], {}, [None]]
)
HOURS = st.one_of(
    st.integers(-1, 26),
    st.sampled_from(
        ["00:00", "6:30", "22:00", "24:00", "24:01", "9:60", "22:00\n", "٢٢:٠٠", "", "noon", None, True, 6.0]
    ),
)
WINDOW = st.fixed_dictionaries(
    {"start": HOURS, "end": HOURS},
    optional={
        "days": st.one_of(st.lists(st.sampled_from(["mon", "TUE", "sun", "Sat", "moon", 1, None]), max_size=4), OTHER),
        "day": OTHER,
    },
)
ZONES = st.sampled_from(["Europe/Berlin", "UTC", "Asia/Kolkata", "Mars/Base", "", 5, None, ["UTC"]])
DAYS: st.SearchStrategy[Any] = st.sampled_from(
    ["2026-12-25", "2026-02-30", "2024-02-29", "2026-1-1", "26-01-01", "0000-01-01", "", 5, None, []]
)
QUIET_HOURS = st.one_of(
    st.fixed_dictionaries(
        {}, optional={"start": HOURS, "end": HOURS, "time_zone": ZONES, "timezone": ZONES, "x": OTHER}
    ),
    st.fixed_dictionaries(
        {},
        optional={
            "time_zone": ZONES,
            "windows": st.one_of(st.lists(st.one_of(WINDOW, WINDOW, OTHER), max_size=4), OTHER),
            "holidays": st.one_of(st.lists(DAYS, max_size=3), OTHER),
        },
    ),
    OTHER,
)
SCOPES = st.one_of(
    st.fixed_dictionaries(
        {},
        optional={
            "allowed": st.one_of(
                st.lists(
                    st.sampled_from(["GMAIL", "SLACK.CHAT:WRITE", "*", "A B", "", "A\n", 5, None, []]), max_size=4
                ),
                OTHER,
            ),
            "denied": OTHER,
        },
    ),
    OTHER,
)
COUNTS = st.one_of(st.sampled_from([1, 20, 2**31 - 1, 2**31, 0, -1, 1.0, 1.5, 1e300, "20", None, True]), OTHER)
RATE_LIMITS = st.one_of(
    st.dictionaries(
        st.sampled_from(["slack.minute", "x.DAILY", "hour", "slack", "a b", "", "minute.x", "second"]),
        st.one_of(
            COUNTS, st.fixed_dictionaries({}, optional={"limit": COUNTS, "per_seconds": COUNTS, "burst": COUNTS})
        ),
        max_size=3,
    ),
    OTHER,
)


@pytest.fixture(scope="module")
def connection(module_database_url: str) -> Iterator[psycopg.Connection]:
    with connect(module_database_url) as opened:
        yield opened


@pytest.mark.parametrize(
    "document",
    [
        {"start": 0, "end": 24},
        {"start": 1, "end": 0},
        {"windows": [{"start": 0, "end": 12}, {"start": 12, "end": 0}]},
        {"windows": [{"days": ["mon", "tue", "wed", "thu", "fri", "sat"], "start": 0, "end": 24}]},
        {"windows": [{"days": ["sun"], "start": 12, "end": 12}]},
        {"windows": [{"start": 0, "end": 1}] * 101},
        {"holidays": ["2026-12-25"] * 1001},
        {"holidays": ["2026-02-30"]},
        {"windows": []},
    ],
)
def test_sql_and_python_agree_on_quiet_hours_at_the_limits(connection: psycopg.Connection, document: Any) -> None:
    _agree(connection, "quiet_hours", document)


@few_or_many(50, 400)
@pytest.mark.parametrize(
    ("field", "documents"),
    [
        pytest.param(field, documents, id=field)
        for field, documents in [("quiet_hours", QUIET_HOURS), ("scopes", SCOPES), ("rate_limits", RATE_LIMITS)]
    ],
)
def test_sql_and_python_accept_the_same_guardrails(
    connection: psycopg.Connection, field: str, documents: st.SearchStrategy[Any], examples: int
) -> None:
    @settings(max_examples=examples, derandomize=True)
    @given(documents)
    def agree_on(document: Any) -> None:
        _agree(connection, field, document)

    agree_on()


def _agree(connection: psycopg.Connection, field: str, document: Any) -> None:
    """Check that both accept the value, or that both refuse it and name the field."""
    refusals = [_read(field, document), _landed(connection, field, document)]
    assert refusals == [None, None] or all(refusal and refusal.startswith(field) for refusal in refusals), document


def _read(field: str, document: Any) -> str | None:
    try:
        parse_settings(UUID(int=0), {field: document})
    except InvalidInput as refused:
        return str(refused)
    return None


def _landed(connection: psycopg.Connection, field: str, document: Any) -> str | None:
    try:
        connection.execute(f"select app_private.check_{field}(%s)".encode(), [json.dumps(document)])
    except psycopg.Error as refused:
        return f"{'' if refused.sqlstate == 'PT400' else refused.sqlstate}{refused.diag.message_primary}"
    return None
