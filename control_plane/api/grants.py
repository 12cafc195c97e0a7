"""`/v1/grants`: allow some calls in advance, without an approval of each, for at most seven days."""

from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from control_plane.api.answers import Answer
from control_plane.api.bodies import StrictRoute
from control_plane.api.identity import Person, TenantId
from control_plane.api.pages import After, Cursors, Limit, Page, page_of
from control_plane.api.problems import Problem
from services.errors import InvalidInput
from services.issue_grant import issue_grant

router = APIRouter(prefix="/v1/grants", route_class=StrictRoute, tags=["grants"])


class GrantAnswer(Answer):
    """A grant. Its terms never change."""

    tenant_id: UUID
    id: UUID
    tools: str = Field(examples=["STRIPE__refund"])
    account_id: UUID | None
    arguments: list[dict[str, Any]] = Field(examples=[[{"argument": "amount", "below": 100}]])
    reason: str | None
    issued_at: datetime
    issued_by: str
    expires_at: datetime
    revoked_at: datetime | None
    revoked_by: str | None
    use_count: int
    last_used_at: datetime | None
    unreadable: str | None


class GrantList(BaseModel):
    items: list[GrantAnswer]


class UseAnswer(Answer):
    """A call that the grant allowed. Tool and external_id are null when the envelope has been deleted."""

    envelope_id: UUID
    used_at: datetime
    tool_slug: str | None = Field(examples=["STRIPE__refund"])
    external_id: str | None = Field(examples=["refund-1042"])


class NewGrant(BaseModel, extra="forbid"):
    """A grant to issue: which calls it allows, and until when."""

    tools: str = Field(
        min_length=1, max_length=255, examples=["SLACK__chat.post"],
        description="A tool slug, in which * stands for any characters. It cannot begin with *.",
    )  # fmt: skip
    account_id: UUID | None = Field(
        default=None, examples=[None],
        description="The connected account that the calls use. Leave it out for calls that use no account.",
    )  # fmt: skip
    arguments: list[dict[str, Any]] = Field(
        default=[], max_length=20, examples=[[{"argument": "amount", "below": 100}]],
        description="Conditions on the arguments, written as in approval rules. All must hold; in a list,"
        " for every element. An empty list meets none.",
    )  # fmt: skip
    expires_in: int = Field(
        gt=0,
        le=366 * 86400,
        description="Lifetime of the grant in seconds; at most 604800 (seven days).",
        examples=[86400],
    )
    reason: str | None = Field(default=None, max_length=4000, examples=["refunds of the spring sale"])


@router.get("")
async def list_all(
    caller: Person, tenant_id: TenantId = None,
    ended: Annotated[bool, Query(description="Also grants that were revoked or have expired.")] = False,
) -> GrantList:  # fmt: skip
    """The grants, the newest first. Agents get 403."""
    tenant = await caller.known_tenant(tenant_id)
    found = await caller.backends.grants.list_grants(tenant, ended=ended)
    return GrantList(items=[GrantAnswer.model_validate(grant) for grant in found])


@router.post("", status_code=201)
async def issue(body: NewGrant, caller: Person, tenant_id: TenantId = None) -> GrantAnswer:
    """Allow matching calls without an approval, from the next claim on. All other guardrails still judge them.

    For owners and reviewers. 400 if the grant would last longer than seven days.
    """
    try:
        grant = await issue_grant(
            caller.backends, caller.one_tenant(tenant_id), tools=body.tools, account_id=body.account_id,
            arguments=body.arguments, lasts_for=timedelta(seconds=body.expires_in), reason=body.reason,
            actor=caller.actor,
        )  # fmt: skip
    except InvalidInput as exc:
        if exc.field != "expires_in":
            raise
        raise Problem(400, str(exc), errors=[{"field": exc.field, "problem": exc.problems[0][1]}]) from exc
    return GrantAnswer.model_validate(grant)


@router.get("/{grant_id}")
async def get(grant_id: UUID, caller: Person, tenant_id: TenantId = None) -> GrantAnswer:
    """One grant, also one that was revoked or has expired. Agents get 403."""
    tenant = await caller.known_tenant(tenant_id)
    return GrantAnswer.model_validate(await caller.backends.grants.get(tenant, grant_id))


@router.get("/{grant_id}/uses")
async def list_uses(
    grant_id: UUID, caller: Person, tenant_id: TenantId = None, limit: Limit = 50, after: After = None
) -> Page[UseAnswer]:
    """The calls that the grant allowed, the newest first. Agents get 403.

    They are listed as long as settled envelopes are kept. The audit rows `envelope.granted` stay.
    """
    tenant = await caller.known_tenant(tenant_id)
    cursors = Cursors("grant uses", tenant, grant_id)
    found = await caller.backends.grants.list_uses(tenant, grant_id, limit=limit + 1, after=cursors.read(after))
    shown, has_more = page_of(found, limit)
    items = [UseAnswer.model_validate(use) for use in shown]
    return Page(items=items, next=cursors.write((shown[-1].used_at, shown[-1].envelope_id)) if has_more else None)


@router.delete("/{grant_id}")
async def revoke(
    grant_id: UUID, caller: Person, tenant_id: TenantId = None,
    reason: Annotated[str | None, Query(max_length=4000)] = None,
) -> GrantAnswer:  # fmt: skip
    """Revoke a grant: it allows no call that is claimed later. For owners and reviewers."""
    grant = await caller.backends.grants.revoke(
        caller.one_tenant(tenant_id), grant_id, actor=caller.actor, reason=reason
    )
    return GrantAnswer.model_validate(grant)
