"""Any output of an MCP server is read within milliseconds, since all tenants share the event loop."""

import json
from typing import Any

import pytest

from services.tools.mcp import wire as mcp_wire
from services.tools.mcp.wire import MAX_MESSAGES, parse_messages, session_message

METHODS: tuple[Any, ...] = (None, 7, [], {}, ["notifications/progress"])
VERSIONS: tuple[Any, ...] = (None, 2, "1.0", [])
NOT_OF_THE_PROTOCOL: tuple[Any, ...] = (
    None, 1, "x", [], {}, {"jsonrpc": "2.0"}, {"jsonrpc": "2.0", "id": 1}, {"method": "x"},
    *({"jsonrpc": "2.0", "method": method} for method in METHODS),
    *({"jsonrpc": version, "method": "x"} for version in VERSIONS),
)  # fmt: skip


@pytest.mark.parametrize("message", NOT_OF_THE_PROTOCOL, ids=json.dumps)
def test_messages_outside_the_protocol_are_dropped_without_validation(
    message: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mcp_wire, "jsonrpc_message_adapter", None)  # it takes 20 µs to reject a message
    assert session_message(message) is None


@pytest.mark.parametrize("one", [b"1", b"{}", b'{"jsonrpc":"2.0","method":"x","params":7}'], ids=bytes.decode)
def test_too_many_messages_in_one_line_are_dropped(one: bytes) -> None:
    assert len(parse_messages(b"[%s]" % b",".join([one] * MAX_MESSAGES)) or []) == MAX_MESSAGES
    assert parse_messages(b"[%s]" % b",".join([one] * (MAX_MESSAGES + 1))) is None


def test_a_message_of_very_many_values_is_read_by_the_faster_parser(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mcp_wire, "json", None)
    keys = ",".join(f'"{number:x}":0' for number in range(100_000))
    [message] = parse_messages(f'{{"jsonrpc":"2.0","id":1,"result":{{{keys}}}}}'.encode()) or []
    assert len(message["result"]) == 100_000


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (b"[123456789012345678901]", 123456789012345678901),
        (b'["\\ud800"]', "\ud800"),
        (b'["\xff"]', "\ufffd"),
        (b"[1e999]", float("inf")),
    ],
)
def test_values_that_the_faster_parser_changes_or_refuses_are_read_as_before(raw: bytes, value: object) -> None:
    assert parse_messages(raw) == [value]


def test_a_message_is_at_most_4_mib() -> None:
    assert mcp_wire.MAX_MESSAGE_BYTES == 4 * 1024 * 1024
