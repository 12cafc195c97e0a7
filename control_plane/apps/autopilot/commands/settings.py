"""`python -m control_plane autopilot settings`, `save-settings`, `words`, `save-word`."""

from dataclasses import asdict
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any

import typer

from control_plane.apps.autopilot.connections import ConnectionType
from control_plane.apps.autopilot.store import functions_of
from control_plane.apps.autopilot.store import settings as store
from control_plane.apps.autopilot.store.settings import AutopilotSettings, ValueMapping
from control_plane.cli.options import AsJson, By, Tenant, backends, operator
from control_plane.cli.output import show_json, show_lines
from services.errors import InvalidInput
from services.process.terminal import run_async

app = typer.Typer()
Slug = Annotated[str | None, typer.Option(help="Slug of the tool; an empty text removes it.")]


class WordField(StrEnum):
    """The fields whose words mean the same in every ticket system."""

    STATUS = "status"
    PRIORITY = "priority"


@app.command("settings", epilog="Example: python -m control_plane autopilot settings --tenant UUID")
def show_settings(tenant: Tenant, as_json: AsJson = False) -> None:
    """Show how autopilot works for a tenant."""

    async def read() -> AutopilotSettings:
        async with backends() as services:
            await services.tenants.get(tenant)
            return await store.read_settings(functions_of(services), tenant)

    _show(run_async(read()), as_json=as_json)


@app.command(
    "save-settings", epilog="Example: python -m control_plane autopilot save-settings --tenant UUID --run-hours 12"
)
def save_settings(
    tenant: Tenant,
    *,
    needed_tickets: Annotated[int | None, typer.Option(help="With fewer tickets no model is made.")] = None,
    validation_target: Annotated[int | None, typer.Option(help="How many trusted tickets a new cluster needs.")] = None,
    trusted_percent: Annotated[int | None, typer.Option(help="The share of its target that a cluster needs.")] = None,
    run_hours: Annotated[int | None, typer.Option(help="After so many hours a run has failed.")] = None,
    minutes_per_ticket: Annotated[int | None, typer.Option(help="How long people work on a ticket.")] = None,
    cost_per_hour: Annotated[str | None, typer.Option(help="What an hour of this work costs, such as 45.50.")] = None,
    sync_tool_slug: Slug = None,
    status_tool_slug: Slug = None,
    cluster_tool_slug: Slug = None,
    enrichment_tool_slug: Slug = None,
    article_tool_slug: Slug = None,
    response_tool_slug: Slug = None,
    by: By = "operator",
    as_json: AsJson = False,
) -> None:
    """Change how autopilot works for a tenant. What is not given stays."""
    given: dict[str, Any] = {
        "needed_tickets": needed_tickets, "validation_target": validation_target, "trusted_percent": trusted_percent,
        "run_hours": run_hours, "minutes_per_ticket": minutes_per_ticket, "cost_per_hour": _amount(cost_per_hour),
        "sync_tool_slug": sync_tool_slug, "status_tool_slug": status_tool_slug,
        "cluster_tool_slug": cluster_tool_slug, "enrichment_tool_slug": enrichment_tool_slug,
        "article_tool_slug": article_tool_slug, "response_tool_slug": response_tool_slug,
    }  # fmt: skip
    changes = {name: value for name, value in given.items() if value is not None}

    async def save() -> AutopilotSettings:
        async with backends() as services:
            return await store.save_settings(functions_of(services), tenant, changes, actor=operator(by))

    _show(run_async(save()), as_json=as_json)


@app.command("words", epilog="Example: python -m control_plane autopilot words --tenant UUID")
def list_words(tenant: Tenant, as_json: AsJson = False) -> None:
    """List what the words of the tenant's ticket systems mean."""

    async def read() -> list[ValueMapping]:
        async with backends() as services:
            await services.tenants.get(tenant)
            return await store.list_value_mappings(functions_of(services), tenant)

    found = run_async(read())
    if as_json:
        show_json(found)
    else:
        show_lines([(m.connection_type, m.field, m.source_value, m.value) for m in found], empty="no words")


@app.command(
    "save-word",
    epilog='Example: python -m control_plane autopilot save-word jira status "In Review" pending --tenant UUID',
)
def save_word(
    kind: Annotated[ConnectionType, typer.Argument(metavar="TYPE", help="The ticket system.")],
    field: Annotated[WordField, typer.Argument(help="What the word is.")],
    word: Annotated[str, typer.Argument(help="The word of the ticket system, in any case.")],
    value: Annotated[
        str | None,
        typer.Argument(
            help="open, pending, resolved or closed; for a priority critical, high, normal or low. Without it, the word"
            " is removed."
        ),
    ] = None,
    *,
    tenant: Tenant,
    by: By = "operator",
) -> None:
    """Say what a word of a ticket system means."""

    async def save() -> None:
        async with backends() as services:
            await store.save_value_mapping(
                functions_of(services), tenant, kind, field.value, word=word, value=value, actor=operator(by)
            )

    run_async(save())
    print(f"removed {word}" if value is None else f"saved {word}")


def _amount(text: str | None) -> Decimal | None:
    if text is None:
        return None
    try:
        return Decimal(text)
    except ArithmeticError as exc:
        raise InvalidInput("--cost-per-hour", "must be a number such as 45.50") from exc


def _show(settings: AutopilotSettings, *, as_json: bool) -> None:
    if as_json:
        show_json(settings)
    else:
        show_lines([(name, "–" if value is None else value) for name, value in asdict(settings).items()], empty="")
