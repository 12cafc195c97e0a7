"""`/v1/tenants`: list, add, pause and resume tenants."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import AwareDatetime, BaseModel, Field

from control_plane.api.answers import Answer
from control_plane.api.bodies import StrictRoute
from control_plane.api.identity import Operator, Person, Reader
from services.add_tenant import add_tenant

router = APIRouter(prefix="/v1/tenants", route_class=StrictRoute, tags=["tenants"])


class TenantAnswer(Answer):
    """A tenant."""

    id: UUID
    name: str
    plan: str
    lanes: int
    paused_at: datetime | None
    paused_reason: str | None
    pause_ends_at: datetime | None
    requests_per_minute: int | None = Field(
        description="Requests per minute to this API for the whole tenant. 0: no limit. Null: the operator's setting."
    )
    token_requests_per_minute: int | None = Field(
        description="Requests a minute for each of its API tokens and users. 0: no limit. Null: the operator's setting."
    )


class TenantList(BaseModel):
    """Tenants, sorted by name."""

    items: list[TenantAnswer]


class NewTenant(BaseModel, extra="forbid"):
    """A tenant to add."""

    name: str = Field(min_length=1, max_length=255, examples=["Acme Robotics"])
    plan: str = Field(
        default="standard", min_length=1, max_length=255, description="Name of the tenant's plan, in your own words."
    )
    lanes: int = Field(default=1, ge=1, le=256, description="How many workers may serve the tenant at the same time.")


class RequestLimitsOfTenant(BaseModel, extra="forbid"):
    """The request limits that a tenant gets."""

    requests_per_minute: int | None = Field(
        ge=0,
        le=2**31 - 1,
        examples=[6000],
        description="Limit for the whole tenant. 0: no limit. Null: the operator's setting.",
    )
    token_requests_per_minute: int | None = Field(
        ge=0,
        le=2**31 - 1,
        examples=[600],
        description="Limit for each API token and user of the tenant. 0: no limit. Null: the operator's setting.",
    )


class PauseOfTenant(BaseModel, extra="forbid"):
    """Why and until when a tenant is paused."""

    reason: str | None = Field(default=None, max_length=4000, examples=["odd orders"])
    ends_at: AwareDatetime | None = Field(
        default=None, description="When the pause ends. By default it lasts until you resume the tenant."
    )


class QueueAnswer(Answer):
    """The state of a tenant's queue."""

    tenant_id: UUID
    name: str
    paused: bool
    depth: dict[str, int] = Field(description="Open envelopes by status.", examples=[{"pending": 12}])
    in_flight: int
    dlq: int
    doubtful: int
    oldest_due_at: datetime | None
    retrying: int
    retries: list[Mapping[str, Any]] = Field(description="The next 20 envelopes that wait for another attempt.")


@router.get("")
async def list_all(caller: Reader) -> TenantList:
    """All tenants, by name. A user or an agent of a tenant sees only that one."""
    tenants = await caller.backends.tenants.list_tenants()
    return TenantList(items=[TenantAnswer.model_validate(tenant) for tenant in tenants])


@router.post("", status_code=201)
async def add(body: NewTenant, response: Response, caller: Operator) -> TenantAnswer:
    """Add a tenant. For operators."""
    tenant = await add_tenant(caller.backends, body.name, plan=body.plan, lanes=body.lanes, actor=caller.actor)
    response.headers["Location"] = f"{router.prefix}/{tenant.id}"
    return TenantAnswer.model_validate(tenant)


@router.get("/{tenant_id}")
async def get(tenant_id: UUID, caller: Reader) -> TenantAnswer:
    """One tenant."""
    return TenantAnswer.model_validate(await caller.backends.tenants.get(caller.one_tenant(tenant_id)))


@router.get("/{tenant_id}/queue")
async def get_queue(tenant_id: UUID, caller: Reader) -> QueueAnswer:
    """The state of the tenant's queue: envelopes by status, in flight and waiting for a retry, and dead letters."""
    [status] = await caller.backends.outbox.status(caller.one_tenant(tenant_id))
    return QueueAnswer.model_validate(status)


@router.put("/{tenant_id}/request-limits")
async def set_request_limits(tenant_id: UUID, body: RequestLimitsOfTenant, caller: Operator) -> TenantAnswer:
    """Limit the requests of a tenant to this API. 0: no limit. Null: the operator's setting. For operators."""
    tenants = caller.backends.tenants
    await tenants.set_request_limits(
        tenant_id, requests_per_minute=body.requests_per_minute,
        token_requests_per_minute=body.token_requests_per_minute, actor=caller.actor,
    )  # fmt: skip
    return TenantAnswer.model_validate(await tenants.get(tenant_id))


@router.post("/{tenant_id}/pause")
async def pause(tenant_id: UUID, caller: Person, body: PauseOfTenant | None = None) -> TenantAnswer:
    """Stop executing the envelopes of a tenant. Running calls finish. For owners, reviewers and operators.

    A second call replaces the end, and the reason if there is one.
    """
    tenant, pause = caller.one_tenant(tenant_id), body or PauseOfTenant()
    await caller.backends.tenants.pause(tenant, actor=caller.actor, reason=pause.reason, ends_at=pause.ends_at)
    return TenantAnswer.model_validate(await caller.backends.tenants.get(tenant))


@router.post("/{tenant_id}/resume")
async def resume(tenant_id: UUID, caller: Person) -> TenantAnswer:
    """Execute the tenant's envelopes again. Those that the pause held are judged at once. For owners and operators."""
    tenant = caller.one_tenant(tenant_id)
    await caller.backends.tenants.resume(tenant, actor=caller.actor)
    return TenantAnswer.model_validate(await caller.backends.tenants.get(tenant))
