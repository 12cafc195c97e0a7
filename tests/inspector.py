"""The MCP Inspector, a client that `make npm` installs."""

import os
import subprocess

import pytest

from tests.docs.pages import ROOT

FOLDER = ROOT / ".local" / "npm" / "node_modules" / ".bin"
INSPECTOR = FOLDER / "mcp-inspector"


def require_inspector() -> None:
    """Skip the test if it is not installed, or Node.js is too old for it. With REQUIRE_REAL that is a failure."""
    if INSPECTOR.exists():
        ran = subprocess.run([INSPECTOR, "--cli", "--version"], capture_output=True, check=False)
        if ran.returncode == 0:
            return
    assert not os.environ.get("REQUIRE_REAL"), "REQUIRE_REAL is set, but the MCP Inspector does not run"
    pytest.skip("the MCP Inspector does not run: make npm (it needs Node.js 20)")
