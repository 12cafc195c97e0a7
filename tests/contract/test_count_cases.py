"""Pages of envelopes, grouped into cases that are the same for guardrails."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID, uuid4

from services.approvals import ApprovalDecision, EditedCall, RejectionCode
from services.backends import Backends
from services.outbox import Disposition, GrantedCall, PageEnd
from services.outbox.cases import Case, CasePage
from tests.builders import HOUR, NOW, operator
from tests.clock import FakeClock
from tests.contract.builders import WORKER, asking, close, put_one, take_one

SLUG = "SLACK__chat.post"
SINCE, UNTIL = NOW - timedelta(hours=1), NOW + timedelta(hours=1)


async def _page(
    backends: Backends,
    tenant: UUID,
    *,
    after: PageEnd | None = None,
    limit: int = 100,
    dead: bool = False,
    with_more: bool = False,
    threshold: float | None = None,
    names: Sequence[str] = (),
) -> CasePage:
    return await backends.outbox.count_cases(
        tenant, since=SINCE, until=UNTIL, after=after, limit=limit, dead=dead, with_evidence=with_more,
        every=timedelta(minutes=1) if with_more else None, threshold=threshold, argument_names=names,
    )  # fmt: skip


async def test_equal_envelopes_are_one_case(backends: Backends, tenant: UUID, other_tenant: UUID) -> None:
    for score in (0.5, 0.5, True, "high", 7, None):
        await put_one(backends.outbox, tenant, trust_context={} if score is None else {"score": score})
    await put_one(backends.outbox, tenant, connected_account_id="a1", trust_context={"score": 1})
    await put_one(backends.outbox, other_tenant)

    page = await _page(backends, tenant)

    assert page.envelopes == 7
    assert sorted(page.cases, key=str) == [
        Case(SLUG, "1", "a1", 1.0, None, None, None, None, 1, "low", {}, False),
        Case(SLUG, "1", None, 0.5, None, None, None, None, 2, "low", {}, False),
        Case(SLUG, "1", None, None, None, None, None, None, 4, "low", {}, False),
    ]


async def test_a_threshold_makes_one_case_of_the_scores_on_either_side(backends: Backends, tenant: UUID) -> None:
    for score in (0.1, 0.2, 0.7, 0.9, 1):
        await put_one(backends.outbox, tenant, trust_context={"score": score})
    page = await _page(backends, tenant, threshold=0.7)
    assert sorted((case.score, case.envelopes) for case in page.cases) == [(0, 2), (1, 3)]


async def test_pages_follow_each_other_and_skip_nothing(backends: Backends, tenant: UUID, clock: FakeClock) -> None:
    for minute in range(5):
        await put_one(backends.outbox, tenant, trust_context={"score": minute / 10})
        clock.advance(minutes=1)
    scores, after = [], None
    while (page := await _page(backends, tenant, after=after, limit=2)).envelopes:
        scores.append({case.score for case in page.cases})
        after = page.end
    assert scores == [{0.0, 0.1}, {0.2, 0.3}, {0.4}]


async def test_minutes_evidence_and_decisions_tell_cases_apart(
    backends: Backends, tenant: UUID, clock: FakeClock
) -> None:
    envelope = await put_one(backends.outbox, tenant, trust_context={"evidence": ["ticket 17"]})
    await close(
        backends.outbox, await take_one(backends.outbox), Disposition.AWAITING_APPROVAL, digest="d",
        reason="trust: low", expires_at=UNTIL,
    )  # fmt: skip
    [waiting] = (await _page(backends, tenant)).cases
    await backends.approvals.decide(
        tenant, envelope.id, decision=ApprovalDecision.REJECTED, digest="d", actor=operator("olga"), reason=None,
        code=RejectionCode.TOO_RISKY,
    )  # fmt: skip
    clock.advance(seconds=61)
    await put_one(backends.outbox, tenant)

    page = await _page(backends, tenant, with_more=True)

    assert (waiting.decision, waiting.for_settings, waiting.evidence) == ("open", True, None)
    assert sorted((case.minute, case.evidence, case.decision, case.for_settings) for case in page.cases) == [
        (NOW, ["ticket 17"], "rejected", True),
        (NOW + timedelta(minutes=1), None, None, None),
    ]


async def test_risk_named_arguments_and_grants_tell_cases_apart(backends: Backends, tenant: UUID) -> None:
    await put_one(backends.outbox, tenant, arguments={"amount": 5, "to": "a"})
    grant = await backends.grants.issue(
        tenant, uuid4(), tools="SLACK__*", account_id=None, arguments=[], reason=None, lasts_for=HOUR,
        actor=operator("olga"),
    )  # fmt: skip
    claimed = await take_one(backends.outbox)
    await backends.outbox.use_grants(WORKER, [GrantedCall(claimed=claimed, grant_id=grant.id, digest="d")])
    await put_one(backends.outbox, tenant, arguments={"amount": 5, "to": "b"})
    await put_one(backends.outbox, tenant, arguments={"to": "c"}, risk="high")

    unnamed, named = await _page(backends, tenant), await _page(backends, tenant, names=["amount", "total"])

    assert {case.arguments == {} for case in unnamed.cases} == {True}
    assert sorted(((c.risk, c.arguments, c.granted, c.envelopes) for c in named.cases), key=str) == [
        ("high", {}, False, 1), ("low", {"amount": 5}, False, 1), ("low", {"amount": 5}, True, 1),
    ]  # fmt: skip


async def test_an_edited_call_counts_as_it_was_proposed(backends: Backends, tenant: UUID) -> None:
    envelope = await put_one(backends.outbox, tenant, arguments={"amount": 500})
    await backends.outbox.settle(WORKER, [asking(await take_one(backends.outbox), reason="rules: r", expires_at=UNTIL)])
    await backends.approvals.decide(
        tenant, envelope.id, decision=ApprovalDecision.APPROVED, digest="d1", actor=operator("olga"),
        edited=EditedCall(arguments={"amount": 5}, digest="d2"),
    )  # fmt: skip
    [case] = (await _page(backends, tenant, names=["amount"])).cases
    assert (case.arguments, case.decision, case.for_settings) == ({"amount": 500}, "approved", True)


async def test_dead_letters_are_pages_of_their_own(backends: Backends, tenant: UUID) -> None:
    await put_one(backends.outbox, tenant, trust_context={"score": 0.3})
    await close(backends.outbox, await take_one(backends.outbox), Disposition.DENIED, reason="no")

    assert (await _page(backends, tenant)).envelopes == 0
    page = await _page(backends, tenant, dead=True)
    assert [(case.score, case.envelopes) for case in page.cases] == [(0.3, 1)]
    assert (await _page(backends, tenant, dead=True, after=page.end)) == CasePage(envelopes=0, end=None, cases=())
