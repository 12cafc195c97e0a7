"""docs/lifecycle.md agrees with the SQL and the code."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.approvals import ApprovalDecision
from services.backends import Backends
from services.backends.open import postgres_backends
from services.catalog import ListedTool, ToolDecision
from services.envelope import Actor, ActorType, Envelope, Status
from services.guardrails import GuardrailSettings
from services.outbox import ClaimedEnvelope, Disposition, Proposal, Resolution, Settlement, UnsettledEnvelopes
from services.subscriptions import NewSubscription, SubscriptionKind
from services.sync_catalog import sync_catalog
from services.tenants import Tenant
from tests.builders import CLOCK, NOW, a_listing, operator
from tests.contract.builders import because
from tests.docs.pages import DOCS, ROOT, blocks, table

PAGE = DOCS / "lifecycle.md"
FUNCTIONS = ROOT / "db" / "functions"
WORKER = "the-worker"
HOUR = timedelta(hours=1)
DEADLINE = NOW + HOUR + HOUR
NEW = "–"
CHANGES_STATE = re.compile(
    r"""insert\ into\ public\.outbox(_dlq)?\b
      | delete\ from\ public\.outbox(_dlq)?\b
      | update\ public\.outbox\ as\ \w+\s+set\b(?:(?!\bfrom\b|\bwhere\b).)*?\bstatus\ =
      | app_private\.(change_envelope|move_to_dlq|decide_tool_approvals)\(""",
    re.VERBOSE | re.DOTALL,
)
SENT_WITH: dict[Disposition, dict[str, Any]] = {
    Disposition.RETRY: {"error": "busy", "next_run_at": NOW},
    Disposition.HOLD: {"reason": "quiet_hours: it is quiet", "next_run_at": NOW},
    Disposition.AWAITING_APPROVAL: {
        "reason": "trust: too low",
        "digest": "d1",
        "expires_at": NOW + HOUR,
        "verdicts": ({"guardrail": "tool", "decision": "needs_approval", "reason": "it changed"},),
    },
}


@dataclass(frozen=True, slots=True)
class Arrow:
    """One row of the page's table."""

    origin: str
    to: str
    function: str
    ending: str
    category: str
    counts: str

    def __str__(self) -> str:
        return f"{self.origin} to {self.to} by {self.function} ({self.ending})"


ARROWS = [Arrow(*row) for row in table(PAGE, "Arrows")]


def test_the_diagram_has_the_arrows_of_the_table() -> None:
    [diagram] = blocks(PAGE, "mermaid")
    drawn = re.findall(r"^ *(\S+) --> (\w+): (\w+)(?: \((\w+)\))?$", diagram.text, re.MULTILINE)
    assert sorted((NEW if origin == "[*]" else origin, to, by, how or NEW) for origin, to, by, how in drawn) == sorted(
        (a.origin, a.to, a.function, a.ending) for a in ARROWS
    )


def test_the_states_are_those_of_the_code() -> None:
    states = {status.value for status in Status}
    assert {row[0] for row in table(PAGE, "States")} == states
    assert {a.to for a in ARROWS} == states
    assert {a.origin for a in ARROWS} <= {NEW, *states}


def test_a_state_without_an_outgoing_arrow_is_drawn_as_final() -> None:
    [diagram] = blocks(PAGE, "mermaid")
    ends = set(re.findall(r"^ *(\w+) --> \[\*\]$", diagram.text, re.MULTILINE))
    assert ends == {status.value for status in Status} - {a.origin for a in ARROWS}


def test_the_functions_on_arrows_are_those_that_change_a_state() -> None:
    changing = {
        path.stem
        for path in (FUNCTIONS / "worker_api").glob("*.sql")
        if CHANGES_STATE.search(re.sub(r"--.*", "", path.read_text(encoding="utf-8")))
    }
    forgets = {"forget_settled"}  # it deletes only envelopes that have ended
    assert {a.function for a in ARROWS} == changing - forgets


def test_no_private_function_changes_a_state_that_the_page_omits() -> None:
    helpers = {
        path.stem
        for path in (FUNCTIONS / "app_private").glob("*.sql")
        if CHANGES_STATE.search(re.sub(r"--.*", "", path.read_text(encoding="utf-8")))
    }
    assert helpers == {"change_envelope", "move_to_dlq", "decide_tool_approvals", "enqueue_one"}


def test_settle_has_one_arrow_for_each_disposition() -> None:
    assert sorted(a.ending for a in ARROWS if a.function == "settle") == sorted(d.value for d in Disposition)


@pytest.mark.parametrize("arrow", ARROWS, ids=str)
async def test_the_database_performs_the_transition(arrow: Arrow, module_database_url: str) -> None:
    async with _outbox(module_database_url) as story:
        before = None if arrow.origin == NEW else await story.begin(arrow)
        rows_before = await story.rows()

        envelope = before.id if before is not None else await story.propose()
        if before is not None:
            await story.walk(arrow, before)

        after = await story.read(envelope)
        counted = {"0": 0, "+1": before.attempts + 1, "–": before.attempts} if before is not None else {"0": 0}
        assert (after.status, after.attempts) == (arrow.to, counted[arrow.counts])
        assert (await story.rows())[: -len(rows_before) or None] == ([] if arrow.category == NEW else [arrow.category])


@asynccontextmanager
async def _outbox(url: str) -> AsyncIterator["_Story"]:
    moments = [NOW]
    async with postgres_backends(url, clock=lambda: moments[-1]) as backends:
        tenant = Tenant(id=uuid4(), name="Acme")
        await backends.tenants.save(tenant, actor=operator("test"))
        yield _Story(backends, tenant.id, moments)


@dataclass(slots=True)
class _Story:
    """One tenant with one envelope."""

    backends: Backends
    tenant: UUID
    moments: list[datetime]
    """The last one is now."""

    async def propose(self) -> UUID:
        proposal = Proposal(
            id=uuid4(),
            tenant_id=self.tenant,
            tool_slug="ORDERS__create",
            external_id=str(uuid4()),
            must_run_before=DEADLINE,
        )
        await self.backends.outbox.enqueue([proposal], actor=Actor(type=ActorType.AGENT, id="test"))
        return proposal.id

    async def begin(self, arrow: Arrow) -> Envelope:
        """A new envelope from which the arrow leads."""
        if arrow.function != "delete_subscription":
            return await self.in_state(Status(arrow.origin))
        subscription = NewSubscription(
            id=self.tenant, kind=SubscriptionKind.WEBHOOK, target="https://a.test/", event_types=("envelope.*",)
        )
        await self.backends.subscriptions.create(self.tenant, subscription, actor=operator("o"))
        delivery = uuid4()
        await self.backends.subscriptions.test(self.tenant, subscription.id, delivery, actor=operator("o"))
        return await self.read(delivery)

    async def in_state(self, status: Status) -> Envelope:
        """A new envelope in this state, by the shortest way; with one more attempt if the state can be reached in
        several ways."""
        envelope = await self.propose()
        if status is not Status.PENDING:
            await self.settle(await self.claim(), Disposition(status))
        return await self.read(envelope)

    async def walk(self, arrow: Arrow, envelope: Envelope) -> None:  # noqa: PLR0912  # a case each
        outbox, approvals = self.backends.outbox, self.backends.approvals
        match arrow.function:
            case "settle":
                await self.settle(await self.claim(), Disposition(arrow.ending))
            case "cancel":
                await outbox.cancel(self.tenant, envelope.id, actor=Actor(type=ActorType.OPERATOR, id="o"), reason=None)
            case "delete_subscription":
                await self.backends.subscriptions.delete(self.tenant, self.tenant, actor=operator("o"))
            case "decide_approval":
                decision = ApprovalDecision(arrow.ending.removesuffix("_once"))
                if arrow.ending == "approved_once":
                    rules = GuardrailSettings(tenant_id=self.tenant, approval_rules={"two_people": [envelope.risk]})
                    await self.backends.guardrails.save(rules, actor=operator("test"))
                await approvals.decide(
                    self.tenant, envelope.id, decision=decision, code=because(decision), digest="d1",
                    actor=operator("o"),
                )  # fmt: skip
            case "expire_approvals":
                self.moments.append(NOW + HOUR)
                assert await approvals.expire(actor=CLOCK) > 0  # with those of other arrows
            case "expire_envelopes":
                self.moments.append(DEADLINE)
                assert await outbox.expire(actor=CLOCK) > 0  # as above
            case "decide_tool":
                await self.sync("one", "another")
                changed = (await self.backends.catalog.list_tools(self.tenant))[0].schema_hash
                await self.backends.catalog.decide(
                    self.tenant,
                    "ORDERS__create",
                    decision=ToolDecision(arrow.ending),
                    schema_hash=changed,
                    actor=operator("o"),
                )
            case "sync_tools":
                await self.sync("one", "another", "one")
            case "resolve_unknown":
                await outbox.resolve(
                    self.tenant, envelope.id, decision=Resolution(arrow.ending), actor=operator("o"), reason=None
                )
            case "requeue_dead_letters":
                assert await outbox.requeue(tenant=self.tenant, envelopes=[envelope.id], limit=1, actor=operator("o"))
            case "discard_dead_letter":
                await outbox.discard(self.tenant, envelope.id, actor=operator("o"), reason="too late")
            case other:
                pytest.fail(f"the test does not know how to walk {other}")

    async def sync(self, *descriptions: str) -> None:
        """The definitions of the tool that its provider returns, one after the other."""
        for description in descriptions:
            listing = a_listing(ListedTool(name="create", description=description), source="orders")
            await sync_catalog(
                self.backends, self.tenant, listing, actor=Actor(type=ActorType.SYSTEM, id="s"), trusted=True
            )

    async def claim(self) -> ClaimedEnvelope:
        [claimed] = await self.backends.outbox.claim(
            WORKER, limit=1, lease_for=timedelta(minutes=1), tenant=self.tenant
        )
        return claimed

    async def settle(self, claimed: ClaimedEnvelope, to: Disposition) -> None:
        settlement = Settlement(
            lease=claimed.lease, envelope_id=claimed.envelope.id, to=to, **SENT_WITH.get(to, {"error": "because"})
        )
        assert await self.backends.outbox.settle(WORKER, [settlement]) == UnsettledEnvelopes()

    async def read(self, envelope: UUID) -> Envelope:
        return await self.backends.outbox.get(self.tenant, envelope)

    async def rows(self) -> list[str]:
        """The categories of the audit rows of the tenant's envelopes, the newest first."""
        rows = [row.entry.category for row in await self.backends.audit_log.tail(self.tenant, limit=100)]
        return [category for category in rows if category.startswith("envelope.")]
