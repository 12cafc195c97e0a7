"""Delete old settled envelopes, and evidence that no scan has seen for as long. Audit rows are never deleted."""

from datetime import timedelta

from control_plane.jobs import Job, JobContext, JobReport

BATCH_SIZE = 5_000
"""Rows per transaction, so that each takes a fraction of a second."""


async def run(context: JobContext) -> JobReport:
    """Delete all that are older than ACP_KEEP_SETTLED."""
    outbox, evidence = context.backends.outbox, context.backends.evidence
    envelopes = evidence_rows = 0
    while batch := await outbox.forget_settled(keep=context.keep_settled, limit=BATCH_SIZE, actor=JOB.actor):
        envelopes += batch
    while batch := await evidence.forget(keep=context.keep_settled, limit=BATCH_SIZE):
        evidence_rows += batch
    return JobReport(counts={"forgotten": envelopes, "evidence": evidence_rows})


JOB = Job(
    name="retention",
    description="deletes envelopes settled long ago, and old evidence",
    every=timedelta(hours=1),
    run=run,
    by_tenant=False,
)
