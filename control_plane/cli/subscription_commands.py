"""The commands that webhooks and notices share: enable, test and delete a subscription."""

from collections.abc import Collection
from typing import Annotated
from uuid import UUID, uuid4

import typer

from control_plane.cli.options import By, Tenant, backends, operator
from services.backends import Backends
from services.errors import NotFound
from services.process.terminal import run_async
from services.subscriptions import Subscription, SubscriptionKind


def add_commands(app: typer.Typer, group: str, noun: str, kinds: Collection[SubscriptionKind]) -> None:
    """Add the commands `enable`, `test` and `delete` to `app`, for subscriptions of these kinds."""
    id_type = Annotated[UUID, typer.Argument(help=f"Id of the {noun}.")]

    def example(command: str) -> str:
        return f"Example: python -m control_plane {group} {command} UUID --tenant UUID"

    @app.command(
        help=f"Send events to a disabled {noun} again, from the first one that it has not received.",
        epilog=example("enable"),
    )
    def enable(subscription: id_type, tenant: Tenant, by: By = "operator") -> None:
        async def enable_subscription() -> None:
            async with backends() as services:
                await require_kind(services, tenant, subscription, noun, kinds)
                await services.subscriptions.enable(tenant, subscription, actor=operator(by))

        run_async(enable_subscription())
        print(f"enabled {subscription}")

    @app.command("test", help="Send a test event.", epilog=example("test"))
    def send_test(subscription: id_type, tenant: Tenant, by: By = "operator") -> None:
        envelope = uuid4()

        async def send_test_event() -> None:
            async with backends() as services:
                await require_kind(services, tenant, subscription, noun, kinds)
                await services.subscriptions.test(tenant, subscription, envelope, actor=operator(by))

        run_async(send_test_event())
        print(f"enqueued: envelope {envelope}")

    @app.command(help=f"Delete a {noun}. Waiting deliveries are cancelled.", epilog=example("delete"))
    def delete(subscription: id_type, tenant: Tenant, by: By = "operator") -> None:
        async def delete_subscription() -> None:
            async with backends() as services:
                await require_kind(services, tenant, subscription, noun, kinds)
                await services.subscriptions.delete(tenant, subscription, actor=operator(by))

        run_async(delete_subscription())
        print(f"deleted {subscription}")


async def list_kinds(tenant: UUID, kinds: Collection[SubscriptionKind]) -> list[Subscription]:
    """The tenant's subscriptions of these kinds."""
    async with backends() as services:
        return [
            subscription
            for subscription in await services.subscriptions.list_subscriptions(tenant)
            if subscription.kind in kinds
        ]


async def require_kind(
    services: Backends, tenant: UUID, id_: UUID, noun: str, kinds: Collection[SubscriptionKind]
) -> None:
    """Raise NotFound if there is no such subscription of these kinds."""
    found = await services.subscriptions.list_subscriptions(tenant)
    if all(subscription.id != id_ or subscription.kind not in kinds for subscription in found):
        raise NotFound(noun, id_)


def state_of(subscription: Subscription) -> str:
    """Whether the subscription is enabled, as text."""
    at = subscription.disabled_at
    return "enabled" if at is None else f"disabled since {at:%Y-%m-%d %H:%M} UTC"
