"""Renew the leases of a worker, and cancel the attempts whose lease is lost."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from services.errors import ControlPlaneError
from services.outbox import Lease, Outbox
from services.process.health import Health
from worker import telemetry
from worker.attempt_runner import AttemptRunner
from worker.attempts import Attempt
from worker.telemetry import Metrics

MAX_MISSED = 2
"""After this many heartbeats without an answer the worker must assume that its leases are lost."""


@dataclass(slots=True, kw_only=True)
class Heartbeat:
    """Renews every lease of one worker, at regular intervals."""

    outbox: Outbox
    runner: AttemptRunner
    worker_ids: Callable[[], set[str]]
    """Returns the worker ids whose leases to renew."""
    wake: Callable[[], None]
    """Called after each successful heartbeat, because the claim loop may be waiting for it."""
    health: Health
    metrics: Metrics
    lease_for: timedelta
    interval: timedelta
    _missed: int = 0

    @property
    def leases_may_be_lost(self) -> bool:
        """Whether too many heartbeats in a row got no answer. The worker must not claim then."""
        return self._missed >= MAX_MISSED

    async def run(self) -> None:
        """Send heartbeats until cancelled."""
        while True:
            await asyncio.sleep(self.interval.total_seconds())
            await self._send_heartbeat()

    async def _send_heartbeat(self) -> None:
        # The attempts are listed before the request: leases claimed later are missing in the answer, but are not lost.
        attempts = self.runner.attempts.list_open()
        worker_ids = self.worker_ids()
        if not worker_ids:
            self._missed = 0
            self.wake()
            return
        try:
            async with asyncio.timeout(self.lease_for.total_seconds() / 3):
                renewed = set[Lease]()
                for worker_id in worker_ids:
                    renewed |= await self.outbox.heartbeat(worker_id, lease_for=self.lease_for)
        except (ControlPlaneError, TimeoutError) as exc:
            self._missed += 1
            self.health.database_problem = str(exc) or "database: did not answer a heartbeat in time"
            telemetry.log.warning("heartbeat.missed", error=self.health.database_problem, missed=self._missed)
            if self.leases_may_be_lost:
                await self.runner.cancel(self.runner.attempts.list_open())
            return
        self._missed, self.health.database_problem = 0, None
        self.wake()
        await self._abandon([attempt for attempt in attempts if attempt.claimed.lease not in renewed])

    async def _abandon(self, attempts: list[Attempt]) -> None:
        """Cancel these attempts and leave their settlement to the new owner of their lease."""
        still_open = self.runner.attempts.list_open()
        abandoned = [attempt for attempt in attempts if attempt in still_open]
        for attempt in abandoned:
            attempt.abandoned = True
            self.metrics.count_lease_conflict(attempt.claimed.envelope.tenant_id)
            telemetry.log.warning("lease.lost", envelope=str(attempt.claimed.envelope.id))
        await self.runner.cancel(abandoned)
