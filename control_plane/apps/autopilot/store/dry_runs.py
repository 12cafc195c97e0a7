"""Start, lease, fill and read dry-runs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter

from control_plane.apps.autopilot.answers import AnswerArticle
from control_plane.apps.autopilot.readiness import DryRun, DryRunCase
from services.backends.functions import Functions, by
from services.envelope import Actor
from services.errors import NotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCase:
    """A past ticket that a dry-run has to answer."""

    place: int
    ticket_id: UUID
    subject: str
    description: str | None
    requester: str | None
    resolution: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DoneCase:
    """What autopilot would have answered to a past ticket, or why it would not."""

    place: int
    answer: str | None = None
    article_id: UUID | None = None
    score: float | None = None
    similarity: float | None = None
    reason: str | None = None


_DRY_RUN = TypeAdapter(DryRun)
_LEASED = TypeAdapter(DryRun | None)
_DRY_RUNS = TypeAdapter(list[DryRun])
_CASES = TypeAdapter(list[DryRunCase])
_OPEN = TypeAdapter(list[OpenCase])
_DONE = TypeAdapter(list[DoneCase])
_ARTICLES = TypeAdapter(list[AnswerArticle])


async def start_dry_run(
    functions: Functions, tenant: UUID, cluster: UUID, *, tickets: int = 100, actor: Actor
) -> DryRun:
    """Start a dry-run that answers 10 to 100 past tickets. Raises NotFound, NotAllowed, InvalidInput, and
    StateConflict without articles, with fewer than 10 such tickets, or while another one is open."""
    row = await functions.call(
        "autopilot.start_dry_run", tenant=tenant, cluster=cluster, tickets=tickets, **by(actor),
        as_of=functions.as_of(),
    )  # fmt: skip
    return _DRY_RUN.validate_python(row)


async def cancel_dry_run(functions: Functions, tenant: UUID, dry_run: UUID, *, actor: Actor) -> DryRun:
    """Cancel a dry-run; the cases that are done stay. Raises NotFound, NotAllowed, and StateConflict if it has
    ended."""
    row = await functions.call(
        "autopilot.cancel_dry_run", tenant=tenant, dry_run=dry_run, **by(actor), as_of=functions.as_of()
    )
    return _DRY_RUN.validate_python(row)


async def is_waiting(functions: Functions, tenant: UUID | None) -> bool:
    """Whether a dry-run of this tenant, or of any, can be leased now."""
    return bool(await functions.call("autopilot.dry_runs_wait", tenant=tenant, as_of=functions.as_of()))


async def claim_dry_run(
    functions: Functions, *, tenant: UUID | None, lease_for: timedelta, actor: Actor
) -> DryRun | None:
    """Lease the oldest dry-run of this tenant that waits or whose lease expired; without a tenant, of the tenant for
    which none was started for the longest time."""
    row = await functions.call(
        "autopilot.claim_dry_run", worker_id=actor.id, lease_for=lease_for, tenant=tenant, door=actor.door,
        as_of=functions.as_of(),
    )  # fmt: skip
    return _LEASED.validate_python(row)


async def list_open_cases(functions: Functions, dry_run: DryRun, *, limit: int) -> list[OpenCase]:
    """The next cases that are not done."""
    rows = await functions.call(
        "autopilot.list_open_cases", tenant=dry_run.organization_id, dry_run=dry_run.id, max_cases=limit
    )
    return _OPEN.validate_python(rows)


async def save_cases(
    functions: Functions, dry_run: DryRun, cases: Sequence[DoneCase], *, lease_for: timedelta, actor: Actor
) -> DryRun:
    """Store done cases, and extend the lease or complete the dry-run. Raises StateConflict if the lease was lost or the
    dry-run was cancelled."""
    row = await functions.call(
        "autopilot.save_cases", tenant=dry_run.organization_id, dry_run=dry_run.id, lease_token=dry_run.lease_token,
        lease_for=lease_for, cases=_DONE.dump_python(list(cases), mode="json"), actor_id=actor.id, door=actor.door,
        as_of=functions.as_of(),
    )  # fmt: skip
    return _DRY_RUN.validate_python(row)


async def fail_dry_run(functions: Functions, dry_run: DryRun, error: str, *, actor: Actor) -> DryRun:
    """End a dry-run as failed, with this code. Raises StateConflict if the lease was lost or it was cancelled."""
    row = await functions.call(
        "autopilot.fail_dry_run", tenant=dry_run.organization_id, dry_run=dry_run.id, lease_token=dry_run.lease_token,
        error_message=error, actor_id=actor.id, door=actor.door, as_of=functions.as_of(),
    )  # fmt: skip
    return _DRY_RUN.validate_python(row)


async def read_dry_run(functions: Functions, tenant: UUID, dry_run: UUID) -> DryRun:
    """A dry-run. Raises NotFound."""
    row = await functions.call("autopilot.read_dry_run", tenant=tenant, dry_run=dry_run)
    if row is None:
        raise NotFound("dry-run", dry_run)
    return _DRY_RUN.validate_python(row)


async def list_dry_runs(
    functions: Functions, tenant: UUID, cluster: UUID, *, limit: int = 50, before: tuple[datetime, UUID] | None = None
) -> list[DryRun]:
    """The dry-runs of a cluster, the newest first. `before` has the creation time and id of the last one shown."""
    rows = await functions.call(
        "autopilot.list_dry_runs", tenant=tenant, cluster=cluster, max_dry_runs=limit, **_position(before)
    )
    return _DRY_RUNS.validate_python(rows)


async def list_cases(
    functions: Functions, tenant: UUID, dry_run: UUID, *, after: int = 0, limit: int = 100
) -> list[DryRunCase]:
    """The cases of a dry-run that are done, in their order, after the case with the place `after`."""
    rows = await functions.call(
        "autopilot.list_dry_run_cases", tenant=tenant, dry_run=dry_run, after=after, max_cases=limit
    )
    return _CASES.validate_python(rows)


async def list_answer_articles(functions: Functions, tenant: UUID, cluster: UUID) -> list[AnswerArticle]:
    """The active articles of a cluster with their texts, the best first, at most 20."""
    rows = await functions.call("autopilot.list_answer_articles", tenant=tenant, cluster=cluster)
    return _ARTICLES.validate_python(rows)


def _position(before: tuple[datetime, UUID] | None) -> dict[str, Any]:
    return {"before": None, "before_id": None} if before is None else {"before": before[0], "before_id": before[1]}
