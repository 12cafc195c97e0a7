"""`python -m control_plane guardrails`: the guardrails of a tenant."""

import json
import sys
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from control_plane.cli.options import AsJson, By, Tenant, backends, operator
from control_plane.cli.output import as_document, show_json, show_lines
from control_plane.strict_json import parse_object
from services.clock import utc_now
from services.errors import InvalidInput
from services.guardrails import GuardrailSettings, GuardrailVersion
from services.process.terminal import run_async

app = typer.Typer(no_args_is_help=True, help="Show, set and roll back a tenant's guardrails.")


@app.command(epilog="Example: python -m control_plane guardrails show --tenant UUID")
def show(tenant: Tenant) -> None:
    """Print the guardrails of a tenant as JSON."""
    from services.set_guardrails import read_guardrails  # noqa: PLC0415  # loads the names of all time zones

    async def read() -> GuardrailSettings:
        async with backends() as services:
            return await read_guardrails(services, tenant)

    show_json(run_async(read()))


@app.command(
    "set",
    epilog="""Example: python -m control_plane guardrails set --tenant UUID '{"trust_threshold": 0.7,
    "quiet_hours": {"time_zone": "Europe/Berlin", "windows": [{"start": "22:00", "end": "06:00"}]}}'""",
)
def set_command(
    tenant: Tenant,
    guardrails: Annotated[str, typer.Argument(help="The fields to change, as JSON.")],
    by: By = "operator",
) -> None:
    """Change the given fields of the guardrails. Envelopes that the old guardrails held are judged again."""
    from services.set_guardrails import set_guardrails  # noqa: PLC0415  # loads the names of all time zones

    changes = parse_object(guardrails)

    async def change_guardrails() -> GuardrailSettings:
        async with backends() as services:
            return await set_guardrails(services, tenant, changes, actor=operator(by))

    show_json(run_async(change_guardrails()))


@app.command(epilog="Example: python -m control_plane guardrails versions --tenant UUID")
def versions(
    tenant: Tenant,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Maximum number of versions.")] = 20,
    as_json: AsJson = False,
) -> None:
    """List the versions of the guardrails, the newest first. Stored verdicts name their version."""
    from services.set_guardrails import list_versions  # noqa: PLC0415  # loads the names of all time zones

    async def read() -> list[GuardrailVersion]:
        async with backends() as services:
            return await list_versions(services, tenant, limit=limit)

    found = run_async(read())
    if as_json:
        show_json(found)
        return
    rows = [
        (
            v.version,
            f"{v.created_at:%Y-%m-%d %H:%M} UTC",
            f"{v.actor.type} {v.actor.id}",
            json.dumps(as_document(v.document)),
        )
        for v in found
    ]
    show_lines(rows, empty="no versions: the tenant has the defaults")


@app.command(epilog="Example: python -m control_plane guardrails rollback 3 --tenant UUID")
def rollback(
    version: Annotated[int, typer.Argument(help="The version to go back to, from `guardrails versions`.")],
    tenant: Tenant,
    by: By = "operator",
) -> None:
    """Set the content of an earlier version, as a new version. Held envelopes are judged again."""
    from services.set_guardrails import roll_back_guardrails  # noqa: PLC0415  # loads the names of all time zones

    async def roll_back() -> GuardrailSettings:
        async with backends() as services:
            return await roll_back_guardrails(services, tenant, version, actor=operator(by))

    show_json(run_async(roll_back()))


@app.command(epilog="Example: python -m control_plane guardrails replay --tenant UUID --candidate FILE --days 7")
def replay(
    tenant: Tenant,
    candidate: Annotated[
        Path, typer.Option(help="File with the fields to change as JSON, as for `guardrails set`; - for stdin.")
    ],
    days: Annotated[int, typer.Option(min=1, max=90, help="Judge the envelopes of this many days.")] = 7,
    as_json: AsJson = False,
) -> None:
    """Judge recent envelopes by other guardrails, and compare with what people decided. Changes nothing."""
    from services.replay_guardrails import Replay, replay_guardrails  # noqa: PLC0415  # loads all time zones

    try:
        changes = parse_object(sys.stdin.read() if str(candidate) == "-" else candidate.read_bytes(), name="candidate")
    except OSError as exc:
        raise InvalidInput("--candidate", f"cannot be read: {exc.strerror}") from exc

    async def replay_to_end() -> Replay:
        now = utc_now()
        async with backends() as services:
            async for found in replay_guardrails(
                services, tenant, changes, since=now - timedelta(days=days), until=now
            ):
                if not found.is_done:
                    sys.stderr.write(f"{found.envelopes:,} envelopes, until {found.judged_until:%Y-%m-%d %H:%M} UTC\n")
        return found

    report = run_async(replay_to_end())
    if as_json:
        show_json(report)
    else:
        print(report.summarize())


@app.command(epilog="Example: python -m control_plane guardrails schema > guardrails.schema.json")
def schema() -> None:
    """Print the JSON Schema of guardrails, for editors and forms."""
    from services.guardrails.validate import guardrails_schema  # noqa: PLC0415  # loads the names of all time zones

    show_json(guardrails_schema())
