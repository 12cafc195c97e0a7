"""`/v1/slack`: messages to the people who decide, and decisions by a click in Slack."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import structlog
from fastapi import APIRouter, BackgroundTasks, Request
from pydantic import BaseModel, Field

from control_plane.api.answers import Answer
from control_plane.api.bodies import StrictRoute
from control_plane.api.identity import Person, TenantId
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
from services.catalog import Tool
from services.clock import utc_now
from services.decide_in_slack import (
    Click,
    ClickAnswer,
    check_slack_signature,
    decide_in_slack,
    find_slack_user,
    read_click,
)
from services.envelope import Actor, ActorType, Door
from services.errors import NotFound
from services.subscribe import check_slack_app, subscribe_slack
from services.subscriptions import SubscriptionKind
from services.tenants import TenantRole
from services.tools import Success, ToolCall
from services.tools.http.events import SLACK_REPLY_KIND
from services.tools.http.slack import SlackApp, reply_message

router = APIRouter(prefix="/v1/slack", route_class=StrictRoute, tags=["Slack"])
callbacks = APIRouter(prefix="/signed/slack", route_class=StrictRoute, tags=["Slack"])
"""Routes that need no token, because Slack signs its requests. Wrong signatures are not limited: refusing one needs no
query, and a limit by address would hit all Slack apps, which share addresses."""
SLACK = SubscriptionKind.SLACK
REPLY_WITHIN = timedelta(seconds=10)

log = structlog.get_logger("api")


class SlackNoticeAnswer(SubscriptionAnswer):
    """A Slack channel to which events are posted."""

    app: str = Field(validation_alias="via", examples=["acme"])
    channel: str = Field(validation_alias="target", examples=["C012AB3CD"])


class SlackNoticeList(BaseModel):
    items: list[SlackNoticeAnswer]


class NewSlackNotice(BaseModel, extra="forbid"):
    """A Slack notice to create: which events are posted to which channel."""

    app: str = Field(
        min_length=1, max_length=255, examples=["acme"], description="Name of the Slack app in ACP_SLACK_APPS."
    )
    channel: str = Field(pattern="^[A-Z0-9]{1,64}$", examples=["C012AB3CD"], description="Id of the Slack channel.")
    event_types: EventTypes = Field(examples=[["approval.requested", "approval.reminded", "approval.escalated"]])
    description: Description = ""


class SlackUserAnswer(Answer):
    """A Slack user, and the person of the tenant who uses it."""

    app: str = Field(examples=["acme"])
    slack_user_id: str = Field(examples=["U012AB3CD"])
    user_id: str = Field(examples=["7e4a0000-0000-4000-8000-000000000001"])
    created_at: datetime
    created_by: str


class SlackUserList(BaseModel):
    items: list[SlackUserAnswer]


class SlackPerson(BaseModel, extra="forbid"):
    """The person to whom a Slack user is assigned."""

    user_id: str = Field(
        min_length=1, max_length=255, examples=["7e4a0000-0000-4000-8000-000000000001"],
        description="The subject (`sub`) of the person's JWT. In Slack this person decides as a reviewer.",
    )  # fmt: skip


@router.get("/notices")
async def list_notices(caller: Person, tenant_id: TenantId = None) -> SlackNoticeList:
    """The Slack channels to which events are posted, the oldest first. For users of the tenant."""
    found = await list_of_kind(caller, SLACK, tenant_id)
    return SlackNoticeList(items=[SlackNoticeAnswer.model_validate(notice) for notice in found])


@router.post("/notices", status_code=201)
async def create_notice(
    body: NewSlackNotice, request: Request, caller: Person, tenant_id: TenantId = None
) -> SlackNoticeAnswer:  # fmt: skip
    """Post the events of some types to a Slack channel, from now on. For owners."""
    created = await subscribe_slack(
        caller.backends, caller.one_tenant(tenant_id), body.app, body.channel, body.event_types,
        apps={name: app.tenant_id for name, app in _slack_apps(request).items()}, description=body.description,
        actor=caller.actor, more_types=event_types(),
    )  # fmt: skip
    return SlackNoticeAnswer.model_validate(created)


@router.post("/notices/{notice_id}/enable")
async def enable_notice(notice_id: UUID, caller: Person, tenant_id: TenantId = None) -> SlackNoticeAnswer:
    """Enable a disabled notice: post again, from the first event that the channel has not received. For owners."""
    return SlackNoticeAnswer.model_validate(await enable_of_kind(caller, SLACK, notice_id, tenant_id))


@router.post("/notices/{notice_id}/test", status_code=202)
async def send_test_notice(notice_id: UUID, caller: Person, tenant_id: TenantId = None) -> SentTest:
    """Post a test message to the channel. For owners."""
    return await send_test_to(caller, SLACK, notice_id, tenant_id)


@router.delete("/notices/{notice_id}", status_code=204)
async def delete_notice(notice_id: UUID, caller: Person, tenant_id: TenantId = None) -> None:
    """Stop posting to a channel, and cancel waiting messages. For owners."""
    await delete_of_kind(caller, SLACK, notice_id, tenant_id)


@router.get("/users")
async def list_users(caller: Person, tenant_id: TenantId = None) -> SlackUserList:
    """The Slack users who may decide, sorted by app and id. For users of the tenant."""
    found = await caller.backends.slack_users.list_users(await caller.known_tenant(tenant_id))
    return SlackUserList(items=[SlackUserAnswer.model_validate(user) for user in found])


@router.put("/users/{app}/{slack_user_id}")
async def save_user(
    app: str, slack_user_id: str, body: SlackPerson, request: Request, caller: Person, tenant_id: TenantId = None
) -> SlackUserAnswer:
    """Store which person a Slack user is. That person may then decide in Slack, as a reviewer. For owners."""
    tenant = caller.one_tenant(tenant_id)
    check_slack_app(app, tenant, {name: settings.tenant_id for name, settings in _slack_apps(request).items()})
    saved = await caller.backends.slack_users.save(
        tenant, app, slack_user_id, user_id=body.user_id, actor=caller.actor
    )  # fmt: skip
    return SlackUserAnswer.model_validate(saved)


@router.delete("/users/{app}/{slack_user_id}", status_code=204)
async def delete_user(app: str, slack_user_id: str, caller: Person, tenant_id: TenantId = None) -> None:
    """Remove a Slack user, who can then no longer decide. For owners."""
    await caller.backends.slack_users.delete(
        caller.one_tenant(tenant_id), app, slack_user_id, actor=caller.actor
    )  # fmt: skip


@callbacks.post("/{app}/interactions", status_code=200)
async def interact(app: str, request: Request, background: BackgroundTasks) -> None:
    """Receive a click in a message, signed by Slack. The app's interactivity request URL must be this URL."""
    settings = _slack_apps(request).get(app)
    if settings is None:
        raise NotFound("Slack app", app)
    body, headers = await request.body(), request.headers
    check_slack_signature(
        settings.signing_secret.get_secret_value(), body, timestamp=headers.get("x-slack-request-timestamp"),
        signature=headers.get("x-slack-signature"), now=utc_now(),
    )  # fmt: skip
    await request.app.state.limiter.count_sender(request, settings.tenant_id, f"slack:{app}")
    click = read_click(body)
    if click is not None:
        answer = await _decide_by_click(request, app, settings, click)
        background.add_task(_reply, request, settings, click, answer)


async def _decide_by_click(request: Request, app: str, settings: SlackApp, click: Click) -> ClickAnswer:
    access = request.app.state.access
    user = await find_slack_user(access.operator, settings.tenant_id, app, click)
    if user is None:
        problem = f"Not decided: nobody has said who {click.slack_user_id} is; ask an owner of the tenant."
        return ClickAnswer(problem, is_decided=False)
    claims = {
        "tenant_id": str(settings.tenant_id), "sub": user.user_id, "role": "authenticated", "aud": "authenticated",
        "tenant_role": TenantRole.REVIEWER,
    }  # fmt: skip
    actor = Actor(type=ActorType.USER, id=user.user_id, door=Door.API)
    backends = access.as_tenant(settings.tenant_id, claims, Door.API, None)
    return await decide_in_slack(backends, settings.tenant_id, click, actor=actor)


async def _reply(request: Request, settings: SlackApp, click: Click, answer: ClickAnswer) -> None:
    """Answer the person who clicked. The decision is kept even if this fails."""
    context = request.app.state.job_context
    if click.response_url is None or context is None:
        return
    tool = Tool(
        tenant_id=settings.tenant_id, tool_slug="slack.reply", version="1", provider="http", subscription_id=uuid4(),
        config={"kind": SLACK_REPLY_KIND, "target": click.response_url},
    )  # fmt: skip
    call = ToolCall(
        envelope_id=uuid4(), tenant_id=settings.tenant_id, tool=tool, connected_account_id=None, timeout=REPLY_WITHIN,
        arguments=reply_message(answer.text, replaces=answer.is_decided),
    )  # fmt: skip
    outcome = await context.tools.execute(call)
    if not isinstance(outcome, Success):
        log.warning("slack.reply_failed", tenant=str(settings.tenant_id), error=outcome.error)


def _slack_apps(request: Request) -> Mapping[str, SlackApp]:
    apps: Mapping[str, SlackApp] = request.app.state.slack_apps
    return apps
