"""Forget envelopes that were settled long ago, and evidence nobody has seen since; audit rows stay for ever."""

from datetime import timedelta

from control_plane.jobs import Desk, Job, Report

AT_ONCE = 5_000
"""In one transaction: a fraction of a second's work."""


async def run(desk: Desk) -> Report:
    """All that are older than ACP_KEEP_SETTLED."""
    forgotten = 0
    while some := await desk.backends.outbox.forget_settled(keep=desk.keep_settled, limit=AT_ONCE, actor=JOB.actor):
        forgotten += some
    evidence = 0
    while some := await desk.backends.evidence.forget(keep=desk.keep_settled, limit=AT_ONCE):
        evidence += some
    return Report(counts={"forgotten": forgotten, "evidence": evidence})


JOB = Job(
    name="retention", does="forgets envelopes settled long ago", every=timedelta(hours=1), run=run, by_tenant=False
)
