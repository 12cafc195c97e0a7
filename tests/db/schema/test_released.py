"""Released migrations do not change: `db/released.sha256` is compared with the files."""

from pathlib import Path

import pytest

from services.database.schema.released import RELEASED_DIGESTS_FILE, problems, record
from services.database.sql_files import DB_DIR, EARLIER_DIGESTS_FILE, read_digests
from services.errors import StateConflict


@pytest.fixture
def released(tmp_path: Path) -> Path:
    """A `db/` folder with two released migrations."""
    folder = tmp_path / "migrations"
    folder.mkdir()
    (folder / "001_one.sql").write_text("select 1;\n")
    (folder / "003_three.sql").write_text("select 3;\n")
    assert record(tmp_path) == ["migrations/001_one.sql", "migrations/003_three.sql"]
    return tmp_path


def test_no_released_migration_has_changed() -> None:
    assert problems() == []


def test_the_first_release_has_the_migrations_001_to_011() -> None:
    names = [name for name, _ in read_digests(DB_DIR / RELEASED_DIGESTS_FILE)]
    assert [name[11:14] for name in names[:11]] == [f"{number:03}" for number in range(1, 12)]


def test_no_released_text_is_listed_as_an_earlier_text() -> None:
    assert set(read_digests(DB_DIR / RELEASED_DIGESTS_FILE)).isdisjoint(read_digests(DB_DIR / EARLIER_DIGESTS_FILE))


def test_a_new_migration_may_change_until_it_is_recorded(released: Path) -> None:
    new = released / "migrations/004_four.sql"
    for text in ("select 4;", "select 44;"):
        new.write_text(text)
        assert problems(released) == []
    assert record(released) == ["migrations/004_four.sql"]
    assert record(released) == []
    new.write_text("select 4;")
    assert len(problems(released)) == 1


def test_other_line_endings_do_not_change_a_release(released: Path) -> None:
    (released / "migrations/001_one.sql").write_bytes(b"select 1;\r\n")
    assert problems(released) == []


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        ("001_one.sql", "select 2;", "was changed after its release: restore it and write a new migration"),
        ("001_one.sql", None, "is released but the file is missing: restore it"),
        (
            "002_two.sql",
            "select 2;",
            "comes before db/migrations/003_three.sql, which is released: give it a higher number",
        ),
    ],
)
def test_a_change_of_a_released_migration_is_named_and_not_recorded(
    released: Path, name: str, text: str | None, line: str
) -> None:
    path, before = released / "migrations" / name, (released / RELEASED_DIGESTS_FILE).read_text()
    path.unlink() if text is None else path.write_text(text)
    assert problems(released) == [f"db/migrations/{name}: {line}"]
    with pytest.raises(StateConflict, match=line):
        record(released)
    assert (released / RELEASED_DIGESTS_FILE).read_text() == before
