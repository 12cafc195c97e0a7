"""`/v1/shadow-runs`: a candidate for the tenant's guardrails also judges the next envelopes, but decides nothing."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, Field

from control_plane.api.answers import Answer
from control_plane.api.bodies import StrictRoute
from control_plane.api.identity import Person, TenantId
from services.guardrails import Decision
from services.shadow_runs import MAX_ENVELOPES, MAX_RUN_TIME, ShadowRun
from services.start_shadow import start_shadow

router = APIRouter(prefix="/v1/shadow-runs", route_class=StrictRoute, tags=["shadow runs"])


class ShadowRunAnswer(BaseModel):
    """A shadow run, and what the candidate would have decided so far."""

    id: UUID
    tenant_id: UUID
    candidate: dict[str, Any] = Field(examples=[{"trust_threshold": 0.5}])
    started_at: datetime
    started_by: str
    ends_at: datetime
    stopped_at: datetime | None
    stopped_by: str | None
    max_envelopes: int
    envelopes: int = Field(description="How many envelopes were judged.")
    would_ask: int
    would_allow: int
    would_hold: int
    would_deny: int
    differing: int = Field(
        description="How many envelopes the candidate decides differently from the tenant's guardrails."
    )
    summary: str = Field(examples=["10 envelopes: would have asked 2, …; differs from the guardrails in use for 2"])


class ShadowRunList(BaseModel):
    items: list[ShadowRunAnswer]


class DifferenceAnswer(Answer):
    """An envelope that the candidate decides differently from the tenant's guardrails."""

    envelope_id: UUID
    decision: Decision = Field(description="The decision of the tenant's guardrails.")
    candidate_decision: Decision
    candidate_reason: str


class DifferenceList(BaseModel):
    """Differences, the newest first, at most 1000."""

    items: list[DifferenceAnswer]


class NewShadowRun(BaseModel, extra="forbid"):
    """A shadow run to start: the candidate, and how long it judges."""

    candidate: dict[str, Any] = Field(
        description="The fields to change, as `/v1/guardrails/schema` describes them.",
        examples=[{"trust_threshold": 0.5}],
    )
    expires_in: int = Field(
        gt=0,
        le=MAX_RUN_TIME.days * 86_400,
        description="Length of the run in seconds; at most 2592000 (30 days).",
        examples=[86_400],
    )
    max_envelopes: int = Field(
        default=1000, ge=1, le=MAX_ENVELOPES, description="The run ends when it has judged this many envelopes."
    )


@router.get("")
async def list_all(caller: Person, tenant_id: TenantId = None) -> ShadowRunList:
    """The newest shadow runs, at most 20, each with its summary. Agents get 403."""
    found = await caller.backends.shadow_runs.list_runs(await caller.known_tenant(tenant_id))
    return ShadowRunList(items=[_answer(run) for run in found])


@router.post("", status_code=201)
async def start(body: NewShadowRun, caller: Person, tenant_id: TenantId = None) -> ShadowRunAnswer:
    """Start a shadow run: the candidate also judges every envelope claimed later, and decides nothing. For owners.

    409 if the tenant already has a shadow run.
    """
    run = await start_shadow(
        caller.backends, caller.one_tenant(tenant_id), body.candidate, lasts_for=timedelta(seconds=body.expires_in),
        max_envelopes=body.max_envelopes, actor=caller.actor,
    )  # fmt: skip
    return _answer(run)


@router.get("/{run_id}/differences")
async def differences(run_id: UUID, caller: Person, tenant_id: TenantId = None) -> DifferenceList:
    """The envelopes that the candidate decides differently from the tenant's guardrails. Agents get 403."""
    found = await caller.backends.shadow_runs.list_differences(await caller.known_tenant(tenant_id), run_id)
    return DifferenceList(items=[DifferenceAnswer.model_validate(difference) for difference in found])


@router.delete("/{run_id}", status_code=204)
async def stop(run_id: UUID, caller: Person, tenant_id: TenantId = None) -> None:
    """End a shadow run. A second call changes nothing. For owners."""
    await caller.backends.shadow_runs.stop(caller.one_tenant(tenant_id), run_id, actor=caller.actor)


def _answer(run: ShadowRun) -> ShadowRunAnswer:
    return ShadowRunAnswer(
        id=run.id, tenant_id=run.tenant_id, candidate=dict(run.candidate), started_at=run.started_at,
        started_by=run.started_by, ends_at=run.ends_at, stopped_at=run.stopped_at, stopped_by=run.stopped_by,
        max_envelopes=run.max_envelopes, envelopes=run.envelopes, would_ask=run.would(Decision.NEEDS_APPROVAL),
        would_allow=run.would(Decision.ALLOW), would_hold=run.would(Decision.HOLD), would_deny=run.would(Decision.DENY),
        differing=run.differing, summary=run.summarize(),
    )  # fmt: skip
