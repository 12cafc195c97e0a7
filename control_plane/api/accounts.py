"""`/v1/accounts`: the connected accounts that tools use. They hold references to logins, never secrets."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from control_plane.api.answers import Answer
from control_plane.api.bodies import StrictRoute
from control_plane.api.identity import Operator, Person, Reader, TenantId
from control_plane.api.tools import RunningTools
from services.accounts import Account, AccountStatus
from services.check_account import check_account
from services.clock import utc_now
from services.link_account import find_account, link_account, set_account_status

router = APIRouter(prefix="/v1/accounts", route_class=StrictRoute, tags=["accounts"])


class AccountAnswer(Answer):
    """A connected account, and its health by the last check."""

    id: UUID
    tenant_id: UUID
    provider: str = Field(examples=["slack"])
    status: AccountStatus
    scopes: list[str] = Field(examples=[["SLACK.CHAT:WRITE"]])
    linked_at: datetime | None
    metadata: dict[str, Any] = Field(examples=[{"composio_id": "ca_1x2y3z"}])
    expires_at: datetime | None
    problem: str | None
    checked_at: datetime | None
    scanned_at: datetime | None
    unreadable: str | None


class AccountList(BaseModel):
    """Connected accounts, the most recently linked first."""

    items: list[AccountAnswer]


class NewAccount(BaseModel, extra="forbid"):
    """An account to connect. It holds no secret."""

    provider: str = Field(
        min_length=1, max_length=255, description="Toolkit that uses the account.", examples=["slack"]
    )
    scopes: list[Annotated[str, Field(min_length=1, max_length=255)]] = Field(
        default=[], max_length=1000, examples=[["SLACK.CHAT:WRITE"]]
    )
    expires_at: datetime | None = Field(
        default=None, description="When the login expires. A time without an offset is in UTC."
    )
    login_id: str | None = Field(
        default=None, min_length=1, max_length=255, examples=["ca_1x2y3z"],
        description="The id of the account's login at Composio, where its health is checked.",
    )  # fmt: skip


class NewStatus(BaseModel, extra="forbid"):
    """The status that an account gets."""

    status: AccountStatus = Field(examples=["revoked"])


@router.get("")
async def list_all(caller: Reader, tenant_id: TenantId = None) -> AccountList:
    """The connected accounts of the tenant, the most recently linked first."""
    accounts = await caller.backends.accounts.list_accounts(await caller.known_tenant(tenant_id))
    return AccountList(items=[AccountAnswer.model_validate(account) for account in accounts])


@router.post("", status_code=201)
async def link(body: NewAccount, response: Response, caller: Person, tenant_id: TenantId = None) -> AccountAnswer:
    """Link an account. Envelopes that waited for such an account are judged again. For owners and operators."""
    account = await link_account(
        caller.backends, caller.one_tenant(tenant_id), body.provider, scopes=body.scopes, expires_at=body.expires_at,
        login_id=body.login_id, actor=caller.actor,
    )  # fmt: skip
    response.headers["Location"] = f"{router.prefix}/{account.id}"
    return AccountAnswer.model_validate(account)


@router.get("/{account_id}")
async def get(account_id: UUID, caller: Reader, tenant_id: TenantId = None) -> AccountAnswer:
    """One account. `status`, `problem` and `checked_at` are its health."""
    return AccountAnswer.model_validate(await _find_account(caller, account_id, tenant_id))


@router.post("/{account_id}/status")
async def set_status(account_id: UUID, body: NewStatus, caller: Person, tenant_id: TenantId = None) -> AccountAnswer:
    """Change the status of an account. Envelopes of a revoked account are denied, those of an unhealthy one are held.

    `revoked` is permanent: a later change to another status gets 409. For owners and operators.
    """
    tenant = caller.one_tenant(tenant_id)
    account = await set_account_status(caller.backends, tenant, account_id, body.status, actor=caller.actor)
    return AccountAnswer.model_validate(account)


@router.post("/{account_id}/check")
async def check(account_id: UUID, caller: Operator, tools: RunningTools, tenant_id: TenantId = None) -> AccountAnswer:
    """Ask the provider for the health of the account now, and store it. For operators; a job does it regularly."""
    account = await _find_account(caller, account_id, tenant_id)
    await check_account(caller.backends, tools, account, now=utc_now(), actor=caller.actor)
    return AccountAnswer.model_validate(await _find_account(caller, account_id, tenant_id))


async def _find_account(caller: Reader, account_id: UUID, tenant_id: UUID | None) -> Account:
    return await find_account(caller.backends, caller.one_tenant(tenant_id), account_id)
