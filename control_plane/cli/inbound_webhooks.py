"""`python -m control_plane inbound-webhooks`: receive events from other systems."""

from typing import Annotated
from uuid import UUID

import typer

from control_plane.cli.options import AsJson, By, Tenant, backends, operator
from control_plane.cli.output import show_json, show_lines
from control_plane.settings import read_settings
from services.create_inbound import SignedInbound, create_inbound, rotate_inbound
from services.process.terminal import run_async
from services.subscriptions.inbound import InboundWebhook

app = typer.Typer(no_args_is_help=True, help="Receive events from other systems, which become evidence.")

Id = Annotated[UUID, typer.Argument(metavar="WEBHOOK", help="Id of the inbound webhook.")]


@app.command("list", epilog="Example: python -m control_plane inbound-webhooks list --tenant UUID")
def list_command(tenant: Tenant, as_json: AsJson = False) -> None:
    """List the inbound webhooks of a tenant, with the paths to which their senders post."""

    async def read() -> list[InboundWebhook]:
        async with backends() as services:
            return await services.inbound_webhooks.list_inbound(tenant)

    found = run_async(read())
    if as_json:
        show_json(found)
        return
    show_lines([(webhook.id, webhook.name, webhook.path) for webhook in found], empty="no inbound webhooks")


@app.command(epilog="Example: python -m control_plane inbound-webhooks create tickets --tenant UUID")
def create(
    name: Annotated[str, typer.Argument(help="Name of the sender; its events are evidence of inbound.NAME.")],
    tenant: Tenant,
    by: By = "operator",
    as_json: AsJson = False,
) -> None:
    """Create an inbound webhook. Prints its signing secret, which is not shown again."""

    async def create_webhook() -> SignedInbound:
        async with backends() as services:
            return await create_inbound(
                services, tenant, name, key=read_settings().webhook_key_text, actor=operator(by)
            )  # fmt: skip

    _print_secret(run_async(create_webhook()), as_json=as_json)


@app.command(
    "rotate-secret", epilog="Example: python -m control_plane inbound-webhooks rotate-secret UUID --tenant UUID"
)
def rotate_secret(webhook: Id, tenant: Tenant, by: By = "operator", as_json: AsJson = False) -> None:
    """Create a new secret. The old one is accepted for 24 more hours."""

    async def create_secret() -> SignedInbound:
        async with backends() as services:
            return await rotate_inbound(
                services, tenant, webhook, key=read_settings().webhook_key_text, actor=operator(by)
            )  # fmt: skip

    _print_secret(run_async(create_secret()), as_json=as_json)


@app.command(epilog="Example: python -m control_plane inbound-webhooks delete UUID --tenant UUID")
def delete(webhook: Id, tenant: Tenant, by: By = "operator") -> None:
    """Delete an inbound webhook. Its evidence is kept."""

    async def delete_webhook() -> None:
        async with backends() as services:
            await services.inbound_webhooks.delete(tenant, webhook, actor=operator(by))

    run_async(delete_webhook())
    print(f"deleted {webhook}")


def _print_secret(signed: SignedInbound, *, as_json: bool) -> None:
    if as_json:
        show_json({"webhook": signed.webhook, "path": signed.webhook.path, "secret": signed.secret})
    else:
        print(f"inbound webhook {signed.webhook.id}\npath {signed.webhook.path}\nsecret {signed.secret}")
