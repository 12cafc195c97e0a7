"""Describe the requests that we send to webhooks, for the section `webhooks` of the OpenAPI document."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Header
from pydantic import BaseModel, Field

from control_plane.api.answers import ActorAnswer
from control_plane.apps import event_types
from services.subscriptions.events import TEST_EVENT_TYPE, EventType

ABOUT = {
    EventType.ENVELOPE_PROPOSED: "An agent proposed a call.",
    EventType.ENVELOPE_HOLD: "A guardrail holds the call, or the tool could not take it now.",
    EventType.ENVELOPE_RETRY: "An attempt failed, and another one follows.",
    EventType.ENVELOPE_SUCCESS: "The tool reported success.",
    EventType.ENVELOPE_CONFLICT: "The tool answered that the effect exists already or contradicts its state.",
    EventType.ENVELOPE_UNKNOWN: "The call may have been made, and a person has to check.",
    EventType.ENVELOPE_FAILED: "The envelope became a dead letter: its attempts are used up, or the tool refused it.",
    EventType.ENVELOPE_DENIED: "A guardrail forbids the call.",
    EventType.ENVELOPE_EXPIRED: "The deadline passed, or nobody decided in time.",
    EventType.ENVELOPE_CANCELLED: "The envelope was cancelled before the call.",
    EventType.ENVELOPE_RESOLVED: "A person recorded what an unknown call did.",
    EventType.ENVELOPE_REQUEUED: "A dead letter was requeued.",
    EventType.ENVELOPE_EDITED: "A dead letter was requeued with other arguments.",
    EventType.ENVELOPE_DISCARDED: "A dead letter was discarded.",
    EventType.APPROVAL_REQUESTED: "A person has to decide about the call with this digest.",
    EventType.APPROVAL_REMINDED: "The approval is still pending.",
    EventType.APPROVAL_ESCALATED: "The approval has been pending for a long time.",
    EventType.APPROVAL_APPROVED_ONCE: "The first of two people approved the call.",
    EventType.APPROVAL_APPROVED: "The call was approved.",
    EventType.APPROVAL_REJECTED: "The call was rejected, with a code.",
}
TEST_ABOUT = "Somebody requested a test event."
ENVELOPE = "7e4a0000-0000-4000-8000-000000000001"
EXAMPLE = {
    "tenant_id": "7e4a0000-0000-4000-8000-000000000002", "seq": 41,
    "actor": {"type": "worker", "id": "worker-1"}, "envelope_id": ENVELOPE, "external_id": "order-17",
    "tool_slug": "SLACK__chat.post",
}  # fmt: skip


class EventData(BaseModel, extra="allow"):
    """The field `data` of an event: fields of the audit row, without arguments and results. Later versions may add
    fields."""

    tenant_id: UUID
    actor: ActorAnswer
    seq: int | None = Field(default=None, description="Seq of the audit row; absent in a test event.")
    envelope_id: UUID | None = None
    external_id: str | None = None
    tool_slug: str | None = None
    status: str | None = None
    attempts: int | None = None
    error: str | None = Field(default=None, description="The error that the tool answered. Untrusted text.")
    reason: str | None = Field(
        default=None, description="The reason for the event, written by a person, agent or guardrail. Untrusted text."
    )
    code: str | None = Field(default=None, description="The rejection code, if a person rejected the call.")
    digest: str | None = Field(default=None, description="Digest of the call that an approval is or was for.")
    next_run_at: datetime | None = None
    result_sha256: str | None = None
    subscription_id: UUID | None = Field(default=None, description="Only in a test event: the webhook that is tested.")


class Event(BaseModel):
    """One event, as Standard Webhooks recommends."""

    id: str = Field(
        description="The header webhook-id: the same for every attempt and every webhook of the tenant.",
        pattern=r"^[A-Za-z0-9_-]+$",
    )
    type: str = Field(json_schema_extra=lambda schema: schema.update(enum=[*all_types()]))
    timestamp: datetime = Field(
        description="When the event happened. The header webhook-timestamp says when it was sent."
    )
    data: EventData


def event_webhooks() -> APIRouter:
    """A router that serves nothing: each of its routes describes a request that we send."""
    router = APIRouter(tags=["webhooks"])
    for name, about in all_types().items():
        router.add_api_route(
            name, _receive, methods=["POST"], operation_id=f"receive_{name.replace('.', '_')}",
            description=about, status_code=204,
            response_description="Received, as any 2xx status means. Otherwise we send the event again, for hours.",
        )  # fmt: skip
    return router


def all_types() -> dict[str, str]:
    """Every type of event, of the core and of applications, with what it says."""
    return {**{str(name): about for name, about in ABOUT.items()}, **event_types(), TEST_EVENT_TYPE: TEST_ABOUT}


def example_of_event(name: str) -> dict[str, Any]:
    """An example of an event of this type."""
    event_id = (
        f"evt_test_{UUID(ENVELOPE).hex}" if name == TEST_EVENT_TYPE else "evt_7e4a000000004000800000000000000a_41"
    )
    data = {"tenant_id": EXAMPLE["tenant_id"], "actor": EXAMPLE["actor"], "subscription_id": ENVELOPE}
    return {
        "id": event_id, "type": str(name), "timestamp": "2026-11-30T09:00:00Z",
        "data": data if name == TEST_EVENT_TYPE else EXAMPLE,
    }  # fmt: skip


def _receive(
    body: Event,
    webhook_id: Annotated[
        str, Header(description="The id of the event. Ignore an event whose id you have received before.")
    ],
    webhook_timestamp: Annotated[
        int, Header(description="Unix time of this delivery attempt. Refuse a request older than 5 minutes.")
    ],
    webhook_signature: Annotated[
        str,
        Header(
            description="`v1,` and the signature. After a rotation of the secret: two signatures, separated by a space."
        ),
    ],
) -> None:
    """Never called: it only gives the routes their parameters."""
