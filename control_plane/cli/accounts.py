"""`python -m control_plane accounts`: through whose login a tenant's tools act."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID, uuid4

import typer

from control_plane.cli.answers import backends, show_json, show_lines
from services.accounts import Account
from services.clock import utc_now
from services.errors import NotFound
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
            await services.outbox.status(tenant)  # an unknown tenant is a mistake, not an empty list
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
    account = Account(
        id=uuid4(),
        tenant_id=tenant,
        provider=provider,
        status="connected",
        scopes=tuple(scope or ()),
        linked_at=utc_now(),
        expires_at=expires_at if expires_at is None or expires_at.tzinfo else expires_at.replace(tzinfo=UTC),
        metadata={} if composio_id is None else {"composio_id": composio_id},
    )

    async def save() -> None:
        async with backends() as services:
            await services.accounts.save(account, by=by)

    run_async(save())
    print(account.id)


@app.command("set", epilog="Example: python -m control_plane accounts set ACCOUNT --tenant UUID --status revoked")
def set_command(
    account: Annotated[UUID, typer.Argument(metavar="ACCOUNT", help="Its id, as `list` shows it.")],
    tenant: TenantId,
    status: Annotated[str, typer.Option(help="pending, connected, expiring, expired, revoked or error.")],
    by: By = "operator",
) -> None:
    """Change an account's status: an unhealthy one parks its envelopes, a revoked one denies those that name it."""

    async def save() -> None:
        async with backends() as services:
            known = {a.id: a for a in await services.accounts.list_accounts(tenant)}
            if account not in known:
                raise NotFound("account", account, f"no {account} of this tenant")
            await services.accounts.save(replace(known[account], status=status), by=by)

    run_async(save())
    print(f"{account} is {status}")
