"""A logged exception has its type and stack. Its message and local variables, which may hold a token, are left out."""

import json
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
PROGRAM = """
    import logging, sys, asyncpg, structlog
    from services.errors import NotFound
    from services.process.logs import configure_logging

    configure_logging()
    log = structlog.get_logger("test")

    def find(token):
        local = token.upper()
        raise KeyError(token)

    def look_up():
        try:
            find("s3cret")
        except KeyError as exc:
            raise ExceptionGroup("s3cret", [ValueError("s3cret"), NotFound("envelope", "42")]) from exc

    try:
        look_up()
    except ExceptionGroup as exc:
        HOW
"""


@pytest.mark.parametrize(
    "how",
    [
        'log.exception("lookup.failed")',
        'log.error("lookup.failed", exc_info=exc)',
        'log.error("lookup.failed", exc_info=sys.exc_info())',
        r'logging.getLogger("library").error("lookup.failed\nfuture: %r", exc, exc_info=exc)',
    ],
)
def test_an_exception_is_logged_with_its_type_and_stack_and_no_value(how: str) -> None:
    record, stderr = run(how)
    group, value, missing, cause = record["exceptions"]
    assert "s3cret" not in stderr.lower()
    assert (record["event"], record["level"]) == ("lookup.failed", "error")
    assert [each["type"] for each in (group, value, missing, cause)] == [
        "ExceptionGroup", "ValueError", "services.errors.NotFound", "KeyError",
    ]  # fmt: skip
    assert [frame.partition(" in ")[2] for frame in group["stack"]] == ["<module>", "look_up"]
    assert [frame.partition(" in ")[2] for frame in cause["stack"]] == ["look_up", "find"]
    assert (missing["message"], "message" in value) == ("envelope: no envelope 42", False)


def test_an_error_of_the_database_is_logged_with_its_sqlstate() -> None:
    record, _ = run('log.error("failed", exc_info=asyncpg.UniqueViolationError("s3cret"))')
    assert record["exceptions"] == [
        {"type": "asyncpg.exceptions.UniqueViolationError", "sqlstate": "23505", "stack": []}
    ]


def test_a_record_without_an_exception_has_none() -> None:
    record, _ = run('log.info("done", exc_info=False)')
    assert (record["event"], "exceptions" in record, "exc_info" in record) == ("done", False, False)


def run(how: str) -> tuple[dict[str, Any], str]:
    """The one record of a program, and everything that it wrote."""
    program = textwrap.dedent(PROGRAM).replace("HOW", how)
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, check=True, timeout=60
    )
    return json.loads(ended.stderr), ended.stderr
