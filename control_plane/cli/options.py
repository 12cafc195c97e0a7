"""Options that several commands have, and what their values mean."""

from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

import typer

from control_plane.settings import read_settings
from services.backends import Backends
from services.backends.open import open_backends
from services.envelope import Actor, ActorType, Door
from services.errors import InvalidInput

Tenant = Annotated[UUID, typer.Option("--tenant", help="Id of the tenant.")]
AnyTenant = Annotated[UUID | None, typer.Option("--tenant", help="Only this tenant.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON to stdout.")]
By = Annotated[str, typer.Option("--by", help="Your name, for the audit log.", envvar="USER")]
Reason = Annotated[str | None, typer.Option("--reason", help="Your reason, for the audit log.")]


def backends() -> AbstractAsyncContextManager[Backends]:
    """Open the backends that the settings select."""
    return open_backends(read_settings().chosen_database())


def operator(name: str) -> Actor:
    """The actor for a command with `--by NAME`."""
    return Actor(type=ActorType.OPERATOR, id=name, door=Door.CLI)


def parse_time(option: str, text: str | None) -> datetime | None:
    """The time that an option names; without an offset it is in UTC. Raises InvalidInput that names the option."""
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as exc:
        raise InvalidInput(option, "must be a time such as 2026-01-31 or 2026-01-31T08:00:00+01:00") from exc
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
