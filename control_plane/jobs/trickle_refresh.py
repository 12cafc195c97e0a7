"""Repeat the calls of earlier scans, each category of tools every 30 to 60 minutes, a few tools at a time."""

import random
from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from control_plane.jobs import Job, JobContext, JobReport, list_tenants
from control_plane.jobs.scan_tenants import scan_tenants
from services.accounts import Account
from services.catalog import Tool
from services.clock import utc_now
from services.evidence import Signal
from services.scan_account import ScanReport, scan_account, scan_enabled_tools

MIN_AGE, MAX_AGE = timedelta(minutes=30), timedelta(minutes=60)


async def run(context: JobContext) -> JobReport:
    """Read every tool that is due; in a requested run, every tool."""

    async def scan_tenant(tenant: UUID, deadline: float) -> list[ScanReport]:
        policy = (await context.backends.guardrails.policies([tenant]))[tenant]
        if policy.paused_at is not None:
            return []
        catalog = await context.backends.catalog.list_tools(tenant)
        signals = await context.backends.evidence.list_signals(tenant)
        latest = {(signal.tool_slug, signal.connected_account_id): signal for signal in signals}
        if policy.unreadable is not None:
            return [ScanReport(problems=(f"tenant {tenant}: {policy.unreadable}",))]
        reports = []
        for account in policy.accounts:
            if account.unreadable is not None:
                reports.append(ScanReport(problems=(f"account {account.id}: {account.unreadable}",)))
                continue
            enabled = scan_enabled_tools(catalog, account)
            due = [tool for tool in enabled if context.is_requested or _is_due(tool, account, latest, utc_now())]
            report = await scan_account(
                context.backends, context.tools, account, due, policy.settings, actor=JOB.actor, deadline=deadline
            )
            report.counts["tools"] += len(due)
            reports.append(report)
        return reports

    return await scan_tenants(context, await list_tenants(context), scan_tenant)


def _is_due(tool: Tool, account: Account, latest: Mapping[tuple[str, UUID | None], Signal], now: datetime) -> bool:
    """Whether the tool was never read, or its latest reading is too old."""
    signal = latest.get((tool.tool_slug, account.id))
    if signal is None:
        return account.scanned_at is not None  # an account without a scan is read by the warm scan
    category = (tool.scan or {}).get("category", "")
    return now - signal.observed_at >= refresh_after(category, account, signal.observed_at)


def refresh_after(category: str, account: Account, observed_at: datetime) -> timedelta:
    """The age at which readings of a category are refreshed: random between MIN_AGE and MAX_AGE.

    The same arguments give the same age. So tools that were read together stay together, and accounts spread out.
    """
    drawn = random.Random(f"{category} {account.id} {observed_at:%Y-%m-%d %H}").random()  # noqa: S311  # spreads load
    return MIN_AGE + (MAX_AGE - MIN_AGE) * drawn


JOB = Job(
    name="trickle_refresh",
    description="repeats the calls of earlier scans",
    every=timedelta(minutes=5),
    run=run,
)
