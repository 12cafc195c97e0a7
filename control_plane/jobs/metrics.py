"""The Prometheus metrics of the jobs, which `jobs start` serves."""

from prometheus_client import CollectorRegistry, Counter, Histogram

REGISTRY = CollectorRegistry()
RUNS_COUNTER = Counter("job_runs_total", "Runs of a job by final status", ["job", "status"], registry=REGISTRY)
RUN_SECONDS_HISTOGRAM = Histogram("job_run_seconds", "Duration of a run in seconds", ["job"], registry=REGISTRY)
