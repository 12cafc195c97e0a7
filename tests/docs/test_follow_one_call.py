"""One call from proposal to audit, as the page and the README tell it: their commands run against `up`."""

import asyncio
import json
import os
import re
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from services.database.schema.migrate import seed
from tests.clusters import hush
from tests.control_plane.test_up import ACME, FREE_PORTS, an_up
from tests.docs.pages import DOCS, ROOT, blocks
from tests.inspector import FOLDER, require_inspector

PAGE = DOCS / "how-to" / "follow-one-call.md"
TIME_SERVER = {"time": {"command": sys.executable, "args": ["-m", "mcp_server_time", "--local-timezone", "UTC"]}}
WITHIN = 120
NEXT = "\x1e"
"""Printed before each block runs."""
VARIES = {
    "<key>": r"auto-[0-9a-f]{64}",
    "<digest {}>": r"[0-9a-f]{64}",
    "<id {}>": r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}",
    "<time>": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d",
    "<day>": r"\b(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b",
}
"""What the page shows in place of values that differ from run to run; the same value has the same number."""


async def test_the_commands_of_the_page_print_what_it_shows(database_url: str, tmp_path: Path) -> None:
    require_inspector()
    page = list(blocks(PAGE, "bash", "json", "text"))
    script = "\n".join(f"printf '{NEXT}'\n{block.text}" for block in page if block.language == "bash")
    outputs = iter(with_placeholders(await run(script, database_url, tmp_path)).split(NEXT)[1:])
    for block, after in zip(page, [*page[1:], None], strict=True):
        if block.language == "bash":
            shown = "" if after is None or after.language == "bash" else after.text
            assert next(outputs) == shown, f"{block.page}:{block.line}"


async def test_the_commands_of_the_readme_tell_the_same_story(database_url: str, tmp_path: Path) -> None:
    [block] = blocks(ROOT / "README.md", "bash")
    printed = await run(f"source up.env\n{block.text}", database_url, tmp_path)
    decoder = json.JSONDecoder()
    answers: list[Any] = []
    event, _, rest = printed.partition("\n")
    while rest:
        answer, end = decoder.raw_decode(rest)
        answers, rest = [*answers, answer], rest[end:]
    approved, done, history, verified = answers

    assert json.loads(event.removeprefix("data: "))["envelope_id"] == approved["id"] == done["id"]
    assert (done["status"], done["result"]["timezone"]) == ("success", "Asia/Tokyo")
    assert history["proposed_arguments"] == {"timezone": "UTC"}
    assert history["items"][0]["decided_arguments"] == history["effective_arguments"] == {"timezone": "Asia/Tokyo"}
    assert verified["intact"] is True


async def run(script: str, database_url: str, folder: Path) -> str:
    """Run it as one shell in this folder, beside what `up` printed, over the demo tenants. Returns what it printed."""
    seed(database_url, say=hush)
    settings = {"DATABASE_URL": database_url, "ACP_MCP_SERVERS": json.dumps(TIME_SERVER)}
    async with an_up(folder / "data", *FREE_PORTS, "--tenant", ACME, **settings) as up:
        printed = await up.wait_until_ready()
        (folder / "up.env").write_text("".join(f"{name}={value}\n" for name, value in printed.items()))
        with (folder / "stderr").open("w") as stderr:
            shell = await asyncio.create_subprocess_exec(
                "bash", "-euo", "pipefail", "-c", script, cwd=folder, stdout=asyncio.subprocess.PIPE, stderr=stderr,
                env={"PATH": f"{FOLDER}:{os.environ['PATH']}", "HOME": str(folder)}, start_new_session=True,
            )  # fmt: skip
        try:
            async with asyncio.timeout(WITHIN):
                stdout, _ = await shell.communicate()
        finally:
            with suppress(ProcessLookupError):
                os.killpg(shell.pid, signal.SIGKILL)  # the streams that it left open
    assert shell.returncode == 0, stdout.decode() + (folder / "stderr").read_text()
    return stdout.decode()


def with_placeholders(text: str) -> str:
    """The text as the page shows it."""
    for shown, pattern in VARIES.items():
        for number, value in enumerate(dict.fromkeys(re.findall(pattern, text)), start=1):
            text = text.replace(value, shown.format(number))
    return text
