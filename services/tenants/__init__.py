"""Tenants: the owners of envelopes."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from services.envelope import Actor


class TenantRole(StrEnum):
    """The role of a user or an agent within a tenant; docs/reference/roles.md lists what each role may do."""

    OWNER = "owner"
    """Changes guardrails, accounts, objectives and API tokens; decides approvals."""
    REVIEWER = "reviewer"
    """Decides approvals, dead letters and calls without an answer."""
    MEMBER = "member"
    """Reads everything of the tenant, and changes nothing."""
    AGENT = "agent"
    """Proposes and cancels envelopes, as far as the scopes of its token allow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenant:
    """One row of `tenants`."""

    id: UUID
    name: str
    plan: str = "standard"
    lanes: int = 1
    """How many workers may execute its envelopes at the same time (1–256)."""
    paused_at: datetime | None = None
    paused_reason: str | None = None
    pause_ends_at: datetime | None = None
    """None if the tenant is not paused, or is paused until a person resumes it. A pause that has ended is not shown."""
    requests_per_minute: int | None = None
    """Requests of the API for the whole tenant; 0 for no limit, None for the limit of the settings."""
    token_requests_per_minute: int | None = None
    """Requests per minute for each API token and user of the tenant; 0 and None as above."""


class Tenants(Protocol):
    """All tenants."""

    async def list_tenants(self) -> list[Tenant]:
        """All tenants, sorted by name."""

    async def get(self, tenant: UUID) -> Tenant:
        """One tenant. Raises NotFound."""

    async def save(self, tenant: Tenant, *, actor: Actor) -> None:
        """Add a tenant, or change its name, plan and lanes. A new number of lanes affects only new envelopes."""

    async def set_request_limits(
        self, tenant: UUID, *, requests_per_minute: int | None, token_requests_per_minute: int | None, actor: Actor
    ) -> None:
        """Limit the requests of the API; 0 for no limit, None for the limit of the settings.

        A later `save` of the tenant does not change these limits.

        Raises NotFound, and InvalidInput for a negative limit.
        """

    async def pause(self, tenant: UUID, *, actor: Actor, reason: str | None, ends_at: datetime | None = None) -> None:
        """Stop executing the tenant's envelopes until `ends_at`, or until it is resumed. Calls in flight finish.

        A call during a pause replaces the end, even by None, and the reason if `reason` is not None.

        Raises NotFound, and InvalidInput for an end that is not later than now.
        """

    async def resume(self, tenant: UUID, *, actor: Actor) -> None:
        """End a pause. The held envelopes are judged again immediately. Raises NotFound."""
