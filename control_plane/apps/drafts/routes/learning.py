"""`/v1/learning`: how people decide about drafts, and what may change how drafts are written."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from control_plane.api.bodies import StrictRoute
from control_plane.api.identity import Person, Principal, Reader, TenantId
from control_plane.apps.drafts.routes.spans import Since, Until, span
from control_plane.apps.drafts.store import functions_of
from control_plane.apps.drafts.store.gate import Evaluation, GateStore, Mode, PromptVersion, TopicRule
from control_plane.apps.drafts.store.samples import By, Quality, read_quality

router = APIRouter(prefix="/v1/learning", route_class=StrictRoute, tags=["learning"])


class QualityList(BaseModel):
    """Numbers of people's decisions about drafts, one entry per group."""

    items: list[Quality]


class PromptList(BaseModel):
    """Versions of the instructions for models, the newest first."""

    items: list[PromptVersion]


class EvaluationList(BaseModel):
    """Results of evaluations, the newest first."""

    items: list[Evaluation]


class TopicList(BaseModel):
    """Topics with a rule, by name."""

    items: list[TopicRule]


class SetTopic(BaseModel, extra="forbid"):
    """Who approves the drafts of a topic."""

    topic: str = Field(min_length=1, max_length=255, examples=["delivery"])
    mode: Mode = Field(description="`shadow` only records what would have been approved.")


@router.get("/quality")
async def get_quality(
    caller: Reader,
    tenant_id: TenantId = None,
    since: Since = None,
    until: Until = None,
    by: Annotated[By | None, Query(description="One row for each; by default one for all drafts.")] = None,
) -> QualityList:
    """How many drafts were sent unedited, edited and rejected, how much edits changed, and what drafts cost.

    The group with the most decisions comes first.
    """
    tenant = await caller.known_tenant(tenant_id)
    return QualityList(items=await read_quality(functions_of(caller.backends), tenant, *span(since, until), by))


@router.get("/prompts")
async def list_prompts(caller: Reader, tenant_id: TenantId = None) -> PromptList:
    """The versions of the instructions for models, the newest first."""
    store = await _open_gate(caller, tenant_id)
    return PromptList(items=await store.prompts())


@router.post("/prompts/{version}/activate")
async def activate(version: str, caller: Person, tenant_id: TenantId = None) -> PromptVersion:
    """Write drafts with this version. 409 without an evaluation that found it not worse. For owners."""
    store = await _open_gate(caller, tenant_id)
    return await store.activate_prompt(version)


@router.get("/evaluations")
async def list_evaluations(
    caller: Reader, tenant_id: TenantId = None, limit: Annotated[int, Query(ge=1, le=200)] = 50
) -> EvaluationList:
    """The results of evaluations, each compared with the version that was active then, the newest first."""
    store = await _open_gate(caller, tenant_id)
    return EvaluationList(items=await store.evaluations(limit=limit))


@router.get("/topics")
async def list_topics(caller: Reader, tenant_id: TenantId = None) -> TopicList:
    """Who approves the drafts of each topic, and how many of the last 50 decided drafts were sent unedited."""
    store = await _open_gate(caller, tenant_id)
    return TopicList(items=await store.topic_rules())


@router.post("/topics")
async def set_topic(body: SetTopic, caller: Person, tenant_id: TenantId = None) -> TopicRule:
    """Change who approves the drafts of a topic. 409 if it is not ready for the automatic mode. For owners."""
    store = await _open_gate(caller, tenant_id)
    return await store.set_topic_rule(body.topic, body.mode)


async def _open_gate(caller: Principal, tenant_id: TenantId) -> GateStore:
    tenant = await caller.known_tenant(tenant_id)
    return GateStore(functions_of(caller.backends), tenant, caller.actor)
