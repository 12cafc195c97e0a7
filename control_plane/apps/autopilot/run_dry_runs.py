"""Do the dry-runs that wait: compose what autopilot would have answered to past tickets. Nothing is sent."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from uuid import UUID

from control_plane.apps.autopilot.answers import Answer, Passages, answer_ticket, read_passages, similarities_of
from control_plane.apps.autopilot.readiness import DryRun
from control_plane.apps.autopilot.store import dry_runs
from control_plane.apps.autopilot.store.dry_runs import DoneCase, OpenCase
from services.backends.functions import Functions
from services.envelope import Actor
from services.errors import StateConflict

LEASE_FOR = timedelta(minutes=2)
"""How long a dry-run stays with a process that shows no progress."""
AT_ONCE = 10
"""How many cases are stored at once."""


async def claim_dry_runs(functions: Functions, tenant: UUID | None, *, actor: Actor) -> AsyncIterator[DryRun]:
    """Lease the dry-runs that wait, one after the other, of this tenant or of all."""
    while leased := await dry_runs.claim_dry_run(functions, tenant=tenant, lease_for=LEASE_FOR, actor=actor):
        yield leased


async def run_dry_run(functions: Functions, leased: DryRun, *, actor: Actor) -> AsyncIterator[DryRun]:
    """Do a leased dry-run from its first case that is not done. Yields the dry-run each time some cases were stored. If
    it is cancelled, or another process leases it, this ends before a dry-run that has ended was yielded."""
    articles = await dry_runs.list_answer_articles(functions, leased.organization_id, leased.cluster_id)
    passages = await asyncio.to_thread(read_passages, articles)
    run = leased
    while not run.status.has_ended:
        cases = await dry_runs.list_open_cases(functions, run, limit=AT_ONCE)
        done = await asyncio.to_thread(answer_cases, passages, cases)
        try:
            run = await dry_runs.save_cases(functions, run, done, lease_for=LEASE_FOR, actor=actor)
        except StateConflict:
            return
        yield run


def answer_cases(passages: Passages, cases: Sequence[OpenCase]) -> list[DoneCase]:
    """What autopilot would have answered, and how similar that is to what people answered."""
    answers = [
        answer_ticket(passages, subject=case.subject, description=case.description, requester=case.requester)
        for case in cases
    ]
    pairs = [
        (answer.passage if isinstance(answer, Answer) else "", case.resolution)
        for answer, case in zip(answers, cases, strict=True)
    ]
    similarities = similarities_of(pairs)
    return [
        DoneCase(
            place=case.place, answer=answer.text, article_id=answer.article.id, score=answer.score,
            similarity=similarity,
        )
        if isinstance(answer, Answer)
        else DoneCase(place=case.place, score=answer.score, reason=answer.reason)
        for case, answer, similarity in zip(cases, answers, similarities, strict=True)
    ]  # fmt: skip
