"""Propose a correction for each draft that people edited lately. People approve corrections before they are used."""

import hashlib
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from uuid import UUID

from control_plane.apps.drafts.learning.corrections import Correction, correction_from, question_of, write_corrections
from control_plane.apps.drafts.learning.pattern_reach import count_reach, read_past_questions
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


async def export_corrections(functions: Functions, tenant: UUID, since: datetime, until: datetime) -> list[Correction]:
    """The corrections from the samples of a time range, the oldest first."""
    return [correction_from(sample) async for sample in read_samples(functions, tenant, since, until)]


async def sync_corrections(functions: Functions, tenant: UUID, *, now: datetime, actor: Actor) -> Synced:
    """Propose corrections from the samples of the last 24 hours. Each sample is proposed only once.

    The run is a row of `drafts.job_runs`, of type `corrections_sync`, with the SHA-256 of the file that
    `export_corrections` makes of the same time range. If it fails, the row says why, and the error is raised.
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
    past = await read_past_questions(functions, tenant, actor=actor)
    async for sample in read_samples(functions, tenant, now - SPAN, now):
        correction = correction_from(sample)
        corrections.append(correction)
        question = question_of(sample)
        if not correction.answer or not (question or correction.patterns):
            continue
        metadata = {
            "sample_id": str(sample.id),
            "draft_id": str(sample.draft_id),
            "conversation_id": str(sample.conversation_id),
        }
        reach = await count_reach(correction.patterns, past, topic=sample.topic, metadata=metadata)
        if reach.is_too_wide and not question:
            continue
        row = await functions.call(
            "drafts.propose_correction",
            correction={
                "external_id": correction.id,
                "patterns": [] if reach.is_too_wide else list(correction.patterns),
                "question": question,
                "answer": correction.answer,
                "sources": list(correction.sources),
                "topic": sample.topic,
                "last_verified": correction.last_verified.isoformat(),
                "metadata": {**metadata, "reach": asdict(reach)},
            },
            tenant=tenant, **by(actor), as_of=functions.as_of(),
        )  # fmt: skip
        proposed += row["status"] == "proposed"
    digest = hashlib.sha256(write_corrections(corrections).encode()).hexdigest()
    return Synced(samples=len(corrections), proposed=proposed), digest
