"""`/v1/guardrails`: what a tenant allows its agents to do alone."""

import hashlib
from dataclasses import fields
from datetime import datetime
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Header, Query, Request, Response
from pydantic import BaseModel, Field

from control_plane.api.answers import Answer
from control_plane.api.bodies import read_object
from control_plane.api.identity import Person, Reader, TenantId
from control_plane.api.problems import Problem
from services.envelope import ActorType
from services.guardrails import GuardrailSettings
from services.set_guardrails import list_versions, read_guardrails, roll_back_guardrails, set_guardrails

router = APIRouter(prefix="/v1/guardrails", tags=["guardrails"])
IfMatch = Annotated[str | None, Header(description="The ETag that you read; a change in between is a 412.")]


class ActorAnswer(Answer):
    type: ActorType
    id: str


class VersionAnswer(Answer):
    """The guardrails from one change to the next. Stored verdicts name the version they were judged under."""

    version: int
    document: dict[str, Any]
    actor: ActorAnswer
    created_at: datetime


class VersionList(BaseModel):
    items: list[VersionAnswer]


class Rollback(BaseModel, extra="forbid"):
    version: int = Field(ge=1, le=2**31 - 1, examples=[3])


@router.get("")
async def get(response: Response, caller: Reader, tenant_id: TenantId = None) -> dict[str, Any]:
    """The guardrails of the tenant, with an ETag for a change."""
    return _answer(response, await read_guardrails(caller.backends, caller.one_tenant(tenant_id)))


@router.patch("")
async def change(
    request: Request, response: Response, caller: Person, tenant_id: TenantId = None, if_match: IfMatch = None
) -> dict[str, Any]:
    """Change the named fields and keep the others. Needs the header If-Match with the ETag of what you read.

    Envelopes that the old guardrails held are judged again. For owners.
    """
    tenant = caller.one_tenant(tenant_id)
    changes = await read_object(request)
    if if_match is None:
        raise Problem(428, "if-match: send the ETag of the guardrails that you read")
    current = await read_guardrails(caller.backends, tenant)
    if if_match.strip() != etag(_document(current)):
        raise Problem(412, "if-match: the guardrails have changed since you read them; read them again")
    return _answer(response, await set_guardrails(caller.backends, tenant, changes, actor=caller.actor))


@router.get("/versions")
async def versions(
    caller: Reader, tenant_id: TenantId = None, limit: Annotated[int, Query(ge=1, le=1000)] = 50
) -> VersionList:
    """The versions of the guardrails, the newest first."""
    found = await list_versions(caller.backends, caller.one_tenant(tenant_id), limit=limit)
    return VersionList(items=[VersionAnswer.model_validate(version) for version in found])


@router.post("/rollback")
async def rollback(body: Rollback, response: Response, caller: Person, tenant_id: TenantId = None) -> dict[str, Any]:
    """Set the content of an earlier version, as a new version. For owners."""
    tenant = caller.one_tenant(tenant_id)
    return _answer(response, await roll_back_guardrails(caller.backends, tenant, body.version, actor=caller.actor))


def etag(document: dict[str, Any]) -> str:
    """A strong ETag: a digest of the content."""
    return '"' + hashlib.sha256(orjson.dumps(document, option=orjson.OPT_SORT_KEYS)).hexdigest()[:32] + '"'


def _answer(response: Response, settings: GuardrailSettings) -> dict[str, Any]:
    document = _document(settings)
    response.headers["ETag"] = etag(document)
    return document


def _document(settings: GuardrailSettings) -> dict[str, Any]:
    document = {field.name: getattr(settings, field.name) for field in fields(settings)}
    return {**document, "tenant_id": str(settings.tenant_id)}
