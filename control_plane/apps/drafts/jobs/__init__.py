"""The jobs of drafts: one file per job, with its `JOB`."""

from control_plane.apps.drafts.jobs import delivery, receive_mail, unknown_replies
from control_plane.jobs import Job

JOBS: tuple[Job, ...] = (delivery.JOB, receive_mail.JOB, unknown_replies.JOB)
