"""How a connector registers: its settings, and how its source is opened."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from control_plane.apps.autopilot.sources import TicketSource
from control_plane.apps.autopilot.sources.logins import Login
from services.tools.outgoing import AllowedHosts

Sleep = Callable[[float], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceContext:
    """What a connector gets besides its settings."""

    tenant_id: UUID
    login: Login
    allowed_hosts: AllowedHosts
    sleep: Sleep = asyncio.sleep
    """Waits for a number of seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceSpec:
    """One connector."""

    name: str
    """The connection type, such as `servicenow`."""
    settings: type[BaseModel]
    open: Callable[[Any, SourceContext], AbstractAsyncContextManager[TicketSource]]
    """Opens the source with an instance of `settings`."""
