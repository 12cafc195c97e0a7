"""`python -m control_plane token`: make a JWT for the local stack, and see whose one is."""

import re
import sys
from collections.abc import Callable
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID, uuid4

import typer

from control_plane.cli.answers import show_json
from control_plane.settings import Settings, read_settings
from services.clock import utc_now
from services.errors import InvalidInput, NotReady, SettingsError
from services.process import terminal

if TYPE_CHECKING:
    from services.database.rest.keys import Keys

app = typer.Typer(no_args_is_help=True, help="Make a JWT for the local stack; verify one and say whose it is.")

LOCAL_URL = "http://127.0.0.1:54321"
SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


class Role(StrEnum):
    """Who a token may be for; what each may do is in the roles page."""

    AUTHENTICATED = "authenticated"
    OUTBOX_WORKER = "outbox_worker"


@app.command(epilog="Example: python -m control_plane token mint --tenant UUID --for 8h")
def mint(
    tenant: Annotated[UUID, typer.Option("--tenant", help="Whose rows it opens.")],
    subject: Annotated[UUID | None, typer.Option("--sub", help="The user; a new one if left out.")] = None,
    role: Annotated[Role, typer.Option("--role", help="What the database lets it do.")] = Role.AUTHENTICATED,
    lives_for: Annotated[str, typer.Option("--for", help="How long it counts: 90s, 30m, 1h, 7d.")] = "1h",
) -> None:
    """Print a JWT as Supabase Auth would issue it, for the local stack or the project of SUPABASE_JWT_SECRET.

    Other projects issue their own: sign in there.
    """
    settings = read_settings()
    sign = _signer(settings)
    now = utc_now()
    typer.echo(
        sign(
            {
                "iss": f"{settings.supabase_url or LOCAL_URL}/auth/v1",
                "aud": "authenticated",
                "sub": str(subject or uuid4()),
                "role": role.value,
                "tenant_id": str(tenant),
                "iat": now,
                "exp": now + _span(lives_for),
            }
        )
    )


@app.command(epilog="Example: python -m control_plane token verify - --json < token.txt")
def verify(
    token: Annotated[str, typer.Argument(help="The JWT, or - for stdin, where no list of processes shows it.")],
    as_json: Annotated[bool, typer.Option("--json", help="Answer as JSON on stdout.")] = False,
) -> None:
    """Say whom a JWT speaks for, or why it counts for nothing; exits with 1 then."""
    from control_plane.auth import make_verifier  # noqa: PLC0415

    settings = read_settings()
    if settings.supabase_url is None:
        settings = settings.model_copy(update={"supabase_url": LOCAL_URL})
    given = sys.stdin.read() if token == "-" else token  # noqa: S105  # no password
    caller = terminal.run_async(make_verifier(settings).verify(given.strip()))
    if as_json:
        show_json(caller)
    else:
        print(
            f"tenant {caller.tenant_id}  {caller.role} {caller.subject}  until {caller.expires_at:%Y-%m-%d %H:%M} UTC"
        )


def _signer(settings: Settings) -> Callable[[dict[str, Any]], str]:
    import jwt  # noqa: PLC0415  # other commands need neither

    from services.database.rest.keys import find_keys  # noqa: PLC0415

    stack = find_keys(settings.data_dir)
    secret = settings.supabase_jwt_secret
    if settings.jwt_mode == "jwks" and stack and _is_ours(stack, settings):
        return stack.sign
    if secret and settings.supabase_url:
        return lambda claims: jwt.encode(claims, secret.get_secret_value(), algorithm="HS256")
    if settings.supabase_url:
        raise SettingsError("SUPABASE_JWT_SECRET: missing: no other project's tokens can be made here without it")
    raise NotReady("there is no local stack here yet: run: python -m control_plane db up --with-rest")


def _is_ours(stack: "Keys", settings: Settings) -> bool:
    """Whether the settings mean the local stack, whose keys nobody else has."""
    given = {key.get_secret_value() for key in settings.api_keys()}
    return settings.supabase_url is None or not given.isdisjoint(stack.jwt_of())


def _span(text: str) -> timedelta:
    parts = re.fullmatch(r"(\d{1,6})([smhd])", text)
    if not parts:
        raise InvalidInput("--for", "must be a number and a unit, such as 90s, 30m, 1h or 7d")
    return timedelta(seconds=int(parts[1]) * SECONDS[parts[2]])
