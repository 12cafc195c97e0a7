"""Grants: people allow some calls in advance, without an approval of each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

from services.envelope import Actor

MAX_GRANT_TIME = timedelta(days=7)
"""How long a grant may last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """One row of `grants`: some calls are allowed in advance, without an approval of each. Its terms never change."""

    tenant_id: UUID
    id: UUID
    tools: str
    """A tool slug, in which `*` stands for any characters."""
    account_id: UUID | None = None
    """The connected account of the calls; None for calls that use none."""
    arguments: tuple[Mapping[str, Any], ...] = ()
    """Conditions as in approval rules. All must hold; `services.guardrails.grants` says how strictly."""
    reason: str | None = None
    issued_at: datetime
    issued_by: str
    expires_at: datetime
    revoked_at: datetime | None = None
    revoked_by: str | None = None
    use_count: int = 0
    """How many attempts it has allowed."""
    last_used_at: datetime | None = None
    unreadable: str | None = None
    """Why the row cannot be read. Such a grant allows nothing."""

    def is_open(self, now: datetime) -> bool:
        """Whether the grant has neither been revoked nor expired."""
        return self.revoked_at is None and self.expires_at > now


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantUse:
    """A call that a grant allowed. Deleted after the time for which ended envelopes are kept; the audit log keeps
    it."""

    tenant_id: UUID
    grant_id: UUID
    envelope_id: UUID
    used_at: datetime
    tool_slug: str | None = None
    """None if the envelope has been deleted; so is `external_id`."""
    external_id: str | None = None


class Grants(Protocol):
    """The grants of all tenants."""

    async def list_grants(self, tenant: UUID, *, ended: bool = False) -> list[Grant]:
        """The grants of a tenant, the newest first, at most 1,000; with `ended`, also revoked and expired ones."""

    async def get(self, tenant: UUID, id: UUID) -> Grant:  # noqa: A002
        """One grant, also one that was revoked or has expired. Raises NotFound."""

    async def list_uses(
        self,
        tenant: UUID,
        id: UUID,  # noqa: A002
        *,
        limit: int,
        after: tuple[datetime, UUID] | None = None,
    ) -> list[GrantUse]:
        """The uses of a grant, the newest first. `after` has the time and the envelope of the last use on the previous
        page."""

    async def issue(
        self,
        tenant: UUID,
        id: UUID,  # noqa: A002
        *,
        tools: str,
        account_id: UUID | None,
        arguments: Sequence[Mapping[str, Any]],
        reason: str | None,
        lasts_for: timedelta,
        actor: Actor,
    ) -> Grant:
        """Add a grant. Raises NotAllowed if the actor is not a person, InvalidInput, NotFound for an unknown tenant."""

    async def revoke(self, tenant: UUID, id: UUID, *, actor: Actor, reason: str | None) -> Grant:  # noqa: A002
        """End a grant; no later claim uses it. A second call changes nothing. Raises NotAllowed, NotFound."""
