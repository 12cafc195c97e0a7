"""`python -m control_plane notices`: send a tenant's events to people, in Slack and by e-mail."""

from typing import Annotated

import typer

from control_plane.apps import event_types as types_of_applications
from control_plane.cli.options import AsJson, By, Tenant, backends, operator
from control_plane.cli.output import show_json, show_lines
from control_plane.cli.subscription_commands import add_commands, list_kinds, state_of
from control_plane.settings import read_settings
from services.process.terminal import run_async
from services.subscriptions import Subscription, SubscriptionKind

app = typer.Typer(no_args_is_help=True, help="Send a tenant's events to people, in Slack and by e-mail.")

KINDS = (SubscriptionKind.SLACK, SubscriptionKind.EMAIL)
EventTypes = Annotated[
    list[str],
    typer.Argument(help="Type of event such as approval.requested, or approval.* for all types that begin so."),
]
Description = Annotated[str, typer.Option(help="What the notice is for.")]


@app.command("list", epilog="Example: python -m control_plane notices list --tenant UUID")
def list_command(tenant: Tenant, as_json: AsJson = False) -> None:
    """List the notices of a tenant with their targets and event types."""
    found = run_async(list_kinds(tenant, KINDS))
    if as_json:
        show_json(found)
        return
    show_lines(
        [
            (n.id, n.kind.value, n.target, n.via or "", " ".join(n.event_types), state_of(n), (n.disabled_reason,))
            for n in found
        ],
        empty="no notices",
    )


@app.command(epilog="Example: python -m control_plane notices slack acme C012AB3CD 'approval.*' --tenant UUID")
def slack(
    slack_app: Annotated[str, typer.Argument(help="Name of the Slack app in ACP_SLACK_APPS.")],
    channel: Annotated[str, typer.Argument(help="Id of the Slack channel.")],
    event_types: EventTypes,
    tenant: Tenant,
    *,
    description: Description = "",
    by: By = "operator",
    as_json: AsJson = False,
) -> None:
    """Post events to a Slack channel from now on."""
    from services.subscribe import subscribe_slack  # noqa: PLC0415  # loads every service

    async def subscribe_channel() -> Subscription:
        apps = {name: settings.tenant_id for name, settings in read_settings().known_slack_apps.items()}
        async with backends() as services:
            return await subscribe_slack(
                services, tenant, slack_app, channel, event_types, apps=apps, description=description,
                actor=operator(by), more_types=types_of_applications(),
            )  # fmt: skip

    _print_notice(run_async(subscribe_channel()), as_json=as_json)


@app.command(
    epilog="Example: python -m control_plane notices email ann@acme.example,bob@acme.example 'approval.*' --tenant UUID"
)
def email(
    addresses: Annotated[str, typer.Argument(help="Addresses, separated by commas.")],
    event_types: EventTypes,
    tenant: Tenant,
    *,
    description: Description = "",
    by: By = "operator",
    as_json: AsJson = False,
) -> None:
    """Send e-mail about events from now on, at most one e-mail a minute."""
    from services.subscribe import subscribe_email  # noqa: PLC0415

    async def subscribe_addresses() -> Subscription:
        async with backends() as services:
            return await subscribe_email(
                services, tenant, addresses.split(","), event_types, server=read_settings().notice_server,
                description=description, actor=operator(by), more_types=types_of_applications(),
            )  # fmt: skip

    _print_notice(run_async(subscribe_addresses()), as_json=as_json)


add_commands(app, "notices", "notice", KINDS)


def _print_notice(notice: Subscription, *, as_json: bool) -> None:
    if as_json:
        show_json(notice)
    else:
        print(f"notice {notice.id}")
