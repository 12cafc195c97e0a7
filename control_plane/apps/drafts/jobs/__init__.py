"""The jobs of drafts: one file per job, with its `JOB`."""

from control_plane.apps.drafts.jobs import (
    corrections_sync,
    delivery,
    draft_approval,
    draft_archive,
    draft_writing,
    receive_mail,
    refresh,
    unknown_replies,
)
from control_plane.jobs import Job

JOBS: tuple[Job, ...] = (
    delivery.JOB, receive_mail.JOB, unknown_replies.JOB, refresh.JOB, draft_approval.JOB, corrections_sync.JOB,
    draft_archive.JOB, draft_writing.JOB,
)  # fmt: skip
