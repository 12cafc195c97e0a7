"""Databases that version 0.1.0 migrated with yoyo: only our record of migrations counts, not the tables of yoyo."""

import shutil
from pathlib import Path

import pytest

from services.database.schema.checks import check
from services.database.schema.migrate import migrate, require_migrated, rollback
from services.database.sql_files import DB_DIR
from tests.clusters import hush
from tests.db.schema.a_db import catalog
from tests.db.sql import execute

TABLES = Path(__file__).with_name("yoyo_tables.sql").read_text(encoding="utf-8")
DROPS_THEM = "migrations/017_one_record.sql"


@pytest.fixture
def then(tmp_path: Path) -> Path:
    """`db/` without the migration that drops yoyo's tables."""
    db_dir = tmp_path / "db"
    shutil.copytree(DB_DIR, db_dir)
    (db_dir / DROPS_THEM).unlink()
    return db_dir


@pytest.fixture
def yoyo_url(blank_url: str, then: Path) -> str:
    migrate(blank_url, say=hush, db_dir=then)
    execute(blank_url, TABLES)
    return blank_url


def test_a_yoyo_database_is_up_to_date_and_can_be_rolled_back(yoyo_url: str, then: Path) -> None:
    require_migrated(yoyo_url, db_dir=then)
    before = check(yoyo_url, db_dir=then)
    assert before.problems == []
    assert migrate(yoyo_url, say=hush, db_dir=then) == []

    back = rollback(yoyo_url, say=hush, steps=2, db_dir=then)
    assert len(back) == 2
    assert migrate(yoyo_url, say=hush, db_dir=then)[:2] == back[::-1]
    assert check(yoyo_url, db_dir=then) == before


def test_a_yoyo_database_that_is_migrated_again_equals_a_new_one(yoyo_url: str, database_url: str) -> None:
    assert migrate(yoyo_url, say=hush) == [DROPS_THEM]
    assert catalog(yoyo_url) == catalog(database_url)
    assert check(yoyo_url).fingerprint == check(database_url).fingerprint
