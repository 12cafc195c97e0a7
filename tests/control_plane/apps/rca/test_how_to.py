"""The commands of the page about metadata print what the page shows."""

import shlex
import shutil
from pathlib import Path
from uuid import UUID

import pytest
from typer.testing import CliRunner

from services.database.connect import connect
from services.errors import ControlPlaneError
from tests.control_plane.apps.rca.conftest import SETS, files_in
from tests.control_plane.test_cli import Terminal
from tests.docs.pages import DOCS, blocks

PAGE = DOCS / "how-to" / "import-rca-metadata.md"
PROGRAM = "python -m control_plane "
TENANT = UUID("11111111-1111-4111-8111-111111111111")


@pytest.fixture
def terminal(database_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Terminal:
    """A terminal in a folder that has the files of the page."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("USER", "maria")
    shutil.copytree(SETS / "sectioned", tmp_path / "loans")
    with connect(database_url) as connection:
        connection.execute("insert into public.tenants (id, name) values (%s, 'Acme')", [TENANT])
    return Terminal(CliRunner())


def test_each_command_of_the_page_prints_what_the_page_shows(terminal: Terminal, tmp_path: Path) -> None:
    shown = "".join(block.text for block in blocks(PAGE, "")).split(PROGRAM)[1:]
    assert len(shown) == 6
    for each in shown:
        command, output = each.split("\n", 1)
        assert terminal(*shlex.split(command.replace("$TENANT", str(TENANT)))) == output, command
    assert files_in(tmp_path / "copy") == files_in(SETS / "sectioned")


def test_a_later_import_prints_what_differs(terminal: Terminal, tmp_path: Path) -> None:
    words = ("rca", "import", "loans", "--tenant", str(TENANT))
    terminal(*words)
    rules = tmp_path / "loans" / "rules.json"
    rules.write_text(rules.read_text().replace("ledger_tos_msme", "ledger_tos_firms").replace('"balance"', '"total"'))
    planned = terminal(*words, "--dry-run")
    assert planned.startswith("set loans: would become version 2: 1 added, 1 changed, 1 removed\n")
    assert "added:\n    rules ledger_tos_firms\n" in planned
    assert "removed:\n    rules ledger_tos_msme\nchanged:\n    rules ledger_tos\n" in planned
    assert terminal(*words).startswith("set loans: stored as version 2: 1 added, 1 changed, 1 removed\n")
    assert terminal(*words) == "set loans: unchanged, version 2\n"


def test_every_command_has_a_form_for_programs(terminal: Terminal) -> None:
    tenant = str(TENANT)
    report = terminal.json("rca", "import", "loans", "--tenant", tenant)
    assert (report["set_name"], report["stored"]["version"], report["rejected"]) == ("loans", 1, [])
    [listed] = terminal.json("rca", "sets", "--tenant", tenant)
    assert (listed["name"], listed["counts"]["rules"]) == ("loans", 3)
    assert terminal.json("rca", "terms", "loans", "exposure", "--tenant", tenant)[0]["term"] == "total outstanding"


def test_a_strict_import_names_file_place_and_remedy(terminal: Terminal, tmp_path: Path) -> None:
    (tmp_path / "loans" / "rules.json").write_text('{"rules": [{"system": "core"}]}')
    with pytest.raises(ControlPlaneError) as refused:
        terminal("rca", "import", "loans", "--tenant", str(TENANT), "--strict")
    assert str(refused.value) == "rules.json: $.rules[0]: has no id or name; add it"
    printed = terminal("rca", "import", "loans", "--tenant", str(TENANT))
    assert "rejected:\n    rules.json $.rules[0]: has no id or name; add it\n" in printed
