"""What the jobs tell Prometheus; served by `jobs start`."""

from prometheus_client import CollectorRegistry, Counter, Histogram

REGISTRY = CollectorRegistry()
RUNS = Counter("job_runs_total", "Runs of a job by how they ended", ["job", "status"], registry=REGISTRY)
SECONDS = Histogram("job_run_seconds", "How long a run took", ["job"], registry=REGISTRY)
