"""Lists of approvals: by pages, by filters, and what was decided."""

from datetime import timedelta
from uuid import UUID

import pytest

from services.approvals import (
    Approval,
    ApprovalDecision,
    ApprovalFilter,
    ApprovalOrder,
    Approvals,
    RejectionCode,
    Reviewer,
)
from services.envelope import Actor, ActorType, Envelope, Risk
from services.outbox import Outbox, Proposal
from tests.builders import NOW, operator
from tests.clock import FakeClock
from tests.contract.builders import WORKER, a_proposal, asking, take_one
from tests.contract.test_approval_ends import HOUR

SCOUT = Actor(type=ActorType.AGENT, id="scout")
PLANNER = Actor(type=ActorType.AGENT, id="planner")


async def asked(outbox: Outbox, proposal: Proposal, *, lasts: timedelta = HOUR, by: Actor = PLANNER) -> Envelope:
    """An envelope whose approval expires after this time."""
    await outbox.enqueue([proposal], actor=by)
    claimed = await take_one(outbox)
    await outbox.settle(WORKER, [asking(claimed, expires_at=NOW + lasts)])
    return await outbox.get(claimed.envelope.tenant_id, claimed.envelope.id)


def ids(approvals: list[Approval]) -> list[UUID]:
    return [approval.envelope.id for approval in approvals]


@pytest.mark.parametrize("of_one_tenant", [True, False])
async def test_pages_neither_skip_nor_repeat_an_approval_in_either_order(
    outbox: Outbox, approvals: Approvals, tenant: UUID, clock: FakeClock, of_one_tenant: bool
) -> None:
    first = await asked(outbox, a_proposal(tenant), lasts=3 * HOUR)
    clock.advance(seconds=1)
    second = await asked(outbox, a_proposal(tenant), lasts=HOUR)
    third = await asked(outbox, a_proposal(tenant), lasts=2 * HOUR)
    whose = tenant if of_one_tenant else None

    [page_1] = await approvals.list_open(whose, limit=1)
    rest = await approvals.list_open(whose, limit=5, after=(page_1.requested_at, page_1.id))
    assert (page_1.envelope.id, set(ids(rest))) == (first.id, {second.id, third.id})
    assert [each.id for each in rest] == sorted(each.id for each in rest)  # one moment, so by id

    by_expiry = ApprovalOrder.EXPIRING
    [soonest] = await approvals.list_open(whose, limit=1, order=by_expiry)
    later = await approvals.list_open(whose, limit=5, order=by_expiry, after=(soonest.expires_at, soonest.id))
    assert [soonest.envelope.id, *ids(later)] == [second.id, third.id, first.id]


@pytest.mark.parametrize("order", list(ApprovalOrder))
@pytest.mark.parametrize("of_one_tenant", [True, False])
async def test_a_list_has_only_what_its_filter_names(
    outbox: Outbox, approvals: Approvals, tenant: UUID, other_tenant: UUID, *, of_one_tenant: bool, order: ApprovalOrder
) -> None:
    mail = await asked(outbox, a_proposal(tenant, tool_slug="MAIL__send"))
    risky = await asked(outbox, a_proposal(tenant, risk=Risk.HIGH))
    scouted = await asked(outbox, a_proposal(tenant), by=SCOUT)
    foreign = await asked(outbox, a_proposal(other_tenant, tool_slug="CRM__delete"))
    whose = tenant if of_one_tenant else None

    async def listed(**matching: object) -> list[UUID]:
        wanted = ApprovalFilter(**matching)  # type: ignore[arg-type]
        return ids(await approvals.list_open(whose, order=order, matching=wanted))

    assert await listed(tool_slug="MAIL__send") == [mail.id]
    assert await listed(risk=Risk.HIGH) == [risky.id]
    assert await listed(agent="scout") == [scouted.id]
    assert await listed(agent="scout", risk=Risk.HIGH) == []
    assert await listed(tool_slug="CRM__delete") == ([] if of_one_tenant else [foreign.id])


@pytest.mark.parametrize("of_one_tenant", [True, False])
async def test_what_was_decided_is_listed_newest_first_with_filters(
    outbox: Outbox, approvals: Approvals, tenant: UUID, other_tenant: UUID, clock: FakeClock, *, of_one_tenant: bool
) -> None:
    approved = await asked(outbox, a_proposal(tenant, tool_slug="MAIL__send"))
    rejected = await asked(outbox, a_proposal(tenant, risk=Risk.HIGH), by=SCOUT)
    await asked(outbox, a_proposal(tenant))  # stays open
    foreign = await asked(outbox, a_proposal(other_tenant, tool_slug="CRM__delete"))
    for envelope, decision, who in (
        (approved, ApprovalDecision.APPROVED, "olga"),
        (rejected, ApprovalDecision.REJECTED, "omar"),
        (foreign, ApprovalDecision.APPROVED, "olga"),
    ):
        clock.advance(seconds=1)
        await approvals.decide(
            envelope.tenant_id, envelope.id, decision=decision, digest="d1", actor=operator(who), shown_whole=True
        )
    whose, others = (tenant, []) if of_one_tenant else (None, [foreign.id])

    newest = await approvals.list_decided(whose, limit=10)
    assert [each.envelope_id for each in newest] == [*others, rejected.id, approved.id]
    last = newest[-1]
    assert (last.tool_slug, last.risk, last.proposed_by, last.shown_whole) == (
        "MAIL__send", Risk.LOW, "agent:planner", True,
    )  # fmt: skip

    async def listed(**wanted: object) -> list[UUID]:
        return [each.envelope_id for each in await approvals.list_decided(whose, limit=10, **wanted)]  # type: ignore[arg-type]

    page_1 = await approvals.list_decided(whose, limit=len(newest) - 1)
    end = page_1[-1].decided_at
    assert end is not None
    assert await listed(before=(end, page_1[-1].id)) == [approved.id]
    assert await listed(decided_by="omar") == [rejected.id]
    assert await listed(decision=ApprovalDecision.REJECTED) == [rejected.id]
    assert await listed(matching=ApprovalFilter(tool_slug="MAIL__send")) == [approved.id]
    assert await listed(matching=ApprovalFilter(risk=Risk.HIGH, agent="scout")) == [rejected.id]


async def test_reviewers_are_rated_by_what_they_decided_and_whether_they_had_seen_it(
    outbox: Outbox, approvals: Approvals, tenant: UUID, other_tenant: UUID, clock: FakeClock
) -> None:
    approved, rejected = ApprovalDecision.APPROVED, ApprovalDecision.REJECTED
    decisions = (("olga", 10, approved, True), ("olga", 30, approved, False), ("olga", 20, approved, None),
                 ("olga", 60, rejected, True), ("omar", 5, rejected, None))  # fmt: skip
    for who, seconds, decision, shown in decisions:
        envelope = await asked(outbox, a_proposal(tenant), lasts=9 * HOUR)
        clock.advance(seconds=seconds)
        await approvals.decide(
            tenant, envelope.id, decision=decision, digest="d1", actor=operator(who), shown_whole=shown
        )
    await asked(outbox, a_proposal(tenant), lasts=timedelta(minutes=1))  # expires
    cancelled = await asked(outbox, a_proposal(tenant))
    await outbox.cancel(tenant, cancelled.id, actor=operator("omar"), reason="a mistake")
    await approvals.expire(actor=operator("clock"))

    olga = Reviewer(
        reviewer="olga", decisions=4, approved=3, edited=0, rejected=1, approved_shown=1, approved_unread=1,
        median_seconds=25,
    )  # fmt: skip
    omar = Reviewer(
        reviewer="omar", decisions=1, approved=0, edited=0, rejected=1, approved_shown=0, approved_unread=0,
        median_seconds=5,
    )  # fmt: skip
    assert await approvals.reviewers(tenant, decided_after=NOW) == [olga, omar]
    assert await approvals.reviewers(None, decided_after=NOW) == [olga, omar]
    assert await approvals.reviewers(other_tenant, decided_after=NOW) == []
    assert await approvals.reviewers(tenant, decided_after=clock()) == []
    assert (olga.unread_share, omar.unread_share) == (0.5, None)


async def test_a_rejection_by_people_counts_whatever_its_code(
    outbox: Outbox, approvals: Approvals, tenant: UUID
) -> None:
    envelope = await asked(outbox, a_proposal(tenant))
    await approvals.decide(
        tenant, envelope.id, decision=ApprovalDecision.REJECTED, digest="d1", actor=operator("olga"),
        code=RejectionCode.WRONG_TIME,
    )  # fmt: skip
    [olga] = await approvals.reviewers(tenant, decided_after=NOW - HOUR)
    assert (olga.reviewer, olga.rejected) == ("olga", 1)
