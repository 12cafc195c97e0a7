"""`python -m control_plane demo`: run the demo and print its result."""

import logging
import sys
from typing import Annotated

import typer

from control_plane.settings import read_settings
from services.database.connect import connect
from services.database.embedded import to_stderr
from services.database.migrated import migrated_database
from services.database.schema.migrate import seed
from services.distribution import EMBEDDED, Extra, require
from services.errors import StateConflict
from services.process.logs import configure_logging
from services.process.terminal import run_async
from services.tools.mcp import SDK

EXTRA = Extra("demo", "the demo", (*EMBEDDED.modules, *SDK.modules, "mcp_server_time"))


def demo(
    yes: Annotated[bool, typer.Option("--yes", help="Also in a database given by DATABASE_URL.")] = False,
) -> None:
    """Two tenants' envelopes go through guardrails and real tools; shows what became of each, and the audit trail."""
    settings = read_settings()
    if settings.database_url is not None and not yes:
        raise StateConflict("DATABASE_URL", "this would put demo tenants into that database: add --yes if you mean it")
    require(EXTRA)
    configure_logging(level=logging.WARNING)  # the table says how attempts ended
    with migrated_database(settings.sql_database_url(), settings.data_dir) as url:
        from control_plane.demo.run import run_demo  # noqa: PLC0415  # the tools take a moment to load
        from control_plane.demo.show import print_result  # noqa: PLC0415

        with connect(url) as turn:  # the lock ends with the connection
            if turn.execute("select pg_try_advisory_lock(hashtext('control_plane demo'))").fetchone() != (True,):
                raise StateConflict("demo", "another one runs in this database; wait until it has ended")
            seed(url, say=to_stderr)
            result = run_async(run_demo(url, to_stderr))
    print_result(result)
    if result.end_states != result.expected:
        sys.stderr.write("error: the end states are not the expected ones; see the table\n")
        raise typer.Exit(1)
