"""Judge envelopes by the candidates of shadow runs, and record the verdicts. Calls never wait for this.

If an error occurs or the queue is full, some of these verdicts are lost, and nothing else.
"""

import asyncio
import time
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from services.catalog import Tool
from services.envelope import Envelope
from services.errors import ControlPlaneError
from services.evidence import EvidenceKey, StoredEvidence
from services.guardrails import Decision, Policy
from services.guardrails.shadow import judge_shadow
from services.outbox import Disposition
from services.shadow_runs import ShadowRuns, ShadowVerdict
from worker import telemetry

MAX_BATCH = 500
MAX_WAITING = 2_000
"""The most envelopes that wait to be judged. If more come, the oldest are dropped, because this worker cannot keep
up."""
YIELD_EVERY = 0.005
"""Seconds of judging after which other tasks run."""
AGAIN_AFTER = 0.1
"""Seconds until the verdicts of a locked run are sent again."""
DECISION_BY_DISPOSITION = {
    Disposition.HOLD: Decision.HOLD, Disposition.AWAITING_APPROVAL: Decision.NEEDS_APPROVAL,
    Disposition.DENIED: Decision.DENY,
}  # fmt: skip
"""The guardrails' decision for each disposition of an envelope that was not allowed. Other dispositions have no
decision."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """An envelope of a tenant with a shadow run, with the worker's verdicts before rate limits."""

    envelope: Envelope
    tool: Tool
    policy: Policy
    decision: Decision
    now: datetime
    evidence: Mapping[EvidenceKey, StoredEvidence]


@dataclass(slots=True)
class ShadowWriter:
    """Judges envelopes by candidates, and writes the verdicts in batches."""

    shadow_runs: ShadowRuns
    _waiting: deque[Judged] = field(default_factory=lambda: deque(maxlen=MAX_WAITING))
    _arrived: asyncio.Event = field(default_factory=asyncio.Event)

    def add(self, judged: Iterable[Judged]) -> None:
        """Queue these envelopes to be judged by the candidates."""
        self._waiting.extend(judged)
        if self._waiting:
            self._arrived.set()

    async def run(self) -> None:
        """Judge and write what `add` collects, until cancelled."""
        while True:
            await self._arrived.wait()
            await self.write()

    async def write(self) -> None:
        """Judge and write one batch."""
        batch = [self._waiting.popleft() for _ in range(min(MAX_BATCH, len(self._waiting)))]
        if not self._waiting:
            self._arrived.clear()
        verdicts = await _judge_all(batch)
        while verdicts:
            try:
                busy = await self.shadow_runs.record(verdicts)
            except ControlPlaneError as exc:
                telemetry.log.warning("shadow.lost", error=str(exc), envelopes=len(verdicts))
                return
            verdicts = [verdict for verdict in verdicts if verdict.run_id in busy]
            if verdicts:
                await asyncio.sleep(AGAIN_AFTER)


async def _judge_all(batch: list[Judged]) -> list[ShadowVerdict]:
    verdicts: list[ShadowVerdict] = []
    yield_at = time.monotonic() + YIELD_EVERY
    for judged in batch:
        try:
            verdicts.extend(_judge(judged))
        except Exception as exc:  # what is wrong with a candidate or an envelope must not stop the others
            telemetry.log.error("shadow.judge_failed", envelope=str(judged.envelope.id), error=type(exc).__name__)
        if time.monotonic() > yield_at:
            await asyncio.sleep(0)
            yield_at = time.monotonic() + YIELD_EVERY
    return verdicts


def _judge(judged: Judged) -> Iterable[ShadowVerdict]:
    envelope, shadow = judged.envelope, judged.policy.shadow
    if shadow is None:
        return
    verdict = judge_shadow(envelope, judged.tool, judged.policy, shadow, judged.now, evidence=judged.evidence)
    yield ShadowVerdict(
        tenant_id=envelope.tenant_id, run_id=shadow.run_id, envelope_id=envelope.id, decision=judged.decision.value,
        candidate_decision=verdict.decision.value, candidate_reason=f"{verdict.guardrail}: {verdict.reason}",
    )  # fmt: skip
