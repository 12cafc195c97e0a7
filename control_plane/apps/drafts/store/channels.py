"""Channels, settings, users and notifications of a tenant."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter

from control_plane.apps.drafts.mail.threads import NO_ROOM, has_no_room
from control_plane.apps.drafts.tenant_values import Channel, DraftsSettings, Notification, SavedChannel, User
from services.backends.functions import Functions, by
from services.envelope import Actor

_SAVED = TypeAdapter(SavedChannel)
_CHANNELS = TypeAdapter(list[Channel])
_USERS = TypeAdapter(list[User])
_SETTINGS = TypeAdapter(DraftsSettings)
_NOTIFICATIONS = TypeAdapter(list[Notification])


async def list_channels(functions: Functions, tenant: UUID | None, *, kind: str | None = None) -> list[Channel]:
    """The channels of a tenant, or of all, by name."""
    return _CHANNELS.validate_python(await functions.call("drafts.list_channels", tenant=tenant, type=kind))


async def save_channel(
    functions: Functions, tenant: UUID, *, external_id: str, name: str, kind: str,
    metadata: Mapping[str, Any] | None = None, reply_tool_slug: str | None = None, reply_account_id: str | None = None,
    actor: Actor,
) -> SavedChannel:  # fmt: skip
    """Create a channel, or change the one with this external_id. Raises InvalidInput, NotAllowed, StateConflict."""
    row = await functions.call(
        "drafts.save_channel", tenant=tenant, external_id=external_id, name=name, type=kind, metadata=metadata,
        reply_tool_slug=reply_tool_slug, reply_account_id=reply_account_id, **by(actor), as_of=functions.as_of(),
    )  # fmt: skip
    notes = (NO_ROOM,) if kind == "email" and has_no_room(external_id) else ()
    return _SAVED.validate_python({**row, "notes": notes})


async def read_settings(functions: Functions, tenant: UUID) -> DraftsSettings:
    """The tenant's settings of the application drafts."""
    return _SETTINGS.validate_python(await functions.call("drafts.read_settings", tenant=tenant))


async def save_settings(
    functions: Functions, tenant: UUID, settings: Mapping[str, Any], *, actor: Actor
) -> DraftsSettings:
    """Change the settings that are named. Raises InvalidInput."""
    row = await functions.call(
        "drafts.save_settings", tenant=tenant, settings=settings, **by(actor), as_of=functions.as_of()
    )
    return _SETTINGS.validate_python(row)


async def list_users(functions: Functions, tenant: UUID) -> list[User]:
    """The people who work on the tenant's replies, by name."""
    return _USERS.validate_python(await functions.call("drafts.list_users", tenant=tenant))


async def list_notifications(
    functions: Functions, tenant: UUID, *, subject: str | None = None, unread_only: bool = False,
    before: tuple[datetime, UUID] | None = None, limit: int = 50,
) -> list[Notification]:  # fmt: skip
    """A page of notifications, the newest first: those for everybody, and those for the user with this JWT subject."""
    moment, id_ = before or (None, None)
    rows = await functions.call(
        "drafts.list_notifications", tenant=tenant, max_notifications=limit, for_subject=subject,
        unread_only=unread_only, before=moment, before_id=id_,
    )  # fmt: skip
    return _NOTIFICATIONS.validate_python(rows)


async def mark_read(functions: Functions, tenant: UUID, ids: Collection[UUID], *, actor: Actor) -> int:
    """Mark notifications as read. Returns how many were unread."""
    answer = await functions.call(
        "drafts.read_notifications", tenant=tenant, ids=list(ids), **by(actor), as_of=functions.as_of()
    )
    return int(answer["read"])
