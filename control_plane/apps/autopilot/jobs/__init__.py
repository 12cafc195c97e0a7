"""The jobs of autopilot: one file per job, with its `JOB`."""

from control_plane.apps.autopilot.jobs import (
    autopilot_notifications,
    burst_watch,
    cluster_times,
    ingestion_runs,
    knowledge_match,
    message_redrives,
    model_training,
    run_retention,
    ticket_dry_runs,
    ticket_responses,
    ticket_settlements,
)
from control_plane.jobs import Job

JOBS: tuple[Job, ...] = (
    ingestion_runs.JOB, model_training.JOB, knowledge_match.JOB, ticket_dry_runs.JOB, ticket_responses.JOB,
    ticket_settlements.JOB, autopilot_notifications.JOB, message_redrives.JOB, burst_watch.JOB, cluster_times.JOB,
    run_retention.JOB,
)  # fmt: skip
