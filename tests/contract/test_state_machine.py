"""Random steps on memory and the database: both give the same answers and keep what is promised."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from datetime import timedelta
from functools import partial
from typing import TypeVar
from uuid import UUID

import psycopg
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from services.approvals import ApprovalDecision
from services.backends import Backends
from services.backends.open import memory_backends, postgres_backends, supabase_backends
from services.database.rest import RestStack
from services.envelope import DEAD_STATUSES, Status
from services.errors import ControlPlaneError
from services.outbox import ClaimedEnvelope, Disposition, Proposal, Resolution, Settlement
from services.tenants import Tenant
from tests.builders import AGENT, CLOCK, MINUTE, NOW, operator
from tests.clock import FakeClock
from tests.contract.builders import a_proposal, because, settled
from tests.contract.database import Database, answer, expected, heartbeat, open_approvals, visible
from tests.contract.model import TENANTS, Model
from tests.emptied import empty

LANES = (1, 3)
WORKERS = ("w1", "w2", "w3")
T = TypeVar("T")

workers = st.sampled_from(WORKERS)
tenants = st.sampled_from(TENANTS)
anything = st.integers(0, 30)
"""The index of a candidate, modulo their number."""
minutes = st.sampled_from([0, 0, 2]).map(lambda n: n * MINUTE)


@pytest.fixture
def database(
    request: pytest.FixtureRequest, contract_database: str, contract_admin: psycopg.Connection
) -> Iterator[Database]:
    clock, loop, stack = FakeClock(), asyncio.new_event_loop(), AsyncExitStack()
    try:
        if request.param == "postgres":
            opening = postgres_backends(contract_database, pool_size=1, clock=clock)
        else:
            rest: RestStack = request.getfixturevalue("contract_rest")
            opening = supabase_backends(rest.url, rest.keys.secret, clock=clock)
        backends = loop.run_until_complete(stack.enter_async_context(opening))
        yield Database(loop, clock, backends, contract_admin)
    finally:
        loop.run_until_complete(stack.aclose())
        loop.close()


@pytest.mark.parametrize(
    ("database", "examples"),
    [
        ("postgres", 10),
        pytest.param("postgres", 100, marks=pytest.mark.slow),
        pytest.param("supabase", 5, marks=pytest.mark.slow),  # a call over HTTP takes ten times as long
    ],
    indirect=["database"],
)
def test_memory_and_the_database_answer_alike_and_keep_the_promises(database: Database, examples: int) -> None:
    quiet = settings(
        max_examples=examples, stateful_step_count=40, derandomize=True, database=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip

    shared = database

    class Driven(Machine):
        database = shared

    run_state_machine_as_test(Driven, settings=quiet)


class Machine(RuleBasedStateMachine):
    """Each step makes the same call on both backends, compares the answers, and updates the model."""

    database: Database

    def __init__(self) -> None:
        super().__init__()
        self.clock, self.model = self.database.clock, Model()
        self.claims: list[tuple[str, ClaimedEnvelope]] = []
        self.proposed = self.claimed = 0
        self.stack = AsyncExitStack()
        self.clock.now = NOW
        empty(self.database.admin)
        self.memory = self.run(self.stack.enter_async_context(memory_backends(clock=self.clock)))
        for tenant, lanes in zip(TENANTS, LANES, strict=True):
            acme = Tenant(id=tenant, name=f"tenant {lanes}", lanes=lanes)
            self.both(lambda backends, acme=acme: backends.tenants.save(acme, actor=operator("olga")))
            self.model.events[tenant] = ["tenants.insert"]

    def teardown(self) -> None:
        self.drain()
        self.run(self.stack.aclose())

    # Few rules, each with several calls: with one rule per call, most examples would propose, claim or settle nothing.

    @rule(
        proposals=st.lists(
            st.tuples(tenants, st.integers(0, 19), st.sampled_from([None, "a", "b"]), minutes, st.booleans()),
            min_size=1, max_size=5,
        )
    )  # fmt: skip
    def propose(self, proposals: list[tuple[UUID, int, str | None, timedelta, bool]]) -> None:
        batch = [self.proposal(*each) for each in proposals]
        answers = self.both(lambda backends: backends.outbox.enqueue(batch, actor=AGENT))
        if isinstance(answers, list):
            self.model.enqueued(answers)

    @rule(
        worker=workers,
        limit=st.integers(1, 4),
        tenant=st.sampled_from([None, None, None, *TENANTS]),
        sends=st.booleans(),
        endings=st.lists(st.tuples(st.sampled_from([None, *Disposition]), minutes, st.booleans()), max_size=4),
    )
    def work(
        self, worker: str, limit: int, tenant: UUID | None, *, sends: bool,
        endings: list[tuple[Disposition | None, timedelta, bool]],
    ) -> None:  # fmt: skip
        """Claim, perhaps mark as sent, and settle some envelopes. The others stay in flight."""
        claims = self.take(worker, limit, tenant)
        if sends:
            self.mark_sent(worker, claims[:1])
        batch = [
            self.settlement(claim, to, later, repeat)
            for claim, (to, later, repeat) in zip(claims, endings, strict=False)
            if to is not None
        ]
        self.settle(worker, batch)

    @precondition(lambda self: self.claims)
    @rule(
        which=st.lists(st.tuples(anything, st.sampled_from(Disposition), minutes, st.booleans()), min_size=1,
                       max_size=3),
        stranger=st.sampled_from([None, None, *WORKERS]),
    )  # fmt: skip
    def come_late(self, which: list[tuple[int, Disposition, timedelta, bool]], stranger: str | None) -> None:
        """Mark as sent and settle an earlier claim, which another worker may have taken over."""
        some = [self.claims[-1 - index % len(self.claims)] for index, *_ in which]
        # A worker never settles one envelope under two claims in one call.
        picked = list({claim.envelope.id: (worker, claim) for worker, claim in some}.values())
        worker = stranger or picked[0][0]
        self.mark_sent(worker, [claim for _, claim in picked])
        self.settle(
            worker,
            [
                self.settlement(claim, to, later, repeat)
                for (_, claim), (_, to, later, repeat) in zip(picked, which, strict=False)
            ],
        )

    @precondition(lambda self: self.outdated())
    @rule(which=anything, to=st.sampled_from(Disposition))
    def come_too_late(self, which: int, to: Disposition) -> None:
        """A worker that claimed its envelope again settles it under the older token."""
        outdated = self.outdated()
        worker, claim = outdated[which % len(outdated)]
        self.mark_sent(worker, [claim])
        self.settle(worker, [self.settlement(claim, to, MINUTE, repeat=False)])

    @precondition(lambda self: self.model.known)
    @rule(which=anything, agrees=st.booleans(), digest=st.sampled_from(["d", "d", "x"]))
    def decide(self, which: int, digest: str, *, agrees: bool) -> None:
        """A person decides, resolves, requeues or cancels an envelope."""
        envelope = list(self.model.known)[which % len(self.model.known)]
        known = self.model.known[envelope]
        if known.status is Status.AWAITING_APPROVAL and agrees:
            self.approve(known.tenant, envelope, ApprovalDecision.APPROVED, digest)
        elif known.status is Status.AWAITING_APPROVAL:
            self.approve(known.tenant, envelope, ApprovalDecision.REJECTED, digest)
        elif known.status is Status.UNKNOWN:
            self.resolve(known.tenant, envelope, list(Resolution)[which % 3])
        elif known.status in DEAD_STATUSES:
            self.requeue(known.tenant if agrees else None, 1 + which % 3)
        elif agrees:
            self.cancel(known.tenant, envelope)

    @rule(
        seconds=st.sampled_from([1, 30, 61, 61, 1900]),
        alive=st.sets(workers),
        fire=st.sampled_from([None, None, None, *TENANTS]),
    )
    def time_passes(self, seconds: int, alive: set[str], fire: UUID | None) -> None:
        """Time passes: some workers renew their leases, late envelopes expire, and a tenant may be paused for a
        while."""
        self.clock.advance(seconds=seconds)
        for worker in sorted(alive):
            leases = expected(self.both(partial(heartbeat, worker)))
            self.model.heartbeat(worker, leases, self.clock(), MINUTE)
        self.expire_approvals()
        self.expire_envelopes()
        if fire is not None:
            self.both(lambda backends: backends.tenants.pause(fire, actor=operator("olga"), reason="a fire"))
            self.both(lambda backends: backends.tenants.resume(fire, actor=operator("olga")))
            self.model.events[fire] += ["tenants.update", "tenants.update"]

    @invariant()
    def both_show_the_same_and_the_model_agrees(self) -> None:
        alive, dead, rows = expected(self.both(visible, tick=False))[:3]
        self.model.check(alive, dead)
        for tenant, newest_first in zip(TENANTS, rows, strict=True):
            events = self.model.events[tenant]
            seen = [(row.seq, row.entry.category) for row in reversed(newest_first)]
            assert seen == list(enumerate(events, start=1))[-len(seen) :]

    def proposal(self, tenant: UUID, key: int, order: str | None, later: timedelta, other: bool) -> Proposal:
        self.proposed += 1
        return a_proposal(
            tenant,
            id=UUID(int=(self.proposed * 7919 % 256) << 120 | self.proposed),
            external_id=f"k{key}",
            metadata={} if order is None else {"ordering_key": order},
            arguments={"other": other and key == 0},
            next_run_at=self.clock() + later if later else None,
            must_run_before=self.clock() + later + MINUTE if key % 4 == 1 else None,
        )

    def settlement(self, claim: ClaimedEnvelope, to: Disposition, later: timedelta, repeat: bool) -> Settlement:
        return settled(
            claim, to, error="it broke", reason="because", next_run_at=self.clock() + later, digest="d",
            expires_at=self.clock() + 30 * MINUTE, repeat=repeat, result={"n": 1} if repeat else None,
            verdicts=({"guardrail": "paused", "decision": "hold"},),
        )  # fmt: skip

    def take(self, worker: str, limit: int, tenant: UUID | None) -> list[ClaimedEnvelope]:
        def claim(backends: Backends) -> Awaitable[list[ClaimedEnvelope]]:
            return backends.outbox.claim(
                worker, limit=limit, lease_for=MINUTE, tenant=tenant, claim_id=UUID(int=self.claimed)
            )

        self.claimed += 1
        claims: list[ClaimedEnvelope] = expected(self.both(claim))
        if claims:  # and again, as if the answer had been lost
            again = expected(self.both(claim, tick=False))
            assert sorted(again, key=_by_id) == sorted(claims, key=_by_id)
        self.model.claimed(worker, limit, claims, self.clock(), MINUTE)
        self.claims += [(worker, claim) for claim in claims]
        return claims

    def mark_sent(self, worker: str, calls: list[ClaimedEnvelope]) -> None:
        marked = expected(self.both(lambda backends: backends.outbox.mark_sent(worker, calls)))
        self.model.sent(worker, calls, marked)

    def settle(self, worker: str, batch: list[Settlement]) -> None:
        refused = expected(self.both(lambda backends: backends.outbox.settle(worker, batch)))
        assert expected(self.both(lambda backends: backends.outbox.settle(worker, batch), tick=False)) == refused
        self.model.settled(worker, batch, refused)

    def outdated(self) -> list[tuple[str, ClaimedEnvelope]]:
        """Claims whose worker has the same envelope under a newer lease."""
        holders = {envelope: known.holder for envelope, known in self.model.known.items()}
        return [
            (worker, claim)
            for worker, claim in self.claims
            if (held := holders[claim.envelope.id]) and held[0] == worker and held[1] != claim.lease
        ]

    def approve(self, tenant: UUID, envelope: UUID, decision: ApprovalDecision, digest: str) -> None:
        answer = self.both(
            lambda backends: backends.approvals.decide(
                tenant, envelope, decision=decision, code=because(decision), digest=digest, actor=operator("olga")
            )
        )
        if not isinstance(answer, type):
            assert digest == "d"
            self.model.became(envelope, answer.status, decision)

    def resolve(self, tenant: UUID, envelope: UUID, decision: Resolution) -> None:
        answer = self.both(
            lambda backends: backends.outbox.resolve(
                tenant, envelope, decision=decision, actor=operator("olga"), reason=None
            )
        )
        self.model.became(envelope, expected(answer).status, "resolved")

    def requeue(self, tenant: UUID | None, limit: int) -> None:
        back = expected(
            self.both(
                lambda backends: backends.outbox.requeue(
                    tenant=tenant, envelopes=None, limit=limit, actor=operator("olga")
                )
            )
        )
        self.model.requeued(back)

    def cancel(self, tenant: UUID, envelope: UUID) -> None:
        answer = self.both(lambda backends: backends.outbox.cancel(tenant, envelope, actor=AGENT, reason=None))
        if not isinstance(answer, type):
            self.model.became(envelope, Status.CANCELLED, "cancelled")

    def expire_approvals(self) -> None:
        before = expected(self.both(open_approvals))
        late = [approval.envelope for approval in before if approval.expires_at <= self.clock()]
        assert expected(self.both(lambda backends: backends.approvals.expire(actor=CLOCK))) == len(late)
        for envelope in sorted(late, key=lambda envelope: (envelope.tenant_id, envelope.id)):
            self.model.became(envelope.id, Status.EXPIRED, "expired")

    def expire_envelopes(self) -> None:
        self.clock.advance(milliseconds=1)
        late = self.model.late(self.clock())
        assert expected(self.both(lambda backends: backends.outbox.expire(actor=CLOCK), tick=False)) == len(late)
        for envelope in late:
            self.model.became(envelope, Status.EXPIRED, "expired")

    def drain(self) -> None:
        """Check that every remaining envelope that may run is claimed in the end."""
        for _ in range(50):
            self.clock.advance(hours=1)
            claims = self.take("heir", 5, None)
            self.settle("heir", [settled(claim, Disposition.SUCCESS) for claim in claims])
            waiting = [envelope for envelope, known in self.model.known.items() if known.status is Status.PENDING]
            if all(self.model.waits_for_another(envelope) for envelope in waiting):
                return
        raise AssertionError("an envelope that may run is never given out")

    def both(self, ask: Callable[..., Awaitable[T]], *, tick: bool = True) -> "T | type[ControlPlaneError]":
        """The answer that both backends gave, or the type of the error that both raised."""
        if tick:
            self.clock.advance(milliseconds=1)
        memory = self.run(answer(ask(self.memory)))
        database = self.run(answer(ask(self.database.backends)))
        assert memory == database
        return memory

    def run(self, work: Awaitable[T]) -> T:
        return self.database.loop.run_until_complete(work)


def _by_id(claimed: ClaimedEnvelope) -> UUID:
    return claimed.envelope.id
