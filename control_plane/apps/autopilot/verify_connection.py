"""Try the login of a connection, without reading tickets."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from control_plane.apps.autopilot.sources import SourceCode, SourceError
from control_plane.apps.autopilot.sources.logins import Resolve
from control_plane.apps.autopilot.sources.registry import open_source
from control_plane.apps.autopilot.store import connections
from services.backends.functions import Functions
from services.tools.outgoing import AllowedHosts

ANSWER_WITHIN = timedelta(seconds=30)
"""A ticket system that needs longer counts as not available: a person waits for the answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """Whether a sync could read tickets now."""

    code: SourceCode | None = None
    """Why not, in one word; None if it could."""
    problem: str | None = None
    """Why not, on one line, without secrets."""


async def verify_connection(
    functions: Functions, tenant: UUID, connection: UUID, *, resolve: Resolve, allowed_hosts: AllowedHosts
) -> Verified:
    """Ask the ticket system whether it accepts the login and lets it read tickets. Raises NotFound."""
    found = await connections.read_connection(functions, tenant, connection)
    try:
        async with asyncio.timeout(ANSWER_WITHIN.total_seconds()):
            async with open_source(
                found.connection_type, found.latest_options, tenant_id=found.organization_id, connection_id=found.id,
                resolve=resolve, allowed_hosts=allowed_hosts,
            ) as source:  # fmt: skip
                await source.check()
    except SourceError as exc:
        return Verified(code=exc.code, problem=exc.detail)
    except TimeoutError:
        seconds = int(ANSWER_WITHIN.total_seconds())
        return Verified(code=SourceCode.SOURCE_UNAVAILABLE, problem=f"no answer within {seconds} s")
    return Verified()
