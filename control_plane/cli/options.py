"""Options that several commands have, and what their values mean."""

import re
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from typing import Annotated
from uuid import UUID

import typer

from control_plane.settings import read_settings
from services.backends import Backends
from services.backends.open import open_backends
from services.clock import utc_now
from services.envelope import Actor, ActorType, Door
from services.errors import InvalidInput

Tenant = Annotated[UUID, typer.Option("--tenant", help="Id of the tenant.")]
AnyTenant = Annotated[UUID | None, typer.Option("--tenant", help="Only this tenant.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON to stdout.")]
By = Annotated[str, typer.Option("--by", help="Your name, for the audit log.", envvar="USER")]
Reason = Annotated[str | None, typer.Option("--reason", help="Your reason, for the audit log.")]
Until = Annotated[
    datetime | None,
    typer.Option(
        "--until", help="When the pause ends, in UTC. By default it lasts until you end it.",
        formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"],
    ),
]  # fmt: skip
LastsFor = Annotated[
    str | None, typer.Option("--for", help="How long the pause lasts, such as 30m, 2h or 7d, in place of `--until`.")
]
SECONDS_PER_UNIT = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


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


def parse_duration(option: str, text: str) -> timedelta:
    """The time span that an option names. Raises InvalidInput that names the option."""
    parts = re.fullmatch(r"(\d{1,6})([smhd])", text)
    if not parts:
        raise InvalidInput(option, "must be a number and a unit, such as 90s, 30m, 1h or 7d")
    return timedelta(seconds=int(parts[1]) * SECONDS_PER_UNIT[parts[2]])


def end_of_pause(until: datetime | None, lasts_for: str | None) -> datetime | None:
    """When a new pause ends, by `--until` or `--for`. Raises InvalidInput."""
    if until is not None and lasts_for is not None:
        raise InvalidInput("--for", "give either --until or --for")
    if lasts_for is not None:
        return utc_now() + parse_duration("--for", lasts_for)
    return None if until is None else until.replace(tzinfo=UTC)
