"""`python -m control_plane token`: mint and verify JWTs."""

import sys
from dataclasses import asdict
from enum import StrEnum
from typing import Annotated
from uuid import UUID

import typer

from control_plane.cli.options import AsJson, parse_duration
from control_plane.cli.output import show_json
from control_plane.minting import mint_jwt
from control_plane.settings import LOCAL_URL, read_settings
from services.errors import InvalidInput
from services.process import terminal

app = typer.Typer(no_args_is_help=True, help="Mint a JWT for the local stack, and verify JWTs.")


class Role(StrEnum):
    """A database role that a JWT may have."""

    AUTHENTICATED = "authenticated"
    OUTBOX_WORKER = "outbox_worker"


class UserRole(StrEnum):
    """A role of a user within a tenant. Agents get theirs from an API token."""

    OWNER = "owner"
    REVIEWER = "reviewer"
    MEMBER = "member"


@app.command(epilog="Example: python -m control_plane token mint --tenant UUID --for 8h")
def mint(  # noqa: PLR0917  # options
    tenant: Annotated[UUID | None, typer.Option("--tenant", help="Id of the tenant.")] = None,
    tenant_role: Annotated[
        UserRole, typer.Option("--tenant-role", help="The user's role within the tenant.")
    ] = UserRole.MEMBER,
    is_operator: Annotated[
        bool, typer.Option("--operator", help="Mint a JWT for an operator, who has no tenant.")
    ] = False,
    subject: Annotated[UUID | None, typer.Option("--sub", help="Id of the user; random if omitted.")] = None,
    role: Annotated[Role, typer.Option("--role", help="Database role of the JWT.")] = Role.AUTHENTICATED,
    lives_for: Annotated[
        str, typer.Option("--for", help="Time until the JWT expires, such as 90s, 30m, 1h or 7d.")
    ] = "1h",
) -> None:
    """Print a JWT in the format of Supabase Auth, for the local stack or the project of SUPABASE_JWT_SECRET.

    For any other project, sign in there to get a JWT.
    """
    if (tenant is None) is not is_operator:
        raise InvalidInput("--tenant", "give either --tenant or --operator")
    typer.echo(
        mint_jwt(
            read_settings(), tenant=tenant, tenant_role=tenant_role, subject=subject, role=role,
            lives_for=parse_duration("--for", lives_for),
        )
    )  # fmt: skip


@app.command(epilog="Example: python -m control_plane token verify - --json < token.txt")
def verify(
    token: Annotated[
        str, typer.Argument(help="The JWT, or - to read it from stdin, which keeps it out of the process list.")
    ],
    as_json: AsJson = False,
) -> None:
    """Verify a JWT and print its tenant, role, user and expiry. Exits with 1 if it is invalid."""
    from control_plane.auth import make_verifier  # noqa: PLC0415

    settings = read_settings()
    if settings.supabase_url is None:
        settings = settings.model_copy(update={"supabase_url": LOCAL_URL})
    text = sys.stdin.read() if token == "-" else token  # noqa: S105  # not a password
    caller = terminal.run_async(make_verifier(settings).verify(text.strip()))
    if as_json:
        show_json({field: value for field, value in asdict(caller).items() if field != "claims"})
    else:
        whose = "operator" if caller.is_operator else f"tenant {caller.tenant_id}  {caller.tenant_role}"
        print(f"{whose}  {caller.role} {caller.subject}  until {caller.expires_at:%Y-%m-%d %H:%M} UTC")
