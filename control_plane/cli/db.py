"""`python -m control_plane db`: the database schema and the embedded server."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import typer

from control_plane.cli.options import AsJson
from control_plane.remedies import MIGRATE
from control_plane.settings import Settings, read_settings
from services.database import embedded
from services.database.connect import plain_url
from services.database.embedded import to_stderr
from services.database.migrated import migrated_database
from services.database.schema import checks, migrate
from services.errors import StateConflict
from services.process.terminal import run_async

app = typer.Typer(no_args_is_help=True, help="Migrate, check and reset the database; start and stop the embedded one.")

Keep = Annotated[bool, typer.Option("--keep", help="Keep the embedded server running until `db stop`.")]


@app.command("migrate", epilog="Example: python -m control_plane db migrate")
def migrate_command(keep: Keep = False, as_json: AsJson = False) -> None:
    """Apply the migrations that are missing and the functions that have changed."""
    with _unmigrated_database(read_settings(), keep=keep) as url:
        applied = migrate.migrate(url, say=to_stderr)
    _print_result({"applied": applied}, applied or ["nothing to do"], as_json=as_json)


@app.command("rollback", epilog="Example: python -m control_plane db rollback --to 001")
def rollback_command(
    steps: Annotated[int, typer.Option(min=1, help="Number of migrations to roll back, the newest first.")] = 1,
    to: Annotated[
        str | None, typer.Option(help="Roll back to this migration, such as 001, which stays applied.")
    ] = None,
    keep: Keep = False,
    as_json: AsJson = False,
) -> None:
    """Roll back migrations with their rollback files. Data in the tables that they created is lost."""
    with _unmigrated_database(read_settings(), keep=keep) as url:
        rolled_back = migrate.rollback(url, steps=steps, to=to, say=to_stderr)
    _print_result({"rolled_back": rolled_back}, rolled_back or ["nothing to roll back"], as_json=as_json)


@app.command("seed", epilog="Example: python -m control_plane db seed")
def seed_command(
    drafts: Annotated[
        bool, typer.Option("--drafts", help="Also insert demo data of the application `drafts`.")
    ] = False,
    keep: Keep = False,
) -> None:
    """Insert the demo tenants. A second run changes nothing."""
    settings = read_settings()
    with migrated_database(settings.sql_database_url(), settings.data_dir, keep=keep) as url:
        migrate.seed(url, say=to_stderr, application="drafts" if drafts else None)


@app.command("check", epilog="Example: python -m control_plane db check --json")
def check_command(keep: Keep = False, as_json: AsJson = False) -> None:
    """Compare the database with the migrations and with db/schema.sql.

    Prints one line per problem. Exits with 1 if there is a problem. Databases with the same schema have the same
    fingerprint, which --json prints.
    """
    with _unmigrated_database(read_settings(), keep=keep) as url:
        report = checks.check(url)
    if report.not_compared:
        to_stderr(report.not_compared)
    problems = [f"{line}: {MIGRATE}" if line in report.behind else line for line in report.problems]
    document = {"problems": problems, "fingerprint": report.fingerprint, "not_compared": report.not_compared}
    _print_result(document, problems or ["ok"], as_json=as_json)
    if problems:
        raise typer.Exit(1)


@app.command("snapshot", epilog="Example: python -m control_plane db snapshot")
def snapshot_command() -> None:
    """Write db/schema.sql: the schema that the migrations and functions create in a temporary database."""
    typer.echo("db/schema.sql: " + ("written" if checks.write_snapshot(say=to_stderr) else "unchanged"))


@app.command("reset", epilog="Example: python -m control_plane db reset")
def reset_command(
    yes: Annotated[bool, typer.Option("--yes", help="Reset the database of DATABASE_URL.")] = False,
    keep: Keep = False,
) -> None:
    """Roll back all migrations, apply them again, and insert the demo tenants. All data is lost."""
    settings = read_settings()
    if settings.database_url is not None and not yes:
        raise StateConflict("DATABASE_URL", "the reset would delete all data in this database: add --yes to allow it")
    with _unmigrated_database(settings, keep=keep) as url:
        migrate.reset(url, say=to_stderr)


@app.command("url", epilog='Example: psql "$(python -m control_plane db url --keep)"')
def url_command(keep: Keep = False) -> None:
    """Print the connection URL with its password. Starts and migrates the embedded server if necessary.

    Without --keep, the embedded server stops again unless another program uses it.
    """
    settings = read_settings()
    external_url = settings.sql_database_url()
    if external_url is not None:
        typer.echo(plain_url(external_url))
        return
    with migrated_database(None, settings.data_dir, keep=keep) as url:
        typer.echo(url)


@app.command("up", epilog="Example: python -m control_plane db up --with-rest")
def up_command(
    with_rest: Annotated[
        bool, typer.Option("--with-rest", help="Also run the data API: PostgREST, as in a Supabase project.")
    ] = False,
    rest_port: Annotated[int, typer.Option(min=0, max=65535, help="Port of the data API; 0 picks a free one.")] = 54321,
) -> None:
    """Run the embedded server until Ctrl-C, and print the environment variables for programs that use it.

    With --with-rest, programs with these variables use the data API; `db` commands and SQL use DATABASE_URL.
    """
    from control_plane.cli.db_up import up  # noqa: PLC0415  # slow to import

    settings = read_settings()
    if settings.database_url is not None or settings.supabase_url is not None:
        name = "DATABASE_URL" if settings.database_url else "SUPABASE_URL"
        raise StateConflict(name, "selects another database: unset it to start the embedded one")
    run_async(up(settings.data_dir, rest_port=rest_port if with_rest else None))


@app.command("stop", epilog="Example: python -m control_plane db stop")
def stop_command() -> None:
    """Stop the embedded server, even if other programs use it."""
    typer.echo("stopped" if embedded.stop(read_settings().data_dir) else "not running")


@contextmanager
def _unmigrated_database(settings: Settings, *, keep: bool) -> Iterator[str]:
    """The URL of the selected database. It may lack migrations."""
    external_url = settings.sql_database_url()
    if external_url is not None:
        yield external_url
        return
    with embedded.running(settings.data_dir, keep=keep) as cluster:
        yield cluster.url


def _print_result(document: dict[str, Any], lines: list[str], *, as_json: bool) -> None:
    typer.echo(json.dumps(document) if as_json else "\n".join(lines))
