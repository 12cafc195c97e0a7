"""Run a command of the audit log."""

import json

import pytest
from typer.testing import CliRunner, Result

from control_plane.__main__ import app
from services.errors import ControlPlaneError

ACME = "11111111-1111-4111-8111-111111111111"
BOREALIS = "22222222-2222-4222-8222-222222222222"
NOBODY = "99999999-9999-4999-8999-999999999999"
ROWS = 5
"""The number of audit rows of each tenant; they replace those of the seeds."""


def type_(*words: str) -> Result:
    """Run a command. An error is raised instead of being printed as the last line."""
    result = CliRunner().invoke(app, ["audit", *words])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def shown(*words: str) -> str:
    """What a command that works prints."""
    result = type_(*words)
    assert result.exit_code == 0, result.output
    return result.stdout


def refused(error: type[ControlPlaneError], *words: str) -> str:
    with pytest.raises(error) as caught:
        type_(*words)
    return str(caught.value)


def hashes(tenant: str) -> list[str]:
    return [json.loads(line)["hash"] for line in shown("export", "--tenant", tenant).splitlines()]
