"""`/signed/drafts`: messages that other systems send in their own form, signed by them."""

import asyncio
from dataclasses import replace
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Request
from fastapi.responses import PlainTextResponse, Response

from control_plane.api.bodies import StrictRoute
from control_plane.api.request_limiter import limit_failed_signatures
from control_plane.api.webhooks import WebhookKey
from control_plane.apps.drafts.channels import slack, standard
from control_plane.apps.drafts.channels.payloads import Delivered, read_json
from control_plane.apps.drafts.channels.senders import SenderKind, check_signature, read_payload, read_senders
from control_plane.apps.drafts.receive_message import receive_message
from services.backends import Backends
from services.clock import utc_now
from services.envelope import Actor, ActorType, Door
from services.errors import NotFound
from services.receive_event import find_sender

router = APIRouter(
    prefix="/signed/drafts", route_class=StrictRoute, tags=["signed messages"],
    dependencies=[Depends(limit_failed_signatures)],
)  # fmt: skip
Name = Annotated[str, Path(min_length=1, max_length=255, examples=["shop"])]


@router.post("/senders/{name}", status_code=204, responses={200: {"description": "The challenge of Slack."}})
async def receive_from_sender(name: Name, request: Request) -> Response:
    """Receive a message from Slack, Shopify, Chatwoot or Zendesk. `name` is the system's in ACP_DRAFTS_SENDERS."""
    sender = read_senders().get(name)
    if sender is None:
        raise NotFound("sender", name)
    body, now = await request.body(), utc_now()
    check_signature(sender, body, request.headers, now=now)
    await request.app.state.limiter.count_sender(request, sender.tenant_id, f"drafts:{name}")
    payload = read_json(body)
    if sender.kind is SenderKind.SLACK and (challenge := slack.challenge(payload)) is not None:
        return PlainTextResponse(challenge)
    await _store(request, sender.tenant_id, name, read_payload(sender, payload, now=now))
    return Response(status_code=204)


@router.post("/{tenant_id}/{webhook_id}", status_code=204)
async def receive_standard(tenant_id: UUID, webhook_id: UUID, request: Request, key: WebhookKey) -> Response:
    """Receive a message, signed with the secret of an inbound webhook in the format of Standard Webhooks.

    The message goes to the channel that has the webhook's name as its `external_id`.
    """
    backends: Backends = request.app.state.access.operator
    body, now = await request.body(), utc_now()
    webhook = await find_sender(backends, tenant_id, webhook_id, body, request.headers, key=key, now=now)
    await request.app.state.limiter.count_sender(request, tenant_id, f"webhook:{webhook_id}")
    # in a thread, because the HTML of a message may take seconds to read
    delivered = await asyncio.to_thread(standard.read, read_json(body), channel=webhook.name, now=now)
    if delivered is not None and delivered.message.external_id is None:
        named = replace(delivered.message, external_id=request.headers["webhook-id"])
        delivered = replace(delivered, message=named)
    await _store(request, tenant_id, webhook.name, delivered)
    return Response(status_code=204)


async def _store(request: Request, tenant: UUID, name: str, delivered: Delivered | None) -> None:
    if delivered is None:
        return
    actor = Actor(type=ActorType.SYSTEM, id=f"drafts.{name}", door=Door.API)
    await receive_message(
        request.app.state.access.operator, tenant, delivered.message, actor=actor, is_ours=delivered.is_ours
    )
