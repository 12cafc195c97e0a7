"""`/console/subscriptions/slack-users`: which person a Slack user is, who may then decide in Slack."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from control_plane.console.pages.subscriptions import common, slack_apps_of
from control_plane.console.render import changed, render
from control_plane.console.session import Viewer
from services.errors import InvalidInput
from services.subscribe import check_slack_app

router = APIRouter(prefix="/subscriptions/slack-users")
Text = Annotated[str, Form(max_length=255)]


@router.get("")
async def show_list(request: Request, viewer: Viewer, tenant_id: UUID | None = None) -> Response:
    """The Slack users of a tenant."""
    tenant = await viewer.known_tenant(tenant_id)
    return render(
        request, "subscriptions/slack_users.html", users=await viewer.backends.slack_users.list_users(tenant),
        apps=slack_apps_of(request, tenant), **await common(viewer, tenant),
    )  # fmt: skip


@router.post("/save")
async def save(
    request: Request, viewer: Viewer, app: Text = "", slack_user_id: Text = "", user_id: Text = "",
    tenant_id: UUID | None = None,
) -> Response:  # fmt: skip
    """Store which person a Slack user is."""
    tenant = viewer.one_tenant(tenant_id)
    apps = {name: settings.tenant_id for name, settings in request.app.state.slack_apps.items()}
    check_slack_app(app, tenant, apps)
    if not user_id.strip():
        raise InvalidInput("user_id", "is required: the subject (sub) of the person's JWT")
    await viewer.backends.slack_users.save(
        tenant, app, slack_user_id.strip(), user_id=user_id.strip(), actor=viewer.actor
    )
    return changed("Saved. This person can decide in Slack.")


@router.post("/delete")
async def delete(
    viewer: Viewer, app: Text = "", slack_user_id: Text = "", tenant_id: UUID | None = None
) -> Response:  # fmt: skip
    """Remove a Slack user."""
    await viewer.backends.slack_users.delete(viewer.one_tenant(tenant_id), app, slack_user_id, actor=viewer.actor)
    return changed("Removed. This Slack user cannot decide any more.")
