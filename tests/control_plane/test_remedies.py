"""The command line adds a remedy to errors."""

import re
from pathlib import Path
from uuid import UUID

import pytest

from control_plane.remedies import with_remedy
from services.backends.database.transport.sqlstates import error_for_sqlstate
from services.errors import ControlPlaneError, NotFound, NothingListed, NotMigrated, StateConflict

ROOT = Path(__file__).parents[2]
TENANT = UUID(int=7)


@pytest.mark.parametrize(
    ("problem", "line"),
    [
        (NotFound("tenant", TENANT), f"tenant: no tenant {TENANT}; see: python -m control_plane tenants list"),
        (
            NotFound("dead letter", 7, "tenant 1 has no dead letter 7", field="envelope"),
            "envelope: tenant 1 has no dead letter 7; see: python -m worker.outbox drain --dry-run",
        ),
        (NotFound("job", "nap", "no 'nap'"), "job: no 'nap'"),
        (NotMigrated("database: not migrated"), "database: not migrated: run: python -m control_plane db migrate"),
        (
            NothingListed("source: files lists no tools any more; nothing was changed"),
            (
                "source: files lists no tools any more; nothing was changed;"
                " to remove its tools, run catalog sync with --empty"
            ),
        ),
        (StateConflict("envelope", "7 is success already"), "envelope: 7 is success already"),
    ],
)
def test_the_command_line_adds_a_command_that_helps(problem: ControlPlaneError, line: str) -> None:
    assert with_remedy(problem) == line


@pytest.mark.parametrize(
    ("message", "facts"),
    [
        (f"tenant_id: no tenant {TENANT}", ("tenant", str(TENANT), "tenant_id")),
        (f"envelope: no {TENANT} in this tenant's outbox", ("envelope", str(TENANT), "envelope")),
        ('tool_slug: "FILES__read" of this tenant has no pending decision', ("tool", "FILES__read", "tool_slug")),
        ("tenant_id: no tenant given", ("tenant", None, "tenant_id")),
    ],
)
def test_a_not_found_error_of_a_function_has_what_id_and_field(
    message: str, facts: tuple[str, str | None, str]
) -> None:
    found = error_for_sqlstate("PT404", message)
    assert isinstance(found, NotFound)
    assert (found.what, found.id, found.field) == facts
    assert str(found) == message


def test_a_conflict_names_the_thing_and_its_state() -> None:
    found = error_for_sqlstate("PT409", "envelope: 7 is success already")
    assert isinstance(found, StateConflict)
    assert (found.what, found.state) == ("envelope", "7 is success already")


def test_no_message_below_the_entry_points_contains_a_command() -> None:
    files = [*(ROOT / "services").rglob("*.py"), *(ROOT / "db" / "functions").rglob("*.sql")]
    assert len(files) > 200
    told = re.compile(r"(?:see|run|with|then): python -m|\(is one running")
    assert [str(file.relative_to(ROOT)) for file in files if told.search(file.read_text(encoding="utf-8"))] == []
