"""`/v1/overview`: what waits for a worker or a person now, and how envelopes ended lately."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from control_plane.api.answers import Answer
from control_plane.api.bodies import StrictRoute
from control_plane.api.identity import Principal, Reader, TenantId
from services.clock import utc_now
from services.overview import MAX_COUNTED
from services.read_history import Period, read_history

router = APIRouter(prefix="/v1/overview", route_class=StrictRoute, tags=["overview"])
_CAPPED = f"Counted up to {MAX_COUNTED}; {MAX_COUNTED + 1} means more than that."


class TenantToCheckAnswer(Answer):
    """A tenant with tools that wait for a decision, or accounts that must be linked again."""

    tenant_id: UUID = Field(description="Id of the tenant.")
    name: str = Field(description="Name of the tenant.", examples=["Acme Robotics"])
    quarantined_tools: int = Field(description="New and changed tools that wait for a decision.", examples=[2])
    unhealthy_accounts: int = Field(description="Accounts that have expired or report an error.", examples=[0])


class OverviewAnswer(Answer):
    """The numbers of what waits now. The largest number is 10001, which means "more than 10000"."""

    tenants: int = Field(description=f"Tenants that the numbers are about. {_CAPPED}", examples=[12])
    paused_tenants: int = Field(description=f"Those of these tenants that are paused. {_CAPPED}", examples=[1])
    pending: int = Field(description=f"Envelopes with status `pending`. {_CAPPED}", examples=[218])
    in_flight: int = Field(description="Envelopes that workers hold now.", examples=[16])
    unknown: int = Field(description=f"Calls without an answer, which a person must check. {_CAPPED}", examples=[0])
    oldest_due_at: datetime | None = Field(
        description="Since when the oldest due envelope has waited; null if none waits. Paused tenants do not count."
    )
    dead_letters: int = Field(description=_CAPPED, examples=[3])
    approvals: int = Field(description=f"Approvals that wait for a person. {_CAPPED}", examples=[7])
    quarantined_tools: int = Field(
        description=f"New and changed tools that wait for a decision. {_CAPPED}", examples=[2]
    )
    unhealthy_accounts: int = Field(
        description=f"Connected accounts that have expired or report an error. {_CAPPED}", examples=[1]
    )
    tenants_to_check: list[TenantToCheckAnswer] | None = Field(
        description="The tenants to which these tools and accounts belong, by name, at most 50. Null for one tenant."
    )
    failing_jobs: list[str] | None = Field(
        description="The jobs whose last run failed or was lost. Null for one tenant: jobs belong to no tenant.",
        examples=[["catalog_drift"]],
    )


class HistorySpanAnswer(Answer):
    """The envelopes that ended in one span."""

    starts_at: datetime
    ended: dict[str, int] = Field(
        description="How many envelopes ended, by status. A status in which none ended is left out.",
        examples=[{"success": 118, "failed": 2}],
    )
    dead_letters: int = Field(description="How many of these envelopes became dead letters.", examples=[2])
    median_seconds: float | None = Field(
        description="Median seconds from the proposal to the answer of the tool, within 9 %. Null if no tool answered.",
        examples=[0.84],
    )
    p95_seconds: float | None = Field(
        description="Seconds that 95 % of these calls took at most, within 9 %.", examples=[3.2]
    )


class HistoryAnswer(BaseModel):
    """How envelopes ended, the oldest span first, without gaps. The last span is not over."""

    every: float = Field(description="The length of a span in seconds.", examples=[900])
    uncounted: int = Field(
        description="Audit rows that the job `end_counts` has not read yet; it runs every 15 seconds.", examples=[0]
    )
    total: HistorySpanAnswer = Field(description="The numbers of all spans together.")
    items: list[HistorySpanAnswer]


@router.get("")
async def get(caller: Reader, tenant_id: TenantId = None) -> OverviewAnswer:
    """How many envelopes, approvals, dead letters, tools and accounts wait. Operators see all tenants, or name one."""
    tenant = await known_tenant_or_all(caller, tenant_id)
    return OverviewAnswer.model_validate(await caller.backends.overviews.read(tenant))


@router.get("/history")
async def get_history(
    caller: Reader,
    tenant_id: TenantId = None,
    period: Annotated[
        Period, Query(description="`1h` in spans of a minute, `24h` of 15 minutes, or `7d` of 2 hours.")
    ] = Period.DAY,
) -> HistoryAnswer:
    """How many envelopes ended when and how, and how long calls took. Operators see all tenants, or name one."""
    tenant = await known_tenant_or_all(caller, tenant_id)
    history = await read_history(caller.backends, tenant, period, now=utc_now())
    return HistoryAnswer(
        every=history.every.total_seconds(), uncounted=history.uncounted,
        total=HistorySpanAnswer.model_validate(history.total),
        items=[HistorySpanAnswer.model_validate(span) for span in history.spans],
    )  # fmt: skip


async def known_tenant_or_all(caller: Principal, named: TenantId) -> TenantId:
    """Same as `Principal.known_tenant`, but None, for all tenants, if an operator names none."""
    return None if caller.tenant_or_all(named) is None else await caller.known_tenant(named)
