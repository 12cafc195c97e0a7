"""Save the text of a reviewer, before the decision."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from uuid_utils.compat import uuid7

from control_plane.apps.drafts.reply import Reply, compose
from control_plane.apps.drafts.store import drafts, functions_of
from control_plane.apps.drafts.values import EditedDraft
from services.backends import Backends
from services.envelope import Actor
from services.errors import NotFound


async def edit_draft(
    backends: Backends,
    tenant: UUID,
    draft: UUID,
    *,
    version: int,
    text: str,
    actor: Actor,
    html: str | None = None,
    attachments: Sequence[Mapping[str, Any]] | None = None,
    take_over: bool = False,
) -> EditedDraft:
    """Save the text, and the files if they are given. Returns the version and digest that the next decision must name.

    Raises NotFound, NotAllowed, InvalidInput for a text that could not be sent, and DecisionConflict if the draft has
    changed since `version`, was decided, or another user works on it.
    """
    functions = functions_of(backends)
    shown = await drafts.read_draft(functions, tenant, draft)
    if shown is None:
        raise NotFound("draft", draft)
    if shown.recipient is not None:
        files = shown.attachments if attachments is None else tuple(attachments)
        compose(Reply(draft=replace(shown, attachments=files), text=text, html=html, envelope_id=uuid7()))
    return await drafts.edit(
        functions, tenant, draft, version=version, text=text, html=html, attachments=attachments, take_over=take_over,
        actor=actor,
    )  # fmt: skip
