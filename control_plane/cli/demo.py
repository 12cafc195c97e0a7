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
from services.distribution import EMBEDDED_EXTRA, Extra, require
from services.errors import StateConflict
from services.process.terminal import run_async
from services.tools.mcp import MCP_SDK

EXTRA = Extra("demo", "the demo", (*EMBEDDED_EXTRA.modules, *MCP_SDK.modules, "mcp_server_time"))


def demo(
    yes: Annotated[bool, typer.Option("--yes", help="Run the demo in the database of DATABASE_URL.")] = False,
) -> None:
    """Run envelopes of two demo tenants through guardrails and real tools, and print the results and audit rows."""
    settings = read_settings()
    if settings.database_url is not None and not yes:
        raise StateConflict("DATABASE_URL", "the demo would add tenants to this database: add --yes to allow it")
    require(EXTRA)
    from services.process.logs import configure_logging  # noqa: PLC0415  # structlog takes a tenth of the start-up

    configure_logging(level=logging.WARNING)  # the log would repeat what the printed table shows
    with migrated_database(settings.sql_database_url(), settings.data_dir) as url:
        from control_plane.demo.run import run_demo  # noqa: PLC0415  # slow to import
        from control_plane.demo.show import print_result  # noqa: PLC0415

        with connect(url) as connection:  # closing the connection releases the lock
            if connection.execute("select pg_try_advisory_lock(hashtext('control_plane demo'))").fetchone() != (True,):
                raise StateConflict("demo", "another demo is running in this database: wait until it has finished")
            seed(url, say=to_stderr)
            result = run_async(run_demo(url, to_stderr))
    print_result(result)
    if result.end_states != result.expected:
        sys.stderr.write("error: some end states differ from the expected ones: see the table\n")
        raise typer.Exit(1)
