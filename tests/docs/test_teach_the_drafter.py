"""The commands of the page print what it shows."""

import asyncio
import os
import re
import shlex
import sys
from pathlib import Path
from uuid import UUID

from services.backends.open import postgres_backends
from services.tenants import Tenant
from tests.builders import operator
from tests.control_plane.apps.drafts.knowledge.conftest import HELP_CENTRE
from tests.docs.pages import DOCS, ROOT, blocks

PAGE = DOCS / "how-to" / "teach-the-drafter.md"
TENANT = UUID("11111111-1111-4111-8111-111111111111")


async def test_the_commands_of_the_page_print_what_it_shows(database_url: str, tmp_path: Path) -> None:
    async with postgres_backends(database_url, pool_size=1) as backends:
        await backends.tenants.save(Tenant(id=TENANT, name="Larkmoor"), actor=operator("olga"))
    (tmp_path / "help").mkdir()
    for name in ("returns/how-to-return", "returns/refunds"):
        file = HELP_CENTRE / f"{name}.md"
        (tmp_path / "help" / file.name).write_bytes(file.read_bytes())
    [goldens] = blocks(PAGE, "yaml")
    (tmp_path / "goldens.yaml").write_text(goldens.text)

    shown = [block.text for block in blocks(PAGE, "console")]
    assert len(shown) == 3
    for text in shown:
        command, _, printed = text.partition("\n")
        assert await _run(command.removeprefix("$ "), database_url, tmp_path) == printed


async def _run(command: str, url: str, folder: Path) -> str:
    """What the command prints."""
    program, *arguments = shlex.split(command)
    assert program == "python"
    process = await asyncio.create_subprocess_exec(
        sys.executable, *arguments, cwd=folder, stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "DATABASE_URL": url, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    printed, _ = await process.communicate()
    assert process.returncode == 0
    return re.sub(r" +\n", "\n", printed.decode())
