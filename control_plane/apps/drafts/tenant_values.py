"""A tenant's data about drafts: channels, the people who answer, their notifications, and settings."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """A channel: an inbox or chat in which a tenant's customers write."""

    tenant_id: UUID
    id: UUID
    type: str
    """`email`, `chat`, `shopify` or `slack`."""
    external_id: str
    name: str
    metadata: Mapping[str, Any] = field(default_factory=dict)
    reply_tool_slug: str | None = None
    """The tool that sends replies. None: replies cannot be sent in this channel."""
    reply_account_id: str | None = None
    """The connected account that the tool uses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedChannel(Channel):
    """A channel that was saved. `notes` say what it cannot do, and what to do about it."""

    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A person who works on replies."""

    id: UUID
    email: str
    display_name: str
    role: str
    """`admin` or `agent`."""
    auth_provider: str
    auth_subject: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Notification:
    """A message to a user, or to everybody of the tenant (`user_id` None)."""

    id: UUID
    user_id: UUID | None
    type: str
    payload: Mapping[str, Any]
    read_at: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftsSettings:
    """A tenant's settings of the application drafts."""

    quiet_seconds: int = 60
    """A draft is written when the customer has been silent for this long."""
    due_low_minutes: int = 2880
    due_normal_minutes: int = 1440
    due_high_minutes: int = 240
    due_urgent_minutes: int = 60
