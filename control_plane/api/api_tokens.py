"""`/v1/api-tokens`: tokens with which agents call the API. For owners and operators."""

from datetime import datetime, timedelta
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, Field

from control_plane.api.answers import Answer
from control_plane.api.bodies import StrictRoute
from control_plane.api.identity import Person, TenantId
from services.api_tokens import TokenScope
from services.issue_api_token import issue_api_token

router = APIRouter(prefix="/v1/api-tokens", route_class=StrictRoute, tags=["API tokens"])


class ApiTokenAnswer(Answer):
    """An API token without its secret."""

    id: UUID
    tenant_id: UUID
    agent: str
    scopes: list[TokenScope]
    created_at: datetime
    created_by: str
    expires_at: datetime
    revoked_at: datetime | None
    revoked_by: str | None


class IssuedAnswer(BaseModel):
    """A new token. The secret is not shown again."""

    token: ApiTokenAnswer
    secret: str


class ApiTokenList(BaseModel):
    items: list[ApiTokenAnswer]


class NewApiToken(BaseModel, extra="forbid"):
    """A token to issue, for one agent."""

    agent: str = Field(min_length=1, max_length=255, examples=["triage-bot"])
    scopes: list[TokenScope] = Field(min_length=1, max_length=3, examples=[["propose", "read"]])
    expires_in: int = Field(gt=0, le=366 * 86400, description="Lifetime of the token in seconds.", examples=[86400])


@router.get("")
async def list_all(caller: Person, tenant_id: TenantId = None) -> ApiTokenList:
    """The API tokens, the newest first, also revoked and expired ones."""
    tokens = await caller.backends.api_tokens.list_tokens(caller.one_tenant(tenant_id))
    return ApiTokenList(items=[ApiTokenAnswer.model_validate(token) for token in tokens])


@router.post("", status_code=201)
async def issue(body: NewApiToken, caller: Person, tenant_id: TenantId = None) -> IssuedAnswer:
    """Issue a token for an agent."""
    issued = await issue_api_token(
        caller.backends, caller.one_tenant(tenant_id), body.agent, scopes=body.scopes,
        lives_for=timedelta(seconds=body.expires_in), actor=caller.actor,
    )  # fmt: skip
    return IssuedAnswer(token=ApiTokenAnswer.model_validate(issued.token), secret=issued.secret)


@router.delete("/{token_id}")
async def revoke(token_id: UUID, caller: Person, tenant_id: TenantId = None) -> ApiTokenAnswer:
    """End a token now. A second call changes nothing."""
    tenant = caller.one_tenant(tenant_id)
    return ApiTokenAnswer.model_validate(await caller.backends.api_tokens.revoke(tenant, token_id, actor=caller.actor))
