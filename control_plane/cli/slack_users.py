"""`python -m control_plane slack-users`: store which person each Slack user is."""

from typing import Annotated

import typer

from control_plane.cli.options import AsJson, By, Tenant, backends, operator
from control_plane.cli.output import show_json, show_lines
from control_plane.settings import read_settings
from services.process.terminal import run_async
from services.subscriptions.slack_users import SlackUser

app = typer.Typer(
    no_args_is_help=True, help="Store which person each Slack user is, so that this person can decide in Slack."
)

App = Annotated[str, typer.Argument(help="Name of the Slack app in ACP_SLACK_APPS.")]
Who = Annotated[str, typer.Argument(metavar="SLACK_USER", help="Id of the Slack user, such as U012AB3CD.")]


@app.command("list", epilog="Example: python -m control_plane slack-users list --tenant UUID")
def list_command(tenant: Tenant, as_json: AsJson = False) -> None:
    """List the Slack users of a tenant who may decide."""

    async def read() -> list[SlackUser]:
        async with backends() as services:
            return await services.slack_users.list_users(tenant)

    found = run_async(read())
    if as_json:
        show_json(found)
        return
    show_lines([(user.app, user.slack_user_id, user.user_id, user.created_by) for user in found], empty="no users")


@app.command("set", epilog="Example: python -m control_plane slack-users set acme U012AB3CD USER --tenant UUID")
def set_command(
    slack_app: App,
    slack_user: Who,
    user: Annotated[str, typer.Argument(help="Subject (`sub`) of the person's JWT.")],
    tenant: Tenant,
    by: By = "operator",
) -> None:
    """Let a Slack user decide as this person, with the role reviewer. Replaces an earlier entry."""
    from services.subscribe import check_slack_app  # noqa: PLC0415  # loads every service

    async def save_user() -> None:
        apps = {name: settings.tenant_id for name, settings in read_settings().known_slack_apps.items()}
        check_slack_app(slack_app, tenant, apps)
        async with backends() as services:
            await services.slack_users.save(tenant, slack_app, slack_user, user_id=user, actor=operator(by))

    run_async(save_user())
    print(f"{slack_user} is {user}")


@app.command(epilog="Example: python -m control_plane slack-users remove acme U012AB3CD --tenant UUID")
def remove(slack_app: App, slack_user: Who, tenant: Tenant, by: By = "operator") -> None:
    """Remove a Slack user, who can then no longer decide."""

    async def delete_user() -> None:
        async with backends() as services:
            await services.slack_users.delete(tenant, slack_app, slack_user, actor=operator(by))

    run_async(delete_user())
    print(f"removed {slack_user}")
