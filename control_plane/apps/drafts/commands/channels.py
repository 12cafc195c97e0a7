"""`python -m control_plane drafts channels`, `save-channel`: where customers write, and which tool sends the
replies."""

import sys
from enum import StrEnum
from typing import Annotated

import typer

from control_plane.apps.drafts.store import channels as store
from control_plane.apps.drafts.store import functions_of
from control_plane.apps.drafts.tenant_values import Channel, SavedChannel
from control_plane.cli.options import AsJson, By, Tenant, backends, operator
from control_plane.cli.output import show_json, show_lines
from services.process.terminal import run_async

app = typer.Typer()


class ChannelType(StrEnum):
    """The kinds of channels."""

    EMAIL = "email"
    CHAT = "chat"
    SHOPIFY = "shopify"
    SLACK = "slack"


@app.command(epilog="Example: python -m control_plane drafts channels --tenant UUID")
def channels(tenant: Tenant, as_json: AsJson = False) -> None:
    """List the channels of a tenant, by name."""

    async def read() -> list[Channel]:
        async with backends() as services:
            await services.tenants.get(tenant)
            return await store.list_channels(functions_of(services), tenant)

    found = run_async(read())
    if as_json:
        show_json(found)
        return
    rows = [(c.id, c.type, c.external_id, c.name, c.reply_tool_slug or "sends no replies") for c in found]
    show_lines(rows, empty="no channels")


@app.command(
    "save-channel",
    epilog="Example: python -m control_plane drafts save-channel email desk@acme.example Desk --tenant UUID",
)
def save_channel(
    kind: Annotated[ChannelType, typer.Argument(metavar="TYPE", help="The kind of channel.")],
    external_id: Annotated[str, typer.Argument(help="The address of the inbox, or the id of the channel.")],
    name: Annotated[str, typer.Argument(help="The name that people see.")],
    tenant: Tenant,
    *,
    reply_tool: Annotated[str | None, typer.Option(help="Slug of the tool that sends replies.")] = None,
    reply_account: Annotated[str | None, typer.Option(help="Id of the connected account that the tool uses.")] = None,
    by: By = "operator",
    as_json: AsJson = False,
) -> None:
    """Add a channel, or change the one with this id."""

    async def save_in_database() -> SavedChannel:
        async with backends() as services:
            return await store.save_channel(
                functions_of(services), tenant, external_id=external_id, name=name, kind=kind,
                reply_tool_slug=reply_tool, reply_account_id=reply_account, actor=operator(by),
            )  # fmt: skip

    saved = run_async(save_in_database())
    if as_json:
        show_json(saved)
    else:
        print(f"saved {saved.id}")
        for note in saved.notes:
            print(note, file=sys.stderr)
