"""`python -m control_plane db`: the schema, and the embedded server under it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import typer

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

Keep = Annotated[bool, typer.Option("--keep", help="Leave the embedded server running until `db stop`.")]
Json = Annotated[bool, typer.Option("--json", help="Answer as JSON on stdout.")]


@app.command("migrate", epilog="Example: python -m control_plane db migrate")
def migrate_command(keep: Keep = False, as_json: Json = False) -> None:
    """Apply migrations that are missing and functions that changed."""
    with _raw_database(read_settings(), keep=keep) as url:
        applied = migrate.migrate(url, say=to_stderr)
    _tell({"applied": applied}, applied or ["nothing to do"], as_json=as_json)


@app.command("rollback", epilog="Example: python -m control_plane db rollback --to 001")
def rollback_command(
    steps: Annotated[int, typer.Option(min=1, help="How many migrations to take back, the newest first.")] = 1,
    to: Annotated[str | None, typer.Option(help="Take back everything after this migration, such as 001.")] = None,
    keep: Keep = False,
    as_json: Json = False,
) -> None:
    """Take migrations back with their rollback files. Data in what they created is lost."""
    with _raw_database(read_settings(), keep=keep) as url:
        undone = migrate.rollback(url, steps=steps, to=to, say=to_stderr)
    _tell({"rolled_back": undone}, undone or ["nothing to roll back"], as_json=as_json)


@app.command("seed", epilog="Example: python -m control_plane db seed")
def seed_command(keep: Keep = False) -> None:
    """Put in the demo tenants; running it again changes nothing."""
    settings = read_settings()
    with migrated_database(settings.sql_database_url(), settings.data_dir, keep=keep) as url:
        migrate.seed(url, say=to_stderr)


@app.command("check", epilog="Example: python -m control_plane db check --json")
def check_command(keep: Keep = False, as_json: Json = False) -> None:
    """Compare the database with the migrations and with db/schema.sql; exits with 1 and one line per problem.

    The fingerprint that --json adds is the same for every database that holds the same schema.
    """
    with _raw_database(read_settings(), keep=keep) as url:
        report = checks.check(url)
    if report.not_compared:
        to_stderr(report.not_compared)
    problems = [f"{line}: {MIGRATE}" if line in report.behind else line for line in report.problems]
    document = {"problems": problems, "fingerprint": report.fingerprint, "not_compared": report.not_compared}
    _tell(document, problems or ["ok"], as_json=as_json)
    if problems:
        raise typer.Exit(1)


@app.command("snapshot", epilog="Example: python -m control_plane db snapshot")
def snapshot_command() -> None:
    """Write db/schema.sql anew: what the migrations and functions give in a database of its own, deleted afterwards."""
    typer.echo("db/schema.sql: " + ("written" if checks.write_snapshot(say=to_stderr) else "is right"))


@app.command("reset", epilog="Example: python -m control_plane db reset")
def reset_command(
    yes: Annotated[bool, typer.Option("--yes", help="Also on a database given by DATABASE_URL.")] = False,
    keep: Keep = False,
) -> None:
    """Roll everything back, migrate and seed. All data is lost."""
    settings = read_settings()
    if settings.database_url is not None and not yes:
        raise StateConflict("DATABASE_URL", "this would delete everything in that database: add --yes if you mean it")
    with _raw_database(settings, keep=keep) as url:
        migrate.reset(url, say=to_stderr)


@app.command("url", epilog='Example: psql "$(python -m control_plane db url --keep)"')
def url_command(keep: Keep = False) -> None:
    """Print the connection URL, password included; starts and migrates the embedded server if need be.

    Without --keep the embedded server stops again when nobody else uses it.
    """
    settings = read_settings()
    given = settings.sql_database_url()
    if given is not None:
        typer.echo(plain_url(given))
        return
    with migrated_database(None, settings.data_dir, keep=keep) as url:
        typer.echo(url)


@app.command("up", epilog="Example: python -m control_plane db up --with-rest")
def up_command(
    with_rest: Annotated[
        bool, typer.Option("--with-rest", help="Also the data API: PostgREST, as Supabase has it.")
    ] = False,
    rest_port: Annotated[int, typer.Option(min=0, max=65535, help="Where the data API listens; 0: any.")] = 54321,
) -> None:
    """Run the embedded server, migrated, until Ctrl-C, and print the environment by which other programs use it.

    With --with-rest that environment means the data API, and DATABASE_URL serves `db` commands and SQL.
    """
    from control_plane.cli.up import up  # noqa: PLC0415  # brings an event loop

    settings = read_settings()
    if settings.database_url is not None or settings.supabase_url is not None:
        name = "DATABASE_URL" if settings.database_url else "SUPABASE_URL"
        raise StateConflict(name, "names a database that runs already: unset it to start the embedded one")
    run_async(up(settings.data_dir, rest_port=rest_port if with_rest else None))


@app.command("stop", epilog="Example: python -m control_plane db stop")
def stop_command() -> None:
    """Stop the embedded server, whoever uses it."""
    typer.echo("stopped" if embedded.stop(read_settings().data_dir) else "not running")


@contextmanager
def _raw_database(settings: Settings, *, keep: bool) -> Iterator[str]:
    """The chosen database as it is, migrated or not."""
    given = settings.sql_database_url()
    if given is not None:
        yield given
        return
    with embedded.running(settings.data_dir, keep=keep) as cluster:
        yield cluster.url


def _tell(answer: dict[str, Any], lines: list[str], *, as_json: bool) -> None:
    typer.echo(json.dumps(answer) if as_json else "\n".join(lines))
