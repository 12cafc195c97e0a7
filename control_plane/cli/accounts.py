"""`python -m control_plane accounts`: the connected accounts of a tenant."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import typer

from control_plane.cli.options import AsJson, By, Tenant, backends, operator
from control_plane.cli.output import show_json, show_lines
from services.accounts import Account, AccountStatus
from services.link_account import link_account, set_account_status
from services.process.terminal import run_async

app = typer.Typer(no_args_is_help=True, help="List and link a tenant's connected accounts.")


@app.command("list", epilog="Example: python -m control_plane accounts list --tenant UUID")
def list_command(tenant: Tenant, as_json: AsJson = False) -> None:
    """List a tenant's connected accounts, the most recently linked first."""

    async def read() -> list[Account]:
        async with backends() as services:
            await services.tenants.get(tenant)  # raises NotFound for an unknown tenant
            return await services.accounts.list_accounts(tenant)

    accounts = run_async(read())
    if as_json:
        show_json(accounts)
        return
    show_lines([(a.id, a.provider, a.status, ", ".join(a.scopes), (a.problem,)) for a in accounts], empty="no accounts")


@app.command(epilog="Example: python -m control_plane accounts link slack --tenant UUID --scope SLACK.CHAT:WRITE")
def link(
    *,
    provider: Annotated[str, typer.Argument(help="Toolkit that uses the account, such as slack.")],
    tenant: Tenant,
    scope: Annotated[
        list[str] | None, typer.Option("--scope", help="Scope that the account grants; repeatable.")
    ] = None,
    expires_at: Annotated[
        datetime | None, typer.Option(help="When the login expires. A time without an offset is in UTC.")
    ] = None,
    login_id: Annotated[
        str | None,
        typer.Option("--login-id", "--composio-id", help="Id of the account at Composio, where its health is checked."),
    ] = None,
    by: By = "operator",
) -> None:
    """Add a connected account and print its id.

    Envelopes that waited for such an account continue, and scans read its data.
    """

    async def add_account() -> Account:
        async with backends() as services:
            return await link_account(
                services, tenant, provider, scopes=scope or (), expires_at=expires_at, login_id=login_id,
                actor=operator(by),
            )  # fmt: skip

    print(run_async(add_account()).id)


@app.command("set", epilog="Example: python -m control_plane accounts set ACCOUNT --tenant UUID --status revoked")
def set_command(
    account: Annotated[UUID, typer.Argument(metavar="ACCOUNT", help="Id of the account, as `list` shows it.")],
    tenant: Tenant,
    status: Annotated[AccountStatus, typer.Option(help="The new status.")],
    by: By = "operator",
) -> None:
    """Change the status of an account.

    Envelopes of an unhealthy account are held. Envelopes that name a revoked account are denied.
    """

    async def change_status() -> None:
        async with backends() as services:
            await set_account_status(services, tenant, account, status, actor=operator(by))

    run_async(change_status())
    print(f"{account} is {status}")
