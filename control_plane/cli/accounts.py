"""`python -m control_plane accounts`: through whose login a tenant's tools act."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import typer

from control_plane.cli.answers import backends, operator, show_json, show_lines
from services.accounts import Account, AccountStatus
from services.link_account import link_account, set_account_status
from services.process.terminal import run_async

app = typer.Typer(no_args_is_help=True, help="List and link a tenant's connected accounts.")

TenantId = Annotated[UUID, typer.Option("--tenant", help="Whose accounts.")]
By = Annotated[str, typer.Option("--by", envvar="USER", help="Who asks; the audit log names them.")]


@app.command("list", epilog="Example: python -m control_plane accounts list --tenant UUID")
def list_command(
    tenant: TenantId, as_json: Annotated[bool, typer.Option("--json", help="Answer as JSON on stdout.")] = False
) -> None:
    """The newest link first."""

    async def ask() -> list[Account]:
        async with backends() as services:
            await services.tenants.get(tenant)  # an unknown tenant is a mistake, not an empty list
            return await services.accounts.list_accounts(tenant)

    accounts = run_async(ask())
    if as_json:
        show_json(accounts)
        return
    show_lines([(a.id, a.provider, a.status, ", ".join(a.scopes), (a.problem,)) for a in accounts], empty="no accounts")


@app.command(epilog="Example: python -m control_plane accounts link slack --tenant UUID --scope SLACK.CHAT:WRITE")
def link(
    *,
    provider: Annotated[str, typer.Argument(help="The toolkit it belongs to, such as slack.")],
    tenant: TenantId,
    scope: Annotated[list[str] | None, typer.Option("--scope", help="What it grants; may be given again.")] = None,
    expires_at: Annotated[datetime | None, typer.Option(help="When its login runs out; UTC unless it says.")] = None,
    composio_id: Annotated[str | None, typer.Option(help="What Composio calls it; its health is asked there.")] = None,
    by: By = "operator",
) -> None:
    """Note that an account was connected, and print its id; what waited for it goes on, and scans read through it."""

    async def save() -> Account:
        async with backends() as services:
            return await link_account(
                services, tenant, provider, scopes=scope or (), expires_at=expires_at, composio_id=composio_id,
                actor=operator(by),
            )  # fmt: skip

    print(run_async(save()).id)


@app.command("set", epilog="Example: python -m control_plane accounts set ACCOUNT --tenant UUID --status revoked")
def set_command(
    account: Annotated[UUID, typer.Argument(metavar="ACCOUNT", help="Its id, as `list` shows it.")],
    tenant: TenantId,
    status: Annotated[AccountStatus, typer.Option(help="How it stands from now on.")],
    by: By = "operator",
) -> None:
    """Change an account's status: an unhealthy one parks its envelopes, a revoked one denies those that name it."""

    async def save() -> None:
        async with backends() as services:
            await set_account_status(services, tenant, account, status, actor=operator(by))

    run_async(save())
    print(f"{account} is {status}")
