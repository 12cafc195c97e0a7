"""Write drafts for the conversations whose customers have been silent for `quiet_seconds`."""

import asyncio
import traceback
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from uuid import UUID

from control_plane.apps.drafts.drafter import Abstained, Drafter
from control_plane.apps.drafts.store import functions_of, tasks
from control_plane.apps.drafts.values import DraftTask
from services.backends import Backends
from services.backends.functions import Functions
from services.envelope import Actor
from services.errors import ControlPlaneError, concerns_one_tenant

LEASE_FOR = timedelta(minutes=5)
"""After this time a conversation without a draft is tried again, for example because the process was killed."""


class TaskEnd(StrEnum):
    """How the work on one conversation ended."""

    DRAFTED = "drafted"
    ABSTAINED = "abstained"
    MOVED_ON = "moved_on"
    """The customer wrote again, or somebody answered: the result was discarded."""
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskResult:
    """The result for one conversation. `problem` says on one line why it failed, without texts of messages."""

    tenant_id: UUID
    conversation_id: UUID
    end: TaskEnd
    draft_id: UUID | None = None
    problem: str | None = None


async def request_drafts(
    backends: Backends, drafter: Drafter, *, actor: Actor, tenant: UUID | None = None, limit: int = 8
) -> list[TaskResult]:
    """Write the drafts that are needed now, at most `limit`, all at the same time. Returns an empty list if none is
    needed.

    A draft that failed is tried again after LEASE_FOR. Raises NotReady if the database is not reachable.
    """
    functions = functions_of(backends)
    claimed = await tasks.claim(functions, tenant=tenant, limit=limit, lease_for=LEASE_FOR)
    return await asyncio.gather(*(_write_draft(functions, drafter, task, actor) for task in claimed))


async def _write_draft(functions: Functions, drafter: Drafter, task: DraftTask, actor: Actor) -> TaskResult:
    try:
        written = await drafter.draft(task.request)
        if isinstance(written, Abstained):
            saved = await tasks.save_abstention(functions, task, written, actor=actor)
            return _result(task, TaskEnd.ABSTAINED if saved else TaskEnd.MOVED_ON)
        draft = await tasks.save_draft(functions, task, written, actor=actor)
        return _result(task, TaskEnd.MOVED_ON if draft is None else TaskEnd.DRAFTED, draft_id=draft)
    except ControlPlaneError as exc:
        if not concerns_one_tenant(exc):
            raise
        return _result(task, TaskEnd.FAILED, problem=str(exc))
    except Exception as exc:  # a bug that depends on one conversation must not stop the others
        frame = traceback.extract_tb(exc.__traceback__)[-1]
        return _result(task, TaskEnd.FAILED, problem=f"a bug: {type(exc).__name__} at {frame.name}:{frame.lineno}")


def _result(task: DraftTask, end: TaskEnd, *, draft_id: UUID | None = None, problem: str | None = None) -> TaskResult:
    request = task.request
    return TaskResult(
        tenant_id=request.tenant_id, conversation_id=request.conversation_id, end=end, draft_id=draft_id,
        problem=problem,
    )  # fmt: skip
