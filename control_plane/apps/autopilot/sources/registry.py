"""The connectors, and how a connection is opened. A new one needs its folder, a line here and a section in the docs."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ValidationError

from control_plane.apps.autopilot.sources import SourceCode, SourceError, TicketSource
from control_plane.apps.autopilot.sources.csv_files import CSV
from control_plane.apps.autopilot.sources.jira import JIRA
from control_plane.apps.autopilot.sources.logins import Resolve
from control_plane.apps.autopilot.sources.servicenow import SERVICENOW
from control_plane.apps.autopilot.sources.spec import SourceContext, SourceSpec
from services.tools.outgoing import AllowedHosts
from services.untrusted import one_line
from services.validation import plain_problem

SOURCES: Mapping[str, SourceSpec] = {spec.name: spec for spec in (SERVICENOW, JIRA, CSV)}


def parse_settings(connection_type: str, settings: Mapping[str, Any]) -> BaseModel:
    """The settings of a connection. Raises SourceError for an unknown type and invalid settings."""
    spec = SOURCES.get(connection_type)
    if spec is None:
        raise SourceError(SourceCode.SETTINGS_INVALID, f"connection_type: must be one of {', '.join(sorted(SOURCES))}")
    try:
        return spec.settings.model_validate(settings)
    except ValidationError as exc:
        problems = (
            f"{'.'.join(map(str, ('settings', *error['loc'])))}: {plain_problem(error)}" for error in exc.errors()
        )
        raise SourceError(SourceCode.SETTINGS_INVALID, one_line("; ".join(problems))) from None


@asynccontextmanager
async def open_source(
    connection_type: str,
    settings: Mapping[str, Any],
    *,
    tenant_id: UUID,
    connection_id: UUID,
    resolve: Resolve,
    allowed_hosts: AllowedHosts,
) -> AsyncIterator[TicketSource]:
    """The tickets of a connection. Raises SourceError for invalid settings and a missing login."""
    parsed = parse_settings(connection_type, settings)
    login = resolve(tenant_id, connection_id, connection_type)
    if login is None:
        raise SourceError(
            SourceCode.AUTHENTICATION_FAILED, f"connection {connection_id} has no login for {connection_type}"
        )
    context = SourceContext(tenant_id=tenant_id, login=login, allowed_hosts=allowed_hosts)
    async with SOURCES[connection_type].open(parsed, context) as source:
        yield source
