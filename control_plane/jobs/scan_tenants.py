"""Code of both scan jobs: scan several tenants concurrently, each within a time limit."""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import timedelta
from uuid import UUID

from control_plane.jobs import JobContext, JobReport, log_bug
from services.errors import ControlPlaneError
from services.scan_account import ScanReport
from services.untrusted import one_line

CONCURRENT_TENANTS = 8
TIME_PER_TENANT = timedelta(seconds=30)
"""After this time, no call for the tenant starts in a scheduled run. A later trickle refresh reads the rest."""

ScanTenant = Callable[[UUID, float], Awaitable[Sequence[ScanReport]]]
"""Scans one tenant until a deadline, a time of `time.monotonic`."""


async def scan_tenants(context: JobContext, tenants: Iterable[UUID], scan_tenant: ScanTenant) -> JobReport:
    """Scan the tenants. A failure for one tenant does not affect the others."""
    slots = asyncio.Semaphore(CONCURRENT_TENANTS)
    counts: Counter[str] = Counter()
    problems: list[str] = []

    async def scan(tenant: UUID) -> None:
        async with slots:
            deadline = float("inf") if context.is_requested else time.monotonic() + TIME_PER_TENANT.total_seconds()
            try:
                for report in await scan_tenant(tenant, deadline):
                    counts.update(report.counts)
                    problems.extend(report.problems)
            except ControlPlaneError as exc:
                problems.append(str(exc))
            except Exception as exc:  # a bug that depends on one tenant's rows must not affect the other tenants
                problems.append(log_bug(exc, tenant=str(tenant)))

    async with asyncio.TaskGroup() as group:
        for tenant in tenants:
            group.create_task(scan(tenant))
    return JobReport(counts=counts, problem=one_line("; ".join(problems)) or None)
