"""The `db/` folder of the tests that migrate."""

from pathlib import Path

import pytest

from tests.db.schema.a_db import FILES, write


@pytest.fixture
def db_dir(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        write(tmp_path, name, text)
    return tmp_path
