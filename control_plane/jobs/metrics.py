"""The Prometheus metrics of the jobs, which `jobs start` serves."""

from prometheus_client import CollectorRegistry, Counter, Histogram

REGISTRY = CollectorRegistry()
RUNS = Counter("job_runs_total", "Runs of a job by final status", ["job", "status"], registry=REGISTRY)
SECONDS = Histogram("job_run_seconds", "Duration of a run in seconds", ["job"], registry=REGISTRY)
