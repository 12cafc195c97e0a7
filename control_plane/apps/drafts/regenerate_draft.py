"""Have a draft written again, as a reviewer asks for it."""

from uuid import UUID

from control_plane.apps.drafts.store import drafts, functions_of
from services.backends import Backends
from services.envelope import Actor


async def regenerate_draft(
    backends: Backends,
    tenant: UUID,
    draft: UUID,
    *,
    version: int,
    actor: Actor,
    instruction: str | None = None,
    take_over: bool = False,
) -> None:
    """Ask for a new draft in place of this one. An edited draft stays beside the new one. `instruction` is for the
    drafter.

    Raises NotFound, NotAllowed, InvalidInput, and DecisionConflict if the draft has changed or was decided meanwhile.
    """
    await drafts.regenerate(
        functions_of(backends), tenant, draft, version=version, instruction=instruction, take_over=take_over,
        actor=actor,
    )  # fmt: skip


async def request_draft(
    backends: Backends, tenant: UUID, conversation: UUID, *, actor: Actor, instruction: str | None = None
) -> None:
    """Ask for a draft of a conversation that has none: after an abstention, a rejection, or a failed delivery.

    Raises NotFound, InvalidInput, and StateConflict if the customer wrote nothing that can be answered.
    """
    await drafts.request(functions_of(backends), tenant, conversation, instruction=instruction, actor=actor)
