"""Arguments and options that several commands have, and how a draft is shown."""

from typing import Annotated
from uuid import UUID

import typer

from control_plane.apps.drafts.store import drafts, functions_of
from control_plane.apps.drafts.values import Draft
from services.backends import Backends
from services.errors import NotFound

DraftId = Annotated[UUID, typer.Argument(metavar="DRAFT", help="Id of the draft, as `queue` shows it.")]
Conversation = Annotated[UUID, typer.Argument(metavar="CONVERSATION", help="Id of the conversation.")]
TakeOver = Annotated[bool, typer.Option("--take-over", help="Continue even if another person works on the draft.")]


async def read_draft(services: Backends, tenant: UUID, draft: UUID) -> Draft:
    """The draft as it is now. Raises NotFound."""
    found = await drafts.read_draft(functions_of(services), tenant, draft)
    if found is None:
        raise NotFound("draft", draft)
    return found
