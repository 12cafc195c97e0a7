"""`/v1/guardrails`: what a tenant allows its agents to do alone."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from control_plane.api.answers import ActorAnswer, Answer
from control_plane.api.bodies import StrictRoute, read_object
from control_plane.api.etags import IfMatch, check_match, etag
from control_plane.api.identity import Person, Reader, TenantId
from services.guardrails import GuardrailSettings
from services.guardrails.validate import guardrails_schema
from services.set_guardrails import list_versions, read_guardrails, roll_back_guardrails, set_guardrails

router = APIRouter(prefix="/v1/guardrails", route_class=StrictRoute, tags=["guardrails"])
CHANGES = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {"type": "object", "description": "As `/v1/guardrails/schema` describes it."},
                "example": {"trust_threshold": 0.7, "require_evidence": True},
            }
        },
    }
}


class VersionAnswer(Answer):
    """The guardrails from one change to the next. A stored verdict names the version that it is based on."""

    version: int
    document: dict[str, Any]
    actor: ActorAnswer
    created_at: datetime


class VersionList(BaseModel):
    items: list[VersionAnswer]


class Rollback(BaseModel, extra="forbid"):
    """The version whose content becomes the newest version."""

    version: int = Field(ge=1, le=2**31 - 1, examples=[3])


@router.get("")
async def get(response: Response, caller: Reader, tenant_id: TenantId = None) -> dict[str, Any]:
    """The guardrails of the tenant. Send their ETag as If-Match to change them."""
    return _answer(response, await read_guardrails(caller.backends, caller.one_tenant(tenant_id)))


@router.patch("", openapi_extra=CHANGES)
async def change(
    request: Request, response: Response, caller: Person, tenant_id: TenantId = None, if_match: IfMatch = None
) -> dict[str, Any]:
    """Change the named fields and keep the others. Needs the header If-Match with the ETag that you read.

    Envelopes that the old guardrails held are judged again. For owners.
    """
    tenant = caller.one_tenant(tenant_id)
    changes = await read_object(request)

    def check_etag(settings: GuardrailSettings) -> None:
        check_match(if_match, _document(settings))

    return _answer(
        response, await set_guardrails(caller.backends, tenant, changes, actor=caller.actor, check=check_etag)
    )


@router.get("/schema")
async def get_schema(_caller: Reader) -> dict[str, Any]:
    """The JSON Schema of guardrails, for editors and forms."""
    return guardrails_schema()


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


def _answer(response: Response, settings: GuardrailSettings) -> dict[str, Any]:
    document = _document(settings)
    response.headers["ETag"] = etag(document)
    return document


def _document(settings: GuardrailSettings) -> dict[str, Any]:
    return {**settings.document, "tenant_id": str(settings.tenant_id)}
