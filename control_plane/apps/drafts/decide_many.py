"""Decide about several drafts at once, each as a person saw it."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from control_plane.apps.drafts.decide_draft import decide_draft
from control_plane.apps.drafts.values import DecidedDraft, DraftDecision, RejectionCode
from services.backends import Backends
from services.envelope import Actor
from services.errors import ControlPlaneError, InvalidInput, NotAllowed, NotFound, StateConflict


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownDraft:
    """A draft as a person was shown it."""

    id: UUID
    version: int
    digest: str


async def decide_many(
    backends: Backends,
    tenant: UUID,
    shown: Sequence[ShownDraft],
    *,
    decision: DraftDecision,
    actor: Actor,
    reason: str | None = None,
    code: RejectionCode | None = None,
    webhook_key: str | None = None,
) -> list[tuple[UUID, DecidedDraft | ControlPlaneError]]:
    """Approve or reject each of these drafts, in this order.

    A draft is skipped, with the error as its result, if it has changed, was decided since, cannot be sent, or may not
    be decided by this person. Any other error stops the function: if this function has decided an earlier draft, the
    error is the result of this draft and of all later ones; otherwise it is raised. Raises InvalidInput if `code` does
    not fit the decision, and NotAllowed if this person may decide none of the drafts.
    """
    if (decision is DraftDecision.REJECT) != (code is not None):
        raise InvalidInput("code", "is required to reject, and allowed for nothing else")
    results: list[tuple[UUID, DecidedDraft | ControlPlaneError]] = []
    for position, draft in enumerate(shown):
        try:
            decided = await decide_draft(
                backends, tenant, draft.id, decision=decision, version=draft.version, digest=draft.digest,
                reason=reason, code=code, actor=actor, webhook_key=webhook_key,
            )  # fmt: skip
        except (StateConflict, NotFound, NotAllowed, InvalidInput) as exc:
            results.append((draft.id, exc))
        except ControlPlaneError as exc:
            if not any(isinstance(result, DecidedDraft) for _, result in results):
                raise
            return [*results, *((each.id, exc) for each in shown[position:])]
        else:
            results.append((draft.id, decided))
    refusals = [result for _, result in results if isinstance(result, NotAllowed)]
    if refusals and len(refusals) == len(results):
        raise refusals[0]
    return results
