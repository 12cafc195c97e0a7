"""Options that several commands have, and what their values mean."""

from contextlib import AbstractAsyncContextManager
from typing import Annotated
from uuid import UUID

import typer

from control_plane.settings import read_settings
from services.backends import Backends
from services.backends.open import open_backends
from services.envelope import Actor, ActorType, Door

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
