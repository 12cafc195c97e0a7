"""`python -m control_plane webhooks`: send a tenant's events to URLs."""

from typing import Annotated
from uuid import UUID

import typer

from control_plane.apps import event_types as types_of_applications
from control_plane.cli.options import AsJson, By, Tenant, backends, operator
from control_plane.cli.output import show_json, show_lines
from control_plane.cli.subscription_commands import add_commands, list_kinds, require_kind, state_of
from control_plane.settings import read_settings
from services.process.terminal import run_async
from services.subscriptions import Subscription, SubscriptionKind

app = typer.Typer(no_args_is_help=True, help="Send a tenant's events to URLs, signed.")

KINDS = (SubscriptionKind.WEBHOOK,)
Id = Annotated[UUID, typer.Argument(metavar="WEBHOOK", help="Id of the webhook.")]


@app.command("list", epilog="Example: python -m control_plane webhooks list --tenant UUID")
def list_command(tenant: Tenant, as_json: AsJson = False) -> None:
    """List the webhooks of a tenant."""

    found = run_async(list_kinds(tenant, KINDS))
    if as_json:
        show_json(found)
        return
    show_lines(
        [(w.id, w.target, " ".join(w.event_types), state_of(w), (w.disabled_reason,)) for w in found],
        empty="no webhooks",
    )


@app.command(epilog="Example: python -m control_plane webhooks create https://example.com/h 'approval.*' --tenant UUID")
def create(
    url: Annotated[str, typer.Argument(help="URL to which the events are sent.")],
    event_types: Annotated[
        list[str],
        typer.Argument(help="Type of event such as envelope.failed, or envelope.* for all types that begin so."),
    ],
    tenant: Tenant,
    *,
    description: Annotated[str, typer.Option(help="What the webhook is for.")] = "",
    by: By = "operator",
    as_json: AsJson = False,
) -> None:
    """Send events to a URL from now on. Prints the signing secret, which is not shown again."""
    from services.subscribe import SignedSubscription, subscribe_webhook  # noqa: PLC0415  # loads every service

    async def create_webhook() -> SignedSubscription:
        async with backends() as services:
            return await subscribe_webhook(
                services, tenant, url, event_types, description=description, key=read_settings().webhook_key_text,
                actor=operator(by), more_types=types_of_applications(),
            )  # fmt: skip

    created = run_async(create_webhook())
    _print_secret(created.subscription, created.secret, as_json=as_json)


@app.command("rotate-secret", epilog="Example: python -m control_plane webhooks rotate-secret UUID --tenant UUID")
def rotate_secret(webhook: Id, tenant: Tenant, by: By = "operator", as_json: AsJson = False) -> None:
    """Create a new secret. For 24 hours, each delivery is also signed with the old secret."""
    from services.rotate_webhook_secret import rotate_webhook_secret  # noqa: PLC0415
    from services.subscribe import SignedSubscription  # noqa: PLC0415

    async def create_secret() -> SignedSubscription:
        async with backends() as services:
            await require_kind(services, tenant, webhook, "webhook", KINDS)
            return await rotate_webhook_secret(
                services, tenant, webhook, key=read_settings().webhook_key_text, actor=operator(by)
            )

    rotated = run_async(create_secret())
    _print_secret(rotated.subscription, rotated.secret, as_json=as_json)


add_commands(app, "webhooks", "webhook", KINDS)


def _print_secret(webhook: Subscription, secret: str, *, as_json: bool) -> None:
    if as_json:
        show_json({"webhook": webhook, "secret": secret})
    else:
        print(f"webhook {webhook.id}\nsecret {secret}")
