"""`python -m control_plane webhooks`: send a tenant's events to URLs."""

from typing import Annotated
from uuid import UUID, uuid4

import typer

from control_plane.cli.options import AsJson, By, Tenant, backends, operator
from control_plane.cli.output import show_json, show_lines
from control_plane.settings import read_settings
from services.backends import Backends
from services.errors import NotFound
from services.process.terminal import run_async
from services.subscriptions import Subscription, SubscriptionKind

app = typer.Typer(no_args_is_help=True, help="Send a tenant's events to URLs, signed.")

Id = Annotated[UUID, typer.Argument(metavar="WEBHOOK", help="Id of the webhook.")]


@app.command("list", epilog="Example: python -m control_plane webhooks list --tenant UUID")
def list_command(tenant: Tenant, as_json: AsJson = False) -> None:
    """List the webhooks of a tenant."""

    async def read() -> list[Subscription]:
        async with backends() as services:
            return [
                subscription
                for subscription in await services.subscriptions.list_subscriptions(tenant)
                if _is_webhook(subscription)
            ]

    found = run_async(read())
    if as_json:
        show_json(found)
        return
    show_lines(
        [(w.id, w.target, " ".join(w.event_types), _state_of(w), (w.disabled_reason,)) for w in found],
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
    """Send events to a URL from now on. Prints the signing secret, which is shown this once."""
    from services.subscribe import SignedSubscription, subscribe_webhook  # noqa: PLC0415  # loads every service

    async def save() -> SignedSubscription:
        async with backends() as services:
            return await subscribe_webhook(
                services, tenant, url, event_types, description=description, key=read_settings().webhook_key_text,
                actor=operator(by),
            )  # fmt: skip

    created = run_async(save())
    _show(created.subscription, created.secret, as_json=as_json)


@app.command("rotate-secret", epilog="Example: python -m control_plane webhooks rotate-secret UUID --tenant UUID")
def rotate_secret(webhook: Id, tenant: Tenant, by: By = "operator", as_json: AsJson = False) -> None:
    """Create a new secret. For 24 hours, each delivery is also signed with the old secret."""
    from services.rotate_webhook_secret import rotate_webhook_secret  # noqa: PLC0415
    from services.subscribe import SignedSubscription  # noqa: PLC0415

    async def save() -> SignedSubscription:
        async with backends() as services:
            await _require(services, tenant, webhook)
            return await rotate_webhook_secret(
                services, tenant, webhook, key=read_settings().webhook_key_text, actor=operator(by)
            )

    rotated = run_async(save())
    _show(rotated.subscription, rotated.secret, as_json=as_json)


@app.command(epilog="Example: python -m control_plane webhooks enable UUID --tenant UUID")
def enable(webhook: Id, tenant: Tenant, by: By = "operator") -> None:
    """Send events to a disabled webhook again, from the first one that it has not received."""

    async def save() -> None:
        async with backends() as services:
            await _require(services, tenant, webhook)
            await services.subscriptions.enable(tenant, webhook, actor=operator(by))

    run_async(save())
    print(f"enabled {webhook}")


@app.command("test", epilog="Example: python -m control_plane webhooks test UUID --tenant UUID")
def send_test(webhook: Id, tenant: Tenant, by: By = "operator") -> None:
    """Send a test event."""
    envelope = uuid4()

    async def save() -> None:
        async with backends() as services:
            await _require(services, tenant, webhook)
            await services.subscriptions.test(tenant, webhook, envelope, actor=operator(by))

    run_async(save())
    print(f"enqueued: envelope {envelope}")


@app.command(epilog="Example: python -m control_plane webhooks delete UUID --tenant UUID")
def delete(webhook: Id, tenant: Tenant, by: By = "operator") -> None:
    """Delete a webhook. Waiting deliveries are cancelled."""

    async def save() -> None:
        async with backends() as services:
            await _require(services, tenant, webhook)
            await services.subscriptions.delete(tenant, webhook, actor=operator(by))

    run_async(save())
    print(f"deleted {webhook}")


async def _require(services: Backends, tenant: UUID, webhook: UUID) -> None:
    """Raise NotFound if there is no such webhook, also for a subscription of another kind."""
    found = await services.subscriptions.list_subscriptions(tenant)
    if all(subscription.id != webhook for subscription in found if _is_webhook(subscription)):
        raise NotFound("webhook", webhook)


def _is_webhook(subscription: Subscription) -> bool:
    return subscription.kind is SubscriptionKind.WEBHOOK


def _state_of(webhook: Subscription) -> str:
    return "enabled" if webhook.disabled_at is None else f"disabled since {webhook.disabled_at:%Y-%m-%d %H:%M} UTC"


def _show(webhook: Subscription, secret: str, *, as_json: bool) -> None:
    if as_json:
        show_json({"webhook": webhook, "secret": secret})
    else:
        print(f"webhook {webhook.id}\nsecret {secret}")
