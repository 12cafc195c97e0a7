"""The tests find Chromium under each of its names."""

from pathlib import Path

import pytest

from tests.control_plane.console.browser import PROGRAMS, find_chromium


@pytest.mark.parametrize("name", PROGRAMS)
def test_any_of_the_programs_is_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str) -> None:
    program = tmp_path / name
    program.write_text("")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_chromium() == str(program)


def test_where_chromium_must_be_its_absence_is_a_failure(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("REQUIRE_REAL", "1")
    with pytest.raises(pytest.fail.Exception, match="chromium is not installed"):
        find_chromium()
    monkeypatch.delenv("REQUIRE_REAL")
    with pytest.raises(pytest.skip.Exception):
        find_chromium()
