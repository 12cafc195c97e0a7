"""Slack users: which person of a tenant each Slack user is, so that this person can decide approvals in Slack."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from services.envelope import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class SlackUser:
    """One row of `slack_users`."""

    tenant_id: UUID
    app: str
    """The name of the Slack app in ACP_SLACK_APPS."""
    slack_user_id: str
    """The id of the user in Slack, such as `U012AB3CD`."""
    user_id: str
    """The subject of the person's JWT. In Slack this person decides as a reviewer."""
    created_at: datetime
    created_by: str


class SlackUsers(Protocol):
    """The Slack users of all tenants."""

    async def list_users(self, tenant: UUID) -> list[SlackUser]:
        """The Slack users of a tenant, sorted by app and id."""

    async def save(self, tenant: UUID, app: str, slack_user_id: str, *, user_id: str, actor: Actor) -> SlackUser:
        """Store which person a Slack user is; replaces an earlier entry. Raises NotFound (tenant), InvalidInput."""

    async def delete(self, tenant: UUID, app: str, slack_user_id: str, *, actor: Actor) -> SlackUser:
        """Remove a Slack user, who can then no longer decide approvals in Slack. Raises NotFound."""
