"""`/console/subscriptions`: where the events of a tenant are sent: webhooks, Slack channels and e-mail addresses."""

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from control_plane.api.email_notices import NoticeServer
from control_plane.api.event_webhooks import ABOUT
from control_plane.api.webhooks import WebhookKey
from control_plane.apps import event_types as types_of_applications
from control_plane.console.own_tenant import choose_tenant, linker, may, whose
from control_plane.console.render import changed, render
from control_plane.console.session import Viewer
from services.errors import NotFound
from services.list_envelopes import list_envelopes
from services.rotate_webhook_secret import rotate_webhook_secret
from services.show_envelopes import show_envelopes
from services.subscribe import subscribe_email, subscribe_slack, subscribe_webhook
from services.subscriptions import MAX_FAILURES_IN_A_ROW, Subscription, SubscriptionKind
from services.tenants import TenantRole
from services.tools.http.slack import SlackApp

router = APIRouter(prefix="/subscriptions")
NOUN = "subscriptions"
SHOWN_DELIVERIES = 10
Description = Annotated[str, Form(max_length=255)]
EventTypes = Annotated[list[str] | None, Form(max_length=50)]


@router.get("")
async def show_list(request: Request, viewer: Viewer, tenant_id: UUID | None = None) -> Response:
    """The subscriptions of a tenant."""
    if viewer.tenant_or_all(tenant_id) is None:
        return await choose_tenant(request, viewer, "Subscriptions")
    tenant = await viewer.known_tenant(tenant_id)
    found = await viewer.backends.subscriptions.list_subscriptions(tenant)
    return render(request, "subscriptions/list.html", subscriptions=found, **await common(viewer, tenant))


@router.get("/new")
async def show_form(
    request: Request, viewer: Viewer, tenant_id: UUID | None = None, kind: SubscriptionKind = SubscriptionKind.WEBHOOK
) -> Response:
    """An empty form for a subscription of this kind."""
    tenant = await viewer.known_tenant(tenant_id)
    state = request.app.state
    is_possible = {
        SubscriptionKind.WEBHOOK: state.webhook_key is not None,
        SubscriptionKind.SLACK: bool(slack_apps_of(request, tenant)),
        SubscriptionKind.EMAIL: state.notice_server is not None,
    }
    return render(
        request, "subscriptions/new.html", kind=kind, kinds=list(SubscriptionKind), is_possible=is_possible[kind],
        apps=slack_apps_of(request, tenant), about=ABOUT, of_applications=types_of_applications(),
        **await common(viewer, tenant),
    )  # fmt: skip


@router.post("/webhook")
async def add_webhook(
    request: Request,
    viewer: Viewer,
    key: WebhookKey,
    url: Annotated[str, Form(max_length=2000)] = "",
    event_types: EventTypes = None,
    description: Description = "",
    tenant_id: UUID | None = None,
) -> Response:
    """Send events to a URL. The answer shows the signing secret; it is not shown again."""
    tenant = viewer.one_tenant(tenant_id)
    signed = await subscribe_webhook(
        viewer.backends, tenant, url.strip(), event_types or (), description=description, key=key, actor=viewer.actor,
        more_types=types_of_applications(),
    )  # fmt: skip
    return await _show_secret(request, viewer, signed.subscription, signed.secret)


@router.post("/slack")
async def add_slack(
    request: Request,
    viewer: Viewer,
    app: Annotated[str, Form(max_length=255)] = "",
    channel: Annotated[str, Form(max_length=255)] = "",
    event_types: EventTypes = None,
    description: Description = "",
    tenant_id: UUID | None = None,
) -> Response:
    """Post events to a Slack channel."""
    tenant = viewer.one_tenant(tenant_id)
    apps = {name: settings.tenant_id for name, settings in request.app.state.slack_apps.items()}
    added = await subscribe_slack(
        viewer.backends, tenant, app, channel.strip(), event_types or (), apps=apps, description=description,
        actor=viewer.actor, more_types=types_of_applications(),
    )  # fmt: skip
    return changed("Slack notice added.", to=linker(viewer, NOUN, tenant)(f"/{added.id}"))


@router.post("/email")
async def add_email(
    viewer: Viewer,
    server: NoticeServer,
    addresses: Annotated[str, Form(max_length=10_000)] = "",
    event_types: EventTypes = None,
    description: Description = "",
    tenant_id: UUID | None = None,
) -> Response:
    """Send e-mail about events."""
    tenant = viewer.one_tenant(tenant_id)
    added = await subscribe_email(
        viewer.backends, tenant, addresses.replace(",", " ").split(), event_types or (),
        server=server, description=description, actor=viewer.actor, more_types=types_of_applications(),
    )  # fmt: skip
    return changed("E-mail notice added.", to=linker(viewer, NOUN, tenant)(f"/{added.id}"))


@router.get("/{subscription_id}")
async def show_one(request: Request, subscription_id: UUID, viewer: Viewer, tenant_id: UUID | None = None) -> Response:
    """One subscription, and its last deliveries."""
    tenant = await viewer.known_tenant(tenant_id)
    found = await _find(viewer, tenant, subscription_id)
    deliveries = await list_envelopes(
        viewer.backends, tenant, status=None, tool_slug=found.tool_slug, limit=SHOWN_DELIVERIES
    )
    return render(
        request, "subscriptions/one.html", subscription=found, most_failures=MAX_FAILURES_IN_A_ROW,
        deliveries=await show_envelopes(viewer.backends, deliveries), **await common(viewer, tenant),
    )  # fmt: skip


@router.post("/{subscription_id}/test")
async def send_test(subscription_id: UUID, viewer: Viewer, tenant_id: UUID | None = None) -> Response:
    """Send a test event."""
    tenant = viewer.one_tenant(tenant_id)
    await viewer.backends.subscriptions.test(tenant, subscription_id, uuid4(), actor=viewer.actor)
    return changed("A test event will be sent.")


@router.post("/{subscription_id}/rotate")
async def rotate(
    request: Request, subscription_id: UUID, viewer: Viewer, key: WebhookKey, tenant_id: UUID | None = None
) -> Response:
    """Give a webhook a new secret. The answer shows it; it is not shown again."""
    found = await _find(viewer, viewer.one_tenant(tenant_id), subscription_id)
    signed = await rotate_webhook_secret(viewer.backends, found.tenant_id, found.id, key=key, actor=viewer.actor)
    return await _show_secret(request, viewer, signed.subscription, signed.secret)


@router.post("/{subscription_id}/enable")
async def enable(subscription_id: UUID, viewer: Viewer, tenant_id: UUID | None = None) -> Response:
    """Resume the delivery to a disabled subscription."""
    tenant = viewer.one_tenant(tenant_id)
    await viewer.backends.subscriptions.enable(tenant, subscription_id, actor=viewer.actor)
    return changed("Enabled. It receives the events that it has missed.")


@router.post("/{subscription_id}/delete")
async def delete(subscription_id: UUID, viewer: Viewer, tenant_id: UUID | None = None) -> Response:
    """Delete the subscription."""
    tenant = viewer.one_tenant(tenant_id)
    await viewer.backends.subscriptions.delete(tenant, subscription_id, actor=viewer.actor)
    return changed("Subscription deleted.", to=linker(viewer, NOUN, tenant)())


async def common(viewer: Viewer, tenant: UUID) -> dict[str, Any]:
    """Template values that all pages of subscriptions share."""
    link = linker(viewer, NOUN, tenant)
    tabs = [
        ("Subscriptions", link()), ("Inbound webhooks", link("/inbound")), ("Slack users", link("/slack-users")),
    ]  # fmt: skip
    return {**await whose(viewer, NOUN, tenant), "may_change": may(viewer, TenantRole.OWNER), "tab_links": tabs}


def slack_apps_of(request: Request, tenant: UUID) -> list[str]:
    """The names of the tenant's Slack apps."""
    apps: Mapping[str, SlackApp] = request.app.state.slack_apps
    return sorted(name for name, settings in apps.items() if settings.tenant_id == tenant)


async def _find(viewer: Viewer, tenant: UUID, subscription_id: UUID) -> Subscription:
    for subscription in await viewer.backends.subscriptions.list_subscriptions(tenant):
        if subscription.id == subscription_id:
            return subscription
    raise NotFound("subscription", subscription_id)


async def _show_secret(request: Request, viewer: Viewer, subscription: Subscription, secret: str) -> Response:
    return render(
        request, "subscriptions/secret.html", name=subscription.target, secret=secret,
        to=linker(viewer, NOUN, subscription.tenant_id)(f"/{subscription.id}"),
        headers={"HX-Trigger": '{"acp:refresh": {}}'},
    )  # fmt: skip
