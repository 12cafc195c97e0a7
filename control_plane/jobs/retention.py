"""Delete old settled envelopes, evidence and shadow runs. Audit rows are never deleted."""

from datetime import timedelta

from control_plane.jobs import Job, JobContext, JobReport

BATCH_SIZE = 5_000
"""Rows per transaction, so that each takes a fraction of a second."""
RUNS = 1
"""Shadow runs per transaction: one may have 10,000 verdicts."""


async def run(context: JobContext) -> JobReport:
    """Delete all settled envelopes and evidence older than ACP_KEEP_SETTLED."""
    outbox, evidence, shadow_runs = context.backends.outbox, context.backends.evidence, context.backends.shadow_runs
    envelopes = evidence_rows = runs = 0
    while batch := await outbox.forget_settled(keep=context.keep_settled, limit=BATCH_SIZE, actor=JOB.actor):
        envelopes += batch
    while batch := await evidence.forget(keep=context.keep_settled, limit=BATCH_SIZE):
        evidence_rows += batch
    while batch := await shadow_runs.forget(keep=context.keep_settled, limit=RUNS):
        runs += batch
    return JobReport(counts={"forgotten": envelopes, "evidence": evidence_rows, "shadow_runs": runs})


JOB = Job(
    name="retention",
    description="deletes envelopes settled long ago, old evidence and old shadow runs",
    every=timedelta(hours=1),
    run=run,
    by_tenant=False,
)
