"""The jobs of drafts: one file per job, with its `JOB`."""

from control_plane.apps.drafts.jobs import delivery
from control_plane.jobs import Job

JOBS: tuple[Job, ...] = (delivery.JOB,)
