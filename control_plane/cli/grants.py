"""`python -m control_plane grants`: allow some calls in advance, without an approval of each."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

import typer

from control_plane.cli.options import AsJson, By, Reason, Tenant, backends, operator
from control_plane.cli.output import show_json, show_lines
from control_plane.strict_json import parse_object
from services.grants import MAX_GRANT_TIME, Grant, GrantUse
from services.process.terminal import run_async

app = typer.Typer(no_args_is_help=True, help="Allow some calls in advance, without an approval of each.")

GrantId = Annotated[UUID, typer.Argument(metavar="GRANT", help="Id of the grant, as `list` shows it.")]


@app.command("list", epilog="Example: python -m control_plane grants list --tenant UUID")
def list_command(
    tenant: Tenant,
    *,
    ended: Annotated[bool, typer.Option("--ended", help="Also list grants that were revoked or have expired.")] = False,
    as_json: AsJson = False,
) -> None:
    """List the grants of a tenant, the newest first, with how often each was used."""

    async def read() -> list[Grant]:
        async with backends() as services:
            await services.tenants.get(tenant)  # raises for an unknown tenant
            return await services.grants.list_grants(tenant, ended=ended)

    found = run_async(read())
    if as_json:
        show_json(found)
        return
    rows = [
        (
            g.id,
            g.tools,
            _account_text(g),
            _end_text(g),
            f"used {g.use_count} times",
            f"by {g.issued_by}",
            _notes_on_grant(g),
        )
        for g in found
    ]
    show_lines(rows, empty="no grants")


@app.command(epilog="Example: python -m control_plane grants uses GRANT --tenant UUID")
def uses(
    grant: GrantId,
    tenant: Tenant,
    *,
    limit: Annotated[int, typer.Option("--limit", min=1, max=10_000, help="Maximum number of calls.")] = 50,
    as_json: AsJson = False,
) -> None:
    """List the calls that a grant allowed, the newest first, as long as settled envelopes are kept."""

    async def read() -> list[GrantUse]:
        async with backends() as services:
            return await services.grants.list_uses(tenant, grant, limit=limit)

    found = run_async(read())
    if as_json:
        show_json(found)
        return
    rows = [(_time_text(use.used_at), use.envelope_id, use.tool_slug, use.external_id) for use in found]
    show_lines(rows, empty="no uses")


@app.command(
    epilog="Example: python -m control_plane grants add ORDERS__refund --tenant UUID --hours 8"
    ' --if \'{"argument": "amount", "below": 100}\' --by maria'
)
def add(
    tools: Annotated[str, typer.Argument(help="Slug of a tool. * stands for any characters.")],
    tenant: Tenant,
    *,
    hours: Annotated[float, typer.Option(help=f"Lifetime of the grant in hours; at most {MAX_GRANT_TIME.days * 24}.")],
    account: Annotated[
        UUID | None,
        typer.Option(
            help="Connected account that the calls use; without it, the grant is for calls that use no account."
        ),
    ] = None,
    condition: Annotated[
        list[str] | None,
        typer.Option("--if", help="A condition on the arguments, as in approval rules. Repeatable."),
    ] = None,
    reason: Reason = None,
    by: By = "operator",
) -> None:
    """Allow matching calls without an approval, from the next claim on. All other guardrails still judge them.

    A grant never allows calls that its issuer has proposed, or that two people have to approve.
    """
    from services.issue_grant import issue_grant  # noqa: PLC0415  # loads every service

    conditions = [_parse_condition(text) for text in condition or ()]

    async def add_grant() -> Grant:
        async with backends() as services:
            return await issue_grant(
                services, tenant, tools=tools, account_id=account, arguments=conditions, lasts_for=_span(hours),
                reason=reason, actor=operator(by),
            )  # fmt: skip

    grant = run_async(add_grant())
    print(f"added grant {grant.id} for {grant.tools} {_account_text(grant)}, {_end_text(grant)}")


@app.command(epilog="Example: python -m control_plane grants revoke GRANT --tenant UUID --by maria")
def revoke(
    grant: GrantId,
    tenant: Tenant,
    reason: Reason = None,
    by: By = "operator",
) -> None:
    """Revoke a grant: it allows no call that is claimed later."""

    async def revoke_grant() -> Grant:
        async with backends() as services:
            return await services.grants.revoke(tenant, grant, actor=operator(by), reason=reason)

    revoked = run_async(revoke_grant())
    print(f"revoked grant {grant} (used {revoked.use_count} times)")


def _parse_condition(text: str) -> Mapping[str, Any]:
    return parse_object(text, name="--if")


def _span(hours: float) -> timedelta:
    """The hours as a timedelta, cut to a range that a timedelta can hold. The cut values are refused later."""
    return timedelta(hours=max(0.0, min(hours, 10_000.0)))


def _account_text(grant: Grant) -> str:
    return "without an account" if grant.account_id is None else f"on account {grant.account_id}"


def _end_text(grant: Grant) -> str:
    if grant.revoked_at is not None:
        return f"revoked {_time_text(grant.revoked_at)} by {grant.revoked_by}"
    return f"until {_time_text(grant.expires_at)}"


def _notes_on_grant(grant: Grant) -> tuple[str | None, ...]:
    conditions = [
        " ".join(
            [
                str(condition.get("argument")),
                *(f"{test} {value}" for test, value in condition.items() if test != "argument"),
            ]
        )
        for condition in grant.arguments
    ]
    return (*conditions, grant.reason, grant.unreadable)


def _time_text(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
