"""Sync every source of every catalog, so that new and changed tools are quarantined and recorded."""

from collections import Counter
from datetime import timedelta

from prometheus_client import Counter as CounterMetric

from control_plane.jobs import Job, JobContext, JobReport, list_tenants, log_bug
from control_plane.jobs.metrics import REGISTRY
from services.catalog import SyncChange
from services.errors import ControlPlaneError
from services.sync_sources import SyncFailure, sync_known_sources
from services.untrusted import one_line

DRIFTED_TOOLS_COUNTER = CounterMetric(
    "catalog_drift_total", "Tools found changed by their provider", ["tenant"], registry=REGISTRY
)

COUNTED_CHANGES = (SyncChange.NEW, SyncChange.DRIFTED, SyncChange.REMOVED)


async def run(context: JobContext) -> JobReport:
    """Sync the sources. A failure of one source or tenant does not stop the others."""
    sources = set()
    problems: list[str] = []
    counts = {**{change.value: 0 for change in COUNTED_CHANGES}, "refused": 0, "failed": 0}
    async for result in sync_known_sources(
        context.backends,
        context.tools,
        await list_tenants(context),
        lambda source: context.sources is None or source in context.sources,
        rules=context.rules,
        trusted_sources=context.trusted_sources,
        actor=JOB.actor,
    ):
        if isinstance(result, SyncFailure):
            counts["failed"] += 1
            problems.append(_problem(result))
            sources |= {result.source} - {None}
            continue
        source, report = result
        sources.add(source)
        changes = Counter(synced.change for synced in report.changes)
        DRIFTED_TOOLS_COUNTER.labels(tenant=str(report.tenant_id)).inc(changes[SyncChange.DRIFTED])
        for change in COUNTED_CHANGES:
            counts[change.value] += changes[change]
        counts["refused"] += len(report.refused)
        problems += [f"{source.name}: skipped {refused.name}: {refused.why}" for refused in report.refused]
    return JobReport(
        counts={"sources": len(sources), **counts}, problem=one_line("; ".join(dict.fromkeys(problems))) or None
    )


def _problem(failure: SyncFailure) -> str:
    ids = {}
    if failure.source is not None:
        ids["source"] = failure.source.name
    if failure.tenant_id is not None:
        ids["tenant"] = str(failure.tenant_id)
    error = failure.error
    problem = str(error) if isinstance(error, ControlPlaneError) else log_bug(error, **ids)
    places = [value if name == "source" else f"tenant {value}" for name, value in ids.items()]
    return ": ".join([*places, problem])


JOB = Job(
    name="catalog_drift",
    description="looks for tools that their providers changed",
    every=timedelta(minutes=30),
    run=run,
)
