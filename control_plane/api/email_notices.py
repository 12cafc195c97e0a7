"""`/v1/email/notices`: e-mail about the tenant's events to the people who decide."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, BeforeValidator, Field

from control_plane.api.bodies import StrictRoute
from control_plane.api.identity import Person, TenantId
from control_plane.api.problems import Problem
from control_plane.api.subscriptions import (
    Description,
    EventTypes,
    SentTest,
    SubscriptionAnswer,
    delete_of_kind,
    enable_of_kind,
    list_of_kind,
    send_test_to,
)
from control_plane.apps import event_types
from services.subscribe import MAX_ADDRESSES, subscribe_email
from services.subscriptions import SubscriptionKind
from services.tools.email import NOTICE_SERVER, SmtpServer

router = APIRouter(prefix="/v1/email/notices", route_class=StrictRoute, tags=["email"])

EMAIL = SubscriptionKind.EMAIL


def _split_addresses(target: object) -> object:
    return target.split(",") if isinstance(target, str) else target


class EmailNoticeAnswer(SubscriptionAnswer):
    """Addresses to which e-mail about events is sent."""

    addresses: Annotated[list[str], BeforeValidator(_split_addresses)] = Field(
        validation_alias="target", examples=[["ann@acme.example"]]
    )


class EmailNoticeList(BaseModel):
    items: list[EmailNoticeAnswer]


class NewEmailNotice(BaseModel, extra="forbid"):
    """An e-mail notice to create: which events go to which addresses."""

    addresses: list[Annotated[str, Field(max_length=254)]] = Field(
        min_length=1, max_length=MAX_ADDRESSES, examples=[["ann@acme.example"]]
    )
    event_types: EventTypes = Field(examples=[["approval.requested", "approval.reminded", "approval.escalated"]])
    description: Description = ""


def _notice_server(request: Request) -> SmtpServer:
    server: SmtpServer | None = request.app.state.notice_server
    if server is None:
        problem = f"this installation sends no e-mail; ask its operator to add {NOTICE_SERVER!r} to ACP_SMTP_SERVERS"
        raise Problem(503, f"notices: {problem}")
    return server


NoticeServer = Annotated[SmtpServer, Depends(_notice_server)]
"""The SMTP server for notices. The dependency raises Problem 503 if there is none."""


@router.get("")
async def list_all(caller: Person, tenant_id: TenantId = None) -> EmailNoticeList:
    """The e-mail notices of the tenant, the oldest first. For users of the tenant."""
    found = await list_of_kind(caller, EMAIL, tenant_id)
    return EmailNoticeList(items=[EmailNoticeAnswer.model_validate(notice) for notice in found])


@router.post("", status_code=201)
async def create(
    body: NewEmailNotice,
    caller: Person,
    server: NoticeServer,
    tenant_id: TenantId = None,
) -> EmailNoticeAnswer:
    """Send e-mail about the events of some types from now on, at most one e-mail a minute. For owners."""
    created = await subscribe_email(
        caller.backends, caller.one_tenant(tenant_id), body.addresses, body.event_types,
        server=server, description=body.description, actor=caller.actor, more_types=event_types(),
    )  # fmt: skip
    return EmailNoticeAnswer.model_validate(created)


@router.post("/{notice_id}/enable")
async def enable(notice_id: UUID, caller: Person, tenant_id: TenantId = None) -> EmailNoticeAnswer:
    """Enable a disabled notice: send e-mail again, from the first event that was not sent. For owners."""
    return EmailNoticeAnswer.model_validate(await enable_of_kind(caller, EMAIL, notice_id, tenant_id))


@router.post("/{notice_id}/test", status_code=202)
async def send_test(notice_id: UUID, caller: Person, tenant_id: TenantId = None) -> SentTest:
    """Send a test e-mail. 409 if one was sent in the last minute, also for a notice deleted since. For owners."""
    return await send_test_to(caller, EMAIL, notice_id, tenant_id)


@router.delete("/{notice_id}", status_code=204)
async def delete(notice_id: UUID, caller: Person, tenant_id: TenantId = None) -> None:
    """Delete an e-mail notice, and cancel its waiting e-mail. For owners."""
    await delete_of_kind(caller, EMAIL, notice_id, tenant_id)
