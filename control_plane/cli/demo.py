"""`python -m control_plane demo`: the main job, on one screen."""

import logging
import sys

import typer

from control_plane.settings import read_settings
from services.database import database
from services.database.embedded import to_stderr
from services.database.migrate import seed
from services.logs import log_json
from services.terminal import run_async


def demo() -> None:
    """Two tenants' envelopes go through guardrails and real tools; shows what became of each, and the audit trail."""
    settings = read_settings()
    log_json(level=logging.WARNING)  # the table says how attempts ended
    with database(settings.given_database(), settings.data_dir) as url:
        seed(url, say=to_stderr)
        from control_plane.demo.run import run_demo  # noqa: PLC0415  # the tools take a moment to load
        from control_plane.demo.show import show_report  # noqa: PLC0415

        report = run_async(run_demo(url, to_stderr))
    show_report(report)
    if report.endings != report.expected:
        sys.stderr.write("error: the endings are not the expected ones; see the table\n")
        raise typer.Exit(1)
