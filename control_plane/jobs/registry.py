"""All jobs: first the jobs of the core, then the jobs of the applications."""

from control_plane.apps import offered
from control_plane.jobs import (
    Job,
    account_health,
    approval_expiry,
    approval_reminders,
    catalog_drift,
    dlq_gauge,
    end_counts,
    event_delivery,
    retention,
    trickle_refresh,
    warm_scan,
)

JOBS: dict[str, Job] = {
    job.name: job
    for job in (
        warm_scan.JOB, trickle_refresh.JOB, catalog_drift.JOB, account_health.JOB, approval_reminders.JOB,
        approval_expiry.JOB, retention.JOB, dlq_gauge.JOB, event_delivery.JOB, end_counts.JOB, *offered("jobs", "JOBS"),
    )
}  # fmt: skip
