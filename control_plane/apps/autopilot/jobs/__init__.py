"""The jobs of autopilot: one file per job, with its `JOB`."""

from control_plane.apps.autopilot.jobs import (
    burst_watch,
    cluster_times,
    dry_runs,
    ingestion_runs,
    knowledge_match,
    message_redrives,
    model_training,
    notifications,
    responses,
    settlements,
)
from control_plane.jobs import Job

JOBS: tuple[Job, ...] = (
    ingestion_runs.JOB, model_training.JOB, knowledge_match.JOB, dry_runs.JOB, responses.JOB, settlements.JOB,
    notifications.JOB, message_redrives.JOB, burst_watch.JOB, cluster_times.JOB,
)  # fmt: skip
