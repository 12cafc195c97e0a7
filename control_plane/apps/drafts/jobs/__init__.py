"""The jobs of drafts: one file per job, with its `JOB`."""

from control_plane.apps.drafts.jobs import (
    corrections_sync,
    document_refresh,
    draft_approval,
    draft_archive,
    draft_writing,
    receive_mail,
    reply_delivery,
    unknown_replies,
)
from control_plane.jobs import Job

JOBS: tuple[Job, ...] = (
    reply_delivery.JOB, receive_mail.JOB, unknown_replies.JOB, document_refresh.JOB, draft_approval.JOB,
    corrections_sync.JOB, draft_archive.JOB, draft_writing.JOB,
)  # fmt: skip
