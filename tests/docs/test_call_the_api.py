"""The page about the API: its commands run as they are, against a server of their own."""

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.docs.pages import DOCS, blocks

PAGE = DOCS / "how-to" / "call-the-api.md"
SERVING = re.compile(r'"url": ?"(http://[^"]+)"')


def test_the_commands_of_the_page_run_as_they_are(database_url: str, tmp_path: Path) -> None:
    script = "\n".join(block.text for block in blocks(PAGE, "bash"))
    environment = {
        **{key: value for key, value in os.environ.items() if not key.startswith(("ACP_", "SUPABASE_"))},
        "DATABASE_URL": database_url, "ACP_DATA_DIR": str(tmp_path),
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    }  # fmt: skip
    program = [sys.executable, "-m", "control_plane"]
    added = subprocess.run(
        [*program, "tenants", "add", "Acme"], env=environment, capture_output=True, text=True, check=True
    )
    [tenant] = re.findall(r"[0-9a-f-]{36}", added.stdout)
    with subprocess.Popen(
        [*program, "serve", "--port", "0"], env=environment, stderr=subprocess.PIPE, text=True
    ) as server:
        assert server.stderr is not None
        try:
            address = next(found[1] for line in server.stderr if (found := SERVING.search(line)))
            ran = subprocess.run(
                ["bash", "-euo", "pipefail", "-c", script], env={**environment, "TENANT": tenant, "API": address},
                capture_output=True, text=True, timeout=120, check=False,
            )  # fmt: skip
        finally:
            server.terminate()
            server.communicate(timeout=30)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert '"why":' in ran.stdout
    assert server.returncode == 0
