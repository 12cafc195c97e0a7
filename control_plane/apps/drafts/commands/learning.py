"""`drafts report`, `gaps` and `export-corrections`: what people changed, and what nobody could answer."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from control_plane.apps.drafts.learning.corrections import Correction, write_corrections
from control_plane.apps.drafts.learning.gaps import Gap
from control_plane.apps.drafts.list_gaps import list_gaps
from control_plane.apps.drafts.store import functions_of
from control_plane.apps.drafts.store.samples import Quality, read_quality
from control_plane.cli.options import AsJson, Tenant, backends, operator
from control_plane.cli.output import show_json, show_lines
from services.clock import utc_now
from services.errors import InvalidInput
from services.process.terminal import run_async

Days = Annotated[float, typer.Option(help="Length of the time range in days, until now.")]
Per = Annotated[
    str | None,
    typer.Option(
        help="Group by `model_key`, `prompt_version`, `channel` or `topic`. Without it, show one row for all drafts."
    ),
]
MAX_DAYS = 3650


def add_commands_to(app: typer.Typer) -> None:
    """Add these commands to the group."""
    app.command(epilog="Example: python -m control_plane drafts report --tenant UUID --per topic")(report)
    app.command(epilog="Example: python -m control_plane drafts gaps --tenant UUID --days 30")(gaps)
    app.command(
        "export-corrections", epilog="Example: python -m control_plane drafts export-corrections --tenant UUID"
    )(export_corrections)


def report(tenant: Tenant, per: Per = None, days: Days = 30, as_json: AsJson = False) -> None:
    """Show how people decided about drafts: sent unedited, edited by how much, rejected and why."""

    async def read() -> list[Quality]:
        async with backends() as services:
            since, until = _range_until_now(timedelta(days=_check_number("--days", days, MAX_DAYS)))
            return await read_quality(functions_of(services), tenant, since, until, per)  # type: ignore[arg-type]

    found = run_async(read())
    if as_json:
        show_json(found)
        return
    rows = [
        (
            each.name or ("all drafts" if each.name is None else "no topic"),
            f"{each.decided} decided",
            f"{each.unedited} unedited ({100 * each.unedited / each.decided:.0f} %)",
            f"{each.rejected} rejected",
            f"{each.cost_usd} USD",
            (
                "" if each.median_share is None else f"median edit: {100 * each.median_share:.0f} % of the text",
                ", ".join(f"{code}: {times}" for code, times in sorted(each.rejections.items())),
            ),
        )
        for each in found
    ]
    show_lines(rows, empty="no decisions")


def gaps(tenant: Tenant, days: Days = 30, as_json: AsJson = False) -> None:
    """List what customers asked and the drafter could not answer, similar questions together."""

    async def read() -> list[Gap]:
        async with backends() as services:
            since, until = _range_until_now(timedelta(days=_check_number("--days", days, MAX_DAYS)))
            return await list_gaps(services, tenant, since, until)

    found = run_async(read())
    if as_json:
        show_json(found)
        return
    rows = [(f"{gap.count} times", f"last {gap.last_at:%Y-%m-%d}", gap.question, gap.examples) for gap in found]
    show_lines(rows, empty="no gaps")


def export_corrections(
    tenant: Tenant,
    hours: Annotated[float, typer.Option(help="Length of the time range in hours, until now.")] = 24,
    output: Annotated[Path, typer.Option(help="The YAML file to write; - for stdout.")] = Path("-"),
) -> None:
    """Write the corrections that the edits of the last hours give as YAML, as `corrections_sync` proposes them. Nobody
    has approved them yet."""

    async def read() -> list[Correction]:
        from control_plane.apps.drafts.learning.sync_corrections import export_corrections as export  # noqa: PLC0415

        async with backends() as services:
            since, until = _range_until_now(timedelta(hours=_check_number("--hours", hours)))
            return await export(functions_of(services), tenant, since, until, actor=operator("operator"))

    found = run_async(read())
    text = write_corrections(found)
    if str(output) == "-":
        print(text, end="")
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as exc:
        raise InvalidInput("--output", f"cannot be written: {exc.strerror}") from exc
    print(f"wrote {len(found)} corrections to {output}")


def _range_until_now(span: timedelta) -> tuple[datetime, datetime]:
    now = utc_now().astimezone(UTC)
    return now - span, now


def _check_number(option: str, number: float, at_most: float = 24 * MAX_DAYS) -> float:
    if not 0 < number <= at_most:  # also false for nan
        raise InvalidInput(option, f"must be more than 0 and at most {at_most:g}")
    return number
