"""`/v1/channels`: where customers write, and which tool sends the replies."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from control_plane.api.bodies import StrictRoute
from control_plane.api.identity import Person, Reader, TenantId
from control_plane.apps.drafts.store import channels, functions_of
from control_plane.apps.drafts.tenant_values import Channel, DraftsSettings, SavedChannel

router = APIRouter(prefix="/v1/channels", route_class=StrictRoute, tags=["channels"])
Minutes = Annotated[int | None, Field(ge=1, le=525_600)]


class SaveChannel(BaseModel, extra="forbid"):
    """A channel to add or change."""

    type: Literal["email", "chat", "shopify", "slack"]
    external_id: str = Field(
        min_length=1, max_length=255, description="The address of the inbox, or the id of the channel.",
        examples=["desk@acme.example"],
    )  # fmt: skip
    name: str = Field(min_length=1, max_length=255, examples=["Help desk"])
    metadata: Mapping[str, Any] = Field(default={}, description="Settings of the channel. No secrets.")
    reply_tool_slug: str | None = Field(
        default=None, min_length=1, max_length=255, description="The tool that sends replies.",
        examples=["EMAIL__desk.send"],
    )  # fmt: skip
    reply_account_id: str | None = Field(
        default=None, min_length=1, max_length=255, description="The connected account that the tool uses."
    )


class ChannelList(BaseModel):
    """The channels of a tenant, by name."""

    items: list[Channel]


class SaveSettings(BaseModel, extra="forbid"):
    """The settings to change. Settings that are left out stay as they are."""

    quiet_seconds: int | None = Field(
        default=None,
        ge=0,
        le=86_400,
        description="Seconds for which the customer must be silent before a draft is written.",
    )
    due_low_minutes: Minutes = None
    due_normal_minutes: Minutes = None
    due_high_minutes: Minutes = None
    due_urgent_minutes: Minutes = None


@router.get("")
async def list_all(caller: Reader, tenant_id: TenantId = None) -> ChannelList:
    """The channels of the tenant, by name."""
    tenant = await caller.known_tenant(tenant_id)
    return ChannelList(items=await channels.list_channels(functions_of(caller.backends), tenant))


@router.post("")
async def save(body: SaveChannel, caller: Person, tenant_id: TenantId = None) -> SavedChannel:
    """Add a channel, or change the one with this `external_id`. 409 if that one is of another type. For owners."""
    return await channels.save_channel(
        functions_of(caller.backends), caller.one_tenant(tenant_id), external_id=body.external_id, name=body.name,
        kind=body.type, metadata=body.metadata, reply_tool_slug=body.reply_tool_slug,
        reply_account_id=body.reply_account_id, actor=caller.actor,
    )  # fmt: skip


@router.get("/settings")
async def get_settings(caller: Reader, tenant_id: TenantId = None) -> DraftsSettings:
    """How drafts works for the tenant: how long a customer must be silent, and when replies are due."""
    return await channels.read_settings(functions_of(caller.backends), await caller.known_tenant(tenant_id))


@router.patch("/settings")
async def change_settings(body: SaveSettings, caller: Person, tenant_id: TenantId = None) -> DraftsSettings:
    """Change the named settings and keep the others. For owners."""
    changes = {name: value for name, value in body.model_dump().items() if value is not None}
    return await channels.save_settings(
        functions_of(caller.backends), caller.one_tenant(tenant_id), changes, actor=caller.actor
    )
