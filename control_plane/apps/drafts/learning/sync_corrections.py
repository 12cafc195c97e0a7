"""Propose a correction for each draft that people edited lately. People approve corrections before they are used."""

import hashlib
from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from control_plane.apps.drafts.learning.corrections import (
    Correction,
    Sample,
    correction_from,
    question_of,
    write_corrections,
)
from control_plane.apps.drafts.learning.pattern_reach import Reach, count_reach, read_past_questions
from control_plane.apps.drafts.store.samples import read_samples
from services.backends.functions import Functions, by
from services.envelope import Actor
from services.errors import ControlPlaneError

SPAN = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Synced:
    """How many samples there were, and how many new corrections were proposed."""

    samples: int
    proposed: int


@dataclass(frozen=True, slots=True)
class _Proposal:
    """A correction as it is proposed: without patterns that match too many messages about something else."""

    sample: Sample
    correction: Correction
    reach: Reach
    metadata: dict[str, str]


async def export_corrections(
    functions: Functions, tenant: UUID, since: datetime, until: datetime, *, actor: Actor
) -> list[Correction]:
    """The corrections that the samples of a time range give, the oldest first, as they are proposed."""
    return [each.correction async for each in _read_proposals(functions, tenant, since, until, actor=actor)]


async def sync_corrections(functions: Functions, tenant: UUID, *, now: datetime, actor: Actor) -> Synced:
    """Propose corrections from the samples of the last 24 hours. Each sample is proposed only once.

    The run is stored in `drafts.job_runs` with type `corrections_sync`. It has the SHA-256 of a file: the output of
    `export_corrections` for the same time range at that moment. If the run fails, the row says why, and the
    error is raised.
    """
    caller = {"tenant": tenant, **by(actor)}
    run = await functions.call("drafts.start_import", type="corrections_sync", **caller, as_of=functions.as_of())
    try:
        synced, digest = await _propose(functions, tenant, now=now, actor=actor)
    except ControlPlaneError as exc:
        await functions.call(
            "drafts.finish_import", import_id=run["id"], error=str(exc), metrics={}, **caller, as_of=functions.as_of()
        )
        raise
    metrics = {"samples": synced.samples, "proposed": synced.proposed, "sha256": digest}
    await functions.call(
        "drafts.finish_import", import_id=run["id"], error=None, metrics=metrics, **caller, as_of=functions.as_of()
    )
    return synced


async def _propose(functions: Functions, tenant: UUID, *, now: datetime, actor: Actor) -> tuple[Synced, str]:
    corrections, proposed = [], 0
    async for each in _read_proposals(functions, tenant, now - SPAN, now, actor=actor):
        correction, question = each.correction, question_of(each.sample)
        corrections.append(correction)
        if not correction.answer or not (question or correction.patterns):
            continue
        row = await functions.call(
            "drafts.propose_correction",
            correction={
                "external_id": correction.id,
                "patterns": list(correction.patterns),
                "question": question,
                "answer": correction.answer,
                "sources": list(correction.sources),
                "topic": each.sample.topic,
                "last_verified": correction.last_verified.isoformat(),
                "metadata": {**each.metadata, "reach": asdict(each.reach)},
            },
            tenant=tenant, **by(actor), as_of=functions.as_of(),
        )  # fmt: skip
        proposed += row["status"] == "proposed"
    digest = hashlib.sha256(write_corrections(corrections).encode()).hexdigest()
    return Synced(samples=len(corrections), proposed=proposed), digest


async def _read_proposals(
    functions: Functions, tenant: UUID, since: datetime, until: datetime, *, actor: Actor
) -> AsyncIterator[_Proposal]:
    past = await read_past_questions(functions, tenant, actor=actor)
    async for sample in read_samples(functions, tenant, since, until):
        correction = correction_from(sample)
        metadata = {
            "sample_id": str(sample.id),
            "draft_id": str(sample.draft_id),
            "conversation_id": str(sample.conversation_id),
        }
        reach = await count_reach(correction.patterns, past, topic=sample.topic, metadata=metadata)
        if reach.is_too_wide:
            correction = replace(correction, patterns=())
        yield _Proposal(sample, correction, reach, metadata)
