"""Read anew what scans have read, each category of tools every 30 to 60 minutes, a little at a time."""

import random
from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from control_plane.jobs import Desk, Job, Report, tenants_of
from control_plane.jobs.scan import Scanned, readable, scan, side_by_side
from services.accounts import Account
from services.catalog import Tool
from services.clock import utc_now
from services.evidence import Signal

SHORTEST, LONGEST = timedelta(minutes=30), timedelta(minutes=60)


async def run(desk: Desk) -> Report:
    """Whatever is due, for each tenant; where a person asks, everything."""

    async def read(tenant: UUID, until: float) -> list[Scanned]:
        policy = (await desk.backends.guardrails.policies([tenant]))[tenant]
        if policy.paused_at is not None:
            return []
        tools = await desk.backends.catalog.list_tools(tenant)
        last = {(s.tool_slug, s.connected_account_id): s for s in await desk.backends.evidence.list_signals(tenant)}
        told = []
        if policy.unreadable is not None:
            return [Scanned(counts=Counter(), problems=(f"tenant {tenant}: {policy.unreadable}",))]
        for account in policy.accounts:
            if account.unreadable is not None:
                told.append(Scanned(counts=Counter(), problems=(f"account {account.id}: {account.unreadable}",)))
                continue
            due = [tool for tool in readable(tools, account) if desk.asked or _is_due(tool, account, last, utc_now())]
            scanned = await scan(desk, account, due, policy.settings, actor=JOB.actor, until=until)
            scanned.counts["tools"] += len(due)
            told.append(scanned)
        return told

    return await side_by_side(desk, await tenants_of(desk), read)


def _is_due(tool: Tool, account: Account, last: Mapping[tuple[str, UUID | None], Signal], now: datetime) -> bool:
    """Never read, or read longer ago than its category's turn this time."""
    signal = last.get((tool.tool_slug, account.id))
    if signal is None:
        return account.scanned_at is not None  # before that, it is the warm scan's
    return now - signal.observed_at >= turn((tool.scan or {}).get("category", ""), account, signal.observed_at)


def turn(category: str, account: Account, since: datetime) -> timedelta:
    """How long until a category is read anew through an account: drawn from 30 to 60 minutes, and the same draw for
    everybody who asks, so that what is read together stays together and accounts spread out."""
    drawn = random.Random(f"{category} {account.id} {since:%Y-%m-%d %H}").random()  # noqa: S311  # spreads load
    return SHORTEST + (LONGEST - SHORTEST) * drawn


JOB = Job(name="trickle_refresh", does="reads again what scans have read", every=timedelta(minutes=5), run=run)
