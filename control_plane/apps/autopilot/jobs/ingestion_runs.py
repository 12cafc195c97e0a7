"""Do the ingestion runs that wait: syncs of tickets, also those that are due by their schedule.

Several runs are done at the same time, and new ones begin meanwhile, so a slow ticket system delays only its own
tenant.
"""

import asyncio
from collections import Counter, deque
from collections.abc import Callable
from datetime import timedelta

from control_plane.apps.autopilot.do_run import RunEnd, do_run
from control_plane.apps.autopilot.runs import LeasedRun
from control_plane.apps.autopilot.sources.logins import Resolve, read_logins, resolver
from control_plane.apps.autopilot.store import functions_of, runs
from control_plane.jobs import Job, JobContext, JobReport
from services.backends.functions import Functions
from services.errors import ControlPlaneError
from services.tools.outgoing import AllowedHosts
from services.untrusted import one_line

AT_ONCE = 32
"""How many runs are done at the same time. Most of the time they wait for a ticket system."""
AT_ONCE_OF_A_TENANT = 2
LEASE_FOR = timedelta(minutes=2)
"""After this time, another process continues a run whose process was killed."""
LOOK_EVERY = timedelta(seconds=5)
"""How often new runs are looked for while others are running."""


async def is_needed(context: JobContext) -> bool:
    """Whether a sync is due, or a run waits or has lost its worker."""
    if context.backends.functions is None:
        return False
    return await runs.are_waiting(functions_of(context.backends))


async def run(context: JobContext) -> JobReport:
    """Do runs until none is left."""
    functions = functions_of(context.backends)
    worker = _Worker(functions, resolver(read_logins()), AllowedHosts(context.allowed_hosts))
    await worker.work()
    return JobReport(counts=worker.counts, problem=one_line("; ".join(worker.problems)) or None)


class _Worker:
    """Claims runs and does them."""

    def __init__(self, functions: Functions, resolve: Resolve, allowed_hosts: AllowedHosts) -> None:
        self._functions, self._resolve, self._allowed_hosts = functions, resolve, allowed_hosts
        self.counts: Counter[str] = Counter({"started": 0, **{end.value: 0 for end in RunEnd}})
        self.problems: deque[str] = deque(maxlen=20)
        """The last problems."""

    async def work(self) -> None:
        """Claim runs and do them until none is left."""
        async with asyncio.TaskGroup() as group:
            running: set[asyncio.Task[None]] = set()
            while True:
                await self._claim(running, lambda leased: group.create_task(self._do(leased)))
                if not running:
                    return
                _, running = await asyncio.wait(
                    running, timeout=LOOK_EVERY.total_seconds(), return_when=asyncio.FIRST_COMPLETED
                )

    async def _claim(self, running: set[asyncio.Task[None]], begin: Callable[[LeasedRun], asyncio.Task[None]]) -> None:
        """Start the syncs that are due, and begin as many runs as may be done at the same time."""
        try:
            self.counts["started"] += await runs.start_due_syncs(self._functions, actor=JOB.actor)
            while len(running) < AT_ONCE:
                leased = await runs.claim_run(
                    self._functions, lease_for=LEASE_FOR, max_per_tenant=AT_ONCE_OF_A_TENANT, actor=JOB.actor
                )
                if leased is None:
                    return
                running.add(begin(leased))
        except ControlPlaneError as exc:
            if not running:
                raise
            self.problems.append(str(exc))  # an error here must not cancel the runs that are running

    async def _do(self, leased: LeasedRun) -> None:
        done = await do_run(
            self._functions, leased, resolve=self._resolve, allowed_hosts=self._allowed_hosts, lease_for=LEASE_FOR,
            actor=JOB.actor,
        )  # fmt: skip
        self.counts[done.end] += 1
        if done.problem is not None:
            self.problems.append(f"run {leased.run.id}: {done.problem}")


JOB = Job(
    name="ingestion_runs",
    description="syncs tickets, and makes new models of them",
    every=timedelta(seconds=5),
    run=run,
    by_tenant=False,
    is_needed=is_needed,
)
