"""Ask every source that a catalog knows what it offers now; a tool that is new or changed waits, and is on record."""

import asyncio
from collections import Counter, defaultdict
from datetime import timedelta
from uuid import UUID

from prometheus_client import Counter as Total

from control_plane.jobs import Desk, Job, Report, Source, each_tenant, tell_bug
from control_plane.jobs.metrics import REGISTRY
from services.catalog import SyncChange
from services.catalog.definition import read_listing
from services.errors import ControlPlaneError
from services.sync_catalog import sources_of, sync
from services.untrusted import one_line

DRIFTED = Total("catalog_drift_total", "Tools found changed by their provider", ["tenant"], registry=REGISTRY)

COUNTED = (SyncChange.NEW, SyncChange.DRIFTED, SyncChange.REMOVED)
"""What a run tells of."""


async def run(desk: Desk) -> Report:
    """One listing per source serves all its tenants; a source that is away, or a tenant's trouble, stops no other."""
    tenants, problems = await sources_in_catalogs(desk)
    counts = {"sources": len(tenants), **{change.value: 0 for change in COUNTED}, "refused": 0, "failed": len(problems)}
    for (provider, source), whose in tenants.items():
        try:
            listed = await desk.tools.list_tools(provider, source)
            # In a thread: many schemas take a while to check, and leases are renewed meanwhile.
            listing = await asyncio.to_thread(read_listing, listed, provider=provider, source=source, rules=desk.rules)
        except ControlPlaneError as exc:
            counts["failed"] += 1
            problems.append(f"{source}: {exc}")
            continue
        except Exception as exc:  # a bug that one source wakes must not take the others along
            counts["failed"] += 1
            problems.append(f"{source}: {tell_bug(exc, source=source)}")
            continue
        for owner in whose:
            try:
                report = await sync(
                    desk.backends, owner, listing, actor=JOB.actor, trusted=source in desk.trusted_sources
                )
            except ControlPlaneError as exc:
                counts["failed"] += 1
                problems.append(f"{source}: tenant {owner}: {exc}")
                continue
            except Exception as exc:  # nor one tenant's rows
                counts["failed"] += 1
                problems.append(f"{source}: tenant {owner}: {tell_bug(exc, tenant=str(owner))}")
                continue
            happened = Counter(synced.change for synced in report.changes)
            DRIFTED.labels(tenant=str(owner)).inc(happened[SyncChange.DRIFTED])
            for change in COUNTED:
                counts[change.value] += happened[change]
            counts["refused"] += len(report.refused)
            problems += [f"{source}: left out {refused.name}: {refused.why}" for refused in report.refused]
    return Report(counts=counts, problem=one_line("; ".join(dict.fromkeys(problems))) or None)


async def sources_in_catalogs(desk: Desk) -> tuple[dict[Source, list[UUID]], list[str]]:
    """Every source that a catalog knows, with its tenants; and what was wrong with some tenants' catalogs."""
    tenants: defaultdict[Source, list[UUID]] = defaultdict(list)

    async def find_sources(owner: UUID) -> None:
        for where in sources_of(await desk.backends.catalog.list_tools(owner)):
            if desk.sources is None or where in desk.sources:
                tenants[where].append(owner)

    return tenants, await each_tenant(desk, find_sources)


JOB = Job(
    name="catalog_drift", does="looks for tools that their providers changed", every=timedelta(minutes=30), run=run
)
