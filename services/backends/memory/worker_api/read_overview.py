"""Read the numbers of the overview."""

from collections import Counter
from collections.abc import Iterable
from itertools import islice
from uuid import UUID

from services.accounts import AccountStatus
from services.backends.memory.approvals import open_approvals
from services.backends.memory.job_runs import runs_of
from services.backends.memory.lanes import pending_heads
from services.backends.memory.state import State
from services.backends.memory.tenants import without_ended_pause
from services.catalog import ToolStatus
from services.envelope import Status
from services.job_runs import RunStatus
from services.overview import MAX_COUNTED, Overview, TenantToCheck

MAX_TO_CHECK = 50
_UNHEALTHY = frozenset({AccountStatus.EXPIRED, AccountStatus.ERROR})


def read_overview(state: State, tenant: UUID | None) -> Overview:
    """See `services.overview.Overviews.read`."""
    now = state.clock()
    tenants = {id_: without_ended_pause(row, now) for id_, row in state.tenants.items() if tenant in {None, id_}}
    outbox = [envelope for envelope in state.outbox.values() if envelope.tenant_id in tenants]
    due = [
        head.next_run_at or now
        for head in pending_heads(state)
        if head.tenant_id in tenants and tenants[head.tenant_id].paused_at is None
    ]
    return Overview(
        tenants=_count(tenants),
        paused_tenants=_count(shown for shown in tenants.values() if shown.paused_at is not None),
        pending=_count(envelope for envelope in outbox if envelope.status is Status.PENDING),
        in_flight=min(
            MAX_COUNTED + 1, sum(len(lane.in_flight) for (owner, _), lane in state.lanes.items() if owner in tenants)
        ),
        unknown=_count(envelope for envelope in outbox if envelope.status is Status.UNKNOWN),
        oldest_due_at=min((moment for moment in due if moment <= now), default=None),
        dead_letters=_count(dead for dead in state.dead_letters.values() if dead.tenant_id in tenants),
        approvals=_count(approval for approval in open_approvals(state) if approval.tenant_id in tenants),
        quarantined_tools=_count(
            tool
            for (owner, _, _), (_, tool) in state.tools.items()
            if owner in tenants and tool.status is ToolStatus.QUARANTINED
        ),
        unhealthy_accounts=_count(
            account
            for account in state.accounts.values()
            if account.tenant_id in tenants and account.status in _UNHEALTHY
        ),
        tenants_to_check=_tenants_to_check(state) if tenant is None else None,
        failing_jobs=_failing_jobs(state) if tenant is None else None,
    )


def _tenants_to_check(state: State) -> tuple[TenantToCheck, ...]:
    tools = Counter(owner for (owner, _, _), (_, tool) in state.tools.items() if tool.status is ToolStatus.QUARANTINED)
    accounts = Counter(account.tenant_id for account in state.accounts.values() if account.status in _UNHEALTHY)
    found = [state.tenants[id_] for id_ in sorted(tools.keys() | accounts.keys())[:MAX_TO_CHECK]]
    return tuple(
        TenantToCheck(
            tenant_id=tenant.id, name=tenant.name, quarantined_tools=tools[tenant.id],
            unhealthy_accounts=accounts[tenant.id],
        )
        for tenant in sorted(found, key=lambda tenant: (tenant.name, tenant.id))
    )  # fmt: skip


def _count(rows: Iterable[object]) -> int:
    return sum(1 for _ in islice(rows, MAX_COUNTED + 1))


def _failing_jobs(state: State) -> tuple[str, ...]:
    failing = []
    for job in sorted({run.job for run in state.job_runs.values()}):
        ended = (run.status for run in runs_of(state, job) if run.status is not RunStatus.RUNNING)
        if next(ended, None) in {RunStatus.FAILED, RunStatus.LOST}:
            failing.append(job)
    return tuple(failing)
