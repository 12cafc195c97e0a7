"""The jobs of autopilot: one file per job, with its `JOB`."""

from control_plane.apps.autopilot.jobs import dry_runs, ingestion_runs, responses, settlements
from control_plane.jobs import Job

JOBS: tuple[Job, ...] = (ingestion_runs.JOB, dry_runs.JOB, responses.JOB, settlements.JOB)
