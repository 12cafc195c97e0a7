"""A tenant's settings of autopilot, and what the words of its ticket systems mean."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from pydantic import TypeAdapter

from control_plane.apps.autopilot.connections import ConnectionType
from services.backends.functions import Functions, by
from services.envelope import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class AutopilotSettings:
    """How autopilot works for a tenant."""

    needed_tickets: int
    """The first training needs at least this many tickets."""
    validation_target: int
    """How many trusted tickets a new cluster should get (its target)."""
    trusted_percent: int
    """The share of its target that a cluster needs for automation."""
    run_hours: int
    """A run that has not ended after so many hours has failed."""
    sync_tool_slug: str | None
    """The tool that asks a workflow to sync. None: our own worker syncs."""
    status_tool_slug: str | None
    cluster_tool_slug: str | None
    enrichment_tool_slug: str | None
    article_tool_slug: str | None
    """The tool that publishes an article. None: no article can be drafted."""
    response_tool_slug: str | None
    """The tool that answers a ticket."""
    minutes_per_ticket: int
    """How many minutes people work on a ticket, on average."""
    cost_per_hour: Decimal
    """What an hour of this work costs, in the tenant's currency. 0: not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueMapping:
    """What a word of a ticket system means."""

    connection_type: ConnectionType
    field: Literal["status", "priority"]
    source_value: str
    """The word, in small letters."""
    value: str


_SETTINGS = TypeAdapter(AutopilotSettings)
_MEANINGS = TypeAdapter(dict[str, str])
_MAPPINGS = TypeAdapter(list[ValueMapping])


async def read_settings(functions: Functions, tenant: UUID) -> AutopilotSettings:
    """The settings, or their defaults."""
    return _SETTINGS.validate_python(await functions.call("autopilot.read_settings", tenant=tenant))


async def save_settings(
    functions: Functions, tenant: UUID, settings: Mapping[str, Any], *, replaces: AutopilotSettings | None = None,
    actor: Actor,
) -> AutopilotSettings:  # fmt: skip
    """Change the settings that are named; an empty tool slug is removed. `replaces`: the settings that the caller read;
    if they have changed since, nothing changes. Raises InvalidInput, NotAllowed, StateConflict."""
    before = None if replaces is None else asdict(replaces) | {"cost_per_hour": float(replaces.cost_per_hour)}
    row = await functions.call(
        "autopilot.save_settings", tenant=tenant, **settings, replaces=before, **by(actor), as_of=functions.as_of()
    )
    return _SETTINGS.validate_python(row)


async def list_value_mappings(functions: Functions, tenant: UUID) -> list[ValueMapping]:
    """What the words of the tenant's ticket systems mean, by ticket system, field and word."""
    return _MAPPINGS.validate_python(await functions.call("autopilot.list_value_mappings", tenant=tenant))


async def save_value_mapping(
    functions: Functions, tenant: UUID, kind: ConnectionType, field: Literal["status", "priority"], *, word: str,
    value: str | None, actor: Actor,
) -> dict[str, str]:  # fmt: skip
    """Say what a word of a ticket system means; None removes it. Returns all words of the field, in small letters.
    Raises InvalidInput, NotAllowed."""
    found = await functions.call(
        "autopilot.save_value_mapping", tenant=tenant, connection_type=kind, field=field, source_value=word,
        value=value, **by(actor), as_of=functions.as_of(),
    )  # fmt: skip
    return _MEANINGS.validate_python(found)
