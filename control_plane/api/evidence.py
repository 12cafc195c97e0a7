"""`/v1/evidence` and `/v1/signals`: what scans have read. Untrusted text: shown to people, never obeyed."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from control_plane.api.answers import Answer
from control_plane.api.bodies import StrictRoute
from control_plane.api.identity import Reader, TenantId

router = APIRouter(prefix="/v1", route_class=StrictRoute, tags=["evidence"])


class EvidenceAnswer(Answer):
    """An answer of a tool to a scan. Proposals cite its `id` and `sha256`."""

    id: UUID
    tenant_id: UUID
    tool_slug: str
    connected_account_id: UUID | None
    sha256: str
    content: Any
    observed_at: datetime
    seen_at: datetime


class EvidenceList(BaseModel):
    """Evidence, the most recently seen first."""

    items: list[EvidenceAnswer]


class SignalAnswer(Answer):
    """A summary of a tool's latest reading."""

    tenant_id: UUID
    tool_slug: str
    connected_account_id: UUID | None
    value: dict[str, Any] = Field(examples=[{"kind": "list", "items": 3}])
    evidence_id: UUID
    observed_at: datetime
    changed_at: datetime = Field(description="Since when the reading has been the same.")


class SignalList(BaseModel):
    """Signals, sorted by tool and account."""

    items: list[SignalAnswer]


@router.get("/evidence")
async def list_evidence(
    caller: Reader, tenant_id: TenantId = None, limit: Annotated[int, Query(ge=1, le=1000)] = 50
) -> EvidenceList:
    """The evidence of the tenant, the most recently seen first."""
    tenant = await caller.known_tenant(tenant_id)
    rows = await caller.backends.evidence.list_evidence(tenant, limit=limit)
    return EvidenceList(items=[EvidenceAnswer.model_validate(row) for row in rows])


@router.get("/signals")
async def list_signals(caller: Reader, tenant_id: TenantId = None) -> SignalList:
    """A summary of each tool's latest reading, and since when it has been the same."""
    rows = await caller.backends.evidence.list_signals(await caller.known_tenant(tenant_id))
    return SignalList(items=[SignalAnswer.model_validate(row) for row in rows])
