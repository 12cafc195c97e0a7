"""`/v1/autopilot/settings`: how autopilot works for a tenant, and what the words of its ticket systems mean."""

from collections.abc import Mapping
from dataclasses import asdict
from decimal import Decimal
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from control_plane.api.answers import Answer
from control_plane.api.bodies import StrictRoute
from control_plane.api.etags import IfMatch, check_match, etag, stale_is_refused
from control_plane.api.identity import Person, Reader, TenantId
from control_plane.apps.autopilot.connections import ConnectionType
from control_plane.apps.autopilot.store import functions_of, settings

router = APIRouter(prefix="/v1/autopilot/settings", route_class=StrictRoute, tags=["autopilot settings"])
Slug = Annotated[
    str | None, Field(max_length=255, description="An empty text removes the tool.", examples=["RITA__status.publish"])
]


class SettingsAnswer(Answer):
    """How autopilot works for a tenant."""

    needed_tickets: int = Field(description="With fewer tickets no model is made.", examples=[100])
    validation_target: int = Field(description="How many trusted tickets a new cluster needs.", examples=[16])
    trusted_percent: int = Field(description="The share of its target that a cluster needs.", examples=[80])
    run_hours: int = Field(description="A run that has not ended after so many hours has failed.", examples=[24])
    sync_tool_slug: str | None = Field(description="The tool that asks a workflow to sync. Null: we sync ourselves.")
    status_tool_slug: str | None = Field(description="The tool that sends `ticket_ingestion`.")
    cluster_tool_slug: str | None = Field(description="The tool that sends `cluster_notification`.")
    enrichment_tool_slug: str | None = Field(description="The tool that sends `enrichment_notification`.")
    article_tool_slug: str | None = Field(description="The tool that publishes an article.")
    response_tool_slug: str | None = Field(description="The tool that answers a ticket.")
    minutes_per_ticket: int = Field(description="How long people work on a ticket, on average.")
    cost_per_hour: Decimal = Field(description="What an hour of this work costs. 0: not known.", examples=["45.50"])


class SettingsChange(BaseModel, extra="forbid"):
    """The settings to change. Settings that are left out stay as they are."""

    needed_tickets: int | None = Field(default=None, ge=1, le=1_000_000, examples=[200])
    validation_target: int | None = Field(default=None, ge=1, le=10_000)
    trusted_percent: int | None = Field(default=None, ge=1, le=100)
    run_hours: int | None = Field(default=None, ge=1, le=720)
    sync_tool_slug: Slug = None
    status_tool_slug: Slug = None
    cluster_tool_slug: Slug = None
    enrichment_tool_slug: Slug = None
    article_tool_slug: Slug = None
    response_tool_slug: Slug = None
    minutes_per_ticket: int | None = Field(default=None, ge=1, le=1440)
    cost_per_hour: Decimal | None = Field(default=None, ge=0, le=100_000, decimal_places=2, examples=["45.50"])


class MappingAnswer(Answer):
    """What a word of a ticket system means."""

    connection_type: ConnectionType
    field: Literal["status", "priority"]
    word: str = Field(validation_alias="source_value", description="In small letters.", examples=["in progress"])
    value: str = Field(examples=["open"])


class MappingList(BaseModel):
    """The words of a tenant's ticket systems."""

    items: list[MappingAnswer]


class SetMapping(BaseModel, extra="forbid"):
    """What a word of a ticket system means."""

    connection_type: ConnectionType
    field: Literal["status", "priority"]
    word: str = Field(min_length=1, max_length=255, description="In any case.", examples=["In Progress"])
    value: str | None = Field(
        max_length=16, examples=["open"],
        description="A status is open, pending, resolved or closed; a priority is critical, high, normal or low. "
        "Null removes the word.",
    )  # fmt: skip


@router.get("")
async def get(response: Response, caller: Reader, tenant_id: TenantId = None) -> SettingsAnswer:
    """How autopilot works for the tenant. Send the ETag as If-Match to change it."""
    found = await settings.read_settings(functions_of(caller.backends), await caller.known_tenant(tenant_id))
    return _answer(response, found)


@router.patch("")
async def change(
    body: SettingsChange, response: Response, caller: Person, tenant_id: TenantId = None, if_match: IfMatch = None
) -> SettingsAnswer:
    """Change the named settings and keep the others. Needs the header If-Match. For owners."""
    functions, tenant = functions_of(caller.backends), caller.one_tenant(tenant_id)
    changes = {name: value for name, value in body.model_dump().items() if value is not None}
    found = await settings.read_settings(functions, tenant)
    check_match(if_match, document_of(found))
    with stale_is_refused():
        saved = await settings.save_settings(functions, tenant, changes, replaces=found, actor=caller.actor)
    return _answer(response, saved)


@router.get("/words")
async def list_words(caller: Reader, tenant_id: TenantId = None) -> MappingList:
    """What the words of the tenant's ticket systems mean."""
    found = await settings.list_value_mappings(functions_of(caller.backends), await caller.known_tenant(tenant_id))
    return MappingList(items=[MappingAnswer.model_validate(each) for each in found])


@router.post("/words", status_code=204)
async def set_word(body: SetMapping, caller: Person, tenant_id: TenantId = None) -> None:
    """Say what a word of a ticket system means: a status or a priority. For owners."""
    await settings.save_value_mapping(
        functions_of(caller.backends), caller.one_tenant(tenant_id), body.connection_type, body.field, word=body.word,
        value=body.value, actor=caller.actor,
    )  # fmt: skip


def _answer(response: Response, found: settings.AutopilotSettings) -> SettingsAnswer:
    response.headers["ETag"] = etag(document_of(found))
    return SettingsAnswer.model_validate(found)


def document_of(found: settings.AutopilotSettings) -> Mapping[str, Any]:
    """What the ETag is made of."""
    return asdict(found) | {"cost_per_hour": str(found.cost_per_hour.normalize())}
