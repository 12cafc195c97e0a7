"""Ask every source that a catalog knows what it offers now; a tool that is new or changed waits, and is on record."""

from collections import Counter
from datetime import timedelta

from prometheus_client import Counter as Total

from control_plane.jobs import Job, JobContext, JobReport, list_tenants, log_bug
from control_plane.jobs.metrics import REGISTRY
from services.catalog import SyncChange
from services.errors import ControlPlaneError
from services.sync_catalog import SyncFailure, sources_in_catalogs, sync_sources
from services.untrusted import one_line

DRIFTED = Total("catalog_drift_total", "Tools found changed by their provider", ["tenant"], registry=REGISTRY)

COUNTED = (SyncChange.NEW, SyncChange.DRIFTED, SyncChange.REMOVED)
"""What a run tells of."""


async def run(context: JobContext) -> JobReport:
    """One listing per source serves all its tenants; a source that is away, or a tenant's trouble, stops no other."""
    tenants, troubles = await sources_in_catalogs(context.backends, await list_tenants(context))
    if context.sources is not None:
        tenants = {where: whose for where, whose in tenants.items() if where in context.sources}
    problems = [_told(trouble) for trouble in troubles]
    counts = {"sources": len(tenants), **{change.value: 0 for change in COUNTED}, "refused": 0, "failed": len(problems)}
    async for done in sync_sources(
        context.backends,
        context.tools,
        tenants,
        rules=context.rules,
        trusted_sources=context.trusted_sources,
        actor=JOB.actor,
    ):
        if isinstance(done, SyncFailure):
            counts["failed"] += 1
            problems.append(_told(done))
            continue
        source, report = done
        happened = Counter(synced.change for synced in report.changes)
        DRIFTED.labels(tenant=str(report.tenant_id)).inc(happened[SyncChange.DRIFTED])
        for change in COUNTED:
            counts[change.value] += happened[change]
        counts["refused"] += len(report.refused)
        problems += [f"{source}: left out {refused.name}: {refused.why}" for refused in report.refused]
    return JobReport(counts=counts, problem=one_line("; ".join(dict.fromkeys(problems))) or None)


def _told(trouble: SyncFailure) -> str:
    of = {"source": trouble.source, "tenant": trouble.tenant_id and f"{trouble.tenant_id}"}
    known = {name: value for name, value in of.items() if value}
    error = trouble.error
    told = str(error) if isinstance(error, ControlPlaneError) else log_bug(error, **known)
    places = [value if name == "source" else f"tenant {value}" for name, value in known.items()]
    return ": ".join([*places, told])


JOB = Job(
    name="catalog_drift",
    description="looks for tools that their providers changed",
    every=timedelta(minutes=30),
    run=run,
)
