import hashlib
import json
from typing import Any

import orjson
import pytest

from services.envelope import MAX_PAYLOAD_BYTES
from services.untrusted import excerpt, one_line, storable, storable_body, texts_in, valid_traceparent


@pytest.mark.parametrize(
    ("body", "stored"),
    [
        (b"", None),
        (b'{"id": 7}', {"id": 7}),
        (b"7", 7),
        (b"plain words", "plain words"),
        (b'{"a\\u0000": ["b\\u0000"]}', {"a\ufffd": ["b\ufffd"]}),
        (b"raw \x00 byte", "raw \ufffd byte"),
        (b"caf\xe9", "caf\ufffd"),
        (b'"\\ud800"', "\ufffd"),
        ('"\U0001f600"'.encode(), "\U0001f600"),
        (b'{"n": NaN}', '{"n": NaN}'),
        (b'{"n": 1e400}', {"n": "inf"}),
        (b'{"n": 123456789012345678901234567890}', '{"n":123456789012345678901234567890}'),
        (b'{"n": -9223372036854775809}', '{"n":-9223372036854775809}'),
        (b"[" * 100_000, {"truncated": True, "bytes": 100_002, "whole": True}),
        (b"9" * 5000, "9" * 5000),
    ],
)
def test_any_body_becomes_a_value_that_jsonb_stores(body: bytes, stored: Any) -> None:
    found = storable_body(body)
    if isinstance(found, dict) and "sha256" in found:
        found = {key: value for key, value in found.items() if key != "sha256"}
    assert found == stored
    assert b"\\u0000" not in orjson.dumps(found)


def test_deep_nesting_becomes_text_or_a_marker_never_an_error() -> None:
    for depth in (200, 300, 990, 5_000):
        found = storable_body(b"[" * depth + b"]" * depth)
        assert orjson.dumps(found)


def test_an_answer_of_exactly_the_limit_is_kept_and_one_byte_more_becomes_a_marker() -> None:
    fits = "x" * (MAX_PAYLOAD_BYTES - 2)
    assert storable(fits) == fits

    compact = json.dumps(fits + "x").encode()
    assert storable(fits + "x") == {
        "truncated": True,
        "bytes": MAX_PAYLOAD_BYTES + 1,
        "sha256": hashlib.sha256(compact).hexdigest(),
        "whole": True,
    }


def test_a_very_long_body_is_not_parsed() -> None:
    body = b"[" + b" " * 300_000 + b"]"
    assert storable_body(body) == {
        "truncated": True,
        "bytes": len(body),
        "sha256": hashlib.sha256(body).hexdigest(),
        "whole": True,
    }


def test_an_answer_that_cleaning_makes_longer_stays_under_the_limit() -> None:
    assert storable("\ud800" * (MAX_PAYLOAD_BYTES - 2))["truncated"] is True


def test_a_body_that_was_not_read_to_its_end_becomes_a_marker() -> None:
    assert storable_body(b'{"a": 1}', whole=False) == {
        "truncated": True,
        "bytes": 8,
        "sha256": hashlib.sha256(b'{"a": 1}').hexdigest(),
        "whole": False,
    }


def test_an_error_is_one_printable_line_of_bounded_length() -> None:
    assert one_line("a\r\n\tb\x00\x1b[31m c\u202e") == "a b [31m c"
    assert len(one_line("word " * 1000)) == 500


def test_an_excerpt_never_repeats_what_we_sent() -> None:
    letter = "Dear Bob, your new password is hunter2 and it is valid for ten days.\nYours"
    arguments = {"to": "bob@example.com", "body": letter, "ids": [4711, True], "nested": {"pin": "a\"b'c"}}
    for echo in (
        "bad address bob@example.com",
        f"cannot send {letter}",
        f"cannot send {letter[:25]}...",
        json.dumps({"invalid": arguments}),
        "no 4711 here",
    ):
        shown = excerpt(echo, texts_in(arguments))
        assert not [
            secret for secret in ("bob@example.com", "hunter2", "Dear Bob", "4711", "b'c") if secret in shown
        ], shown

    assert excerpt("channel_not_found", texts_in(arguments)) == "channel_not_found"
    assert len(excerpt("so " * 1000, ())) == 200


def test_only_a_valid_traceparent_is_passed_on() -> None:
    real = "00-" + "a" * 32 + "-" + "b" * 16 + "-01"
    assert valid_traceparent(real) == real
    assert [valid_traceparent(x) for x in (None, "", real + "\r\nx: y", real + "\n", "00-zz")] == [None] * 5
