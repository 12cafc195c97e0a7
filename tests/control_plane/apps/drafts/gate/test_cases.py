"""A candidate is worse if it fails a golden that passed before, or if more replies move away from what people sent."""

import json
from datetime import UTC, datetime
from uuid import UUID

import pytest

from control_plane.apps.drafts.drafter import Abstained, CitedSource, DraftedReply, DraftRequest, HistoryMessage
from control_plane.apps.drafts.gate.cases import Case, Result, compare, judge
from control_plane.apps.drafts.gate.evaluate import report, results_in, run_cases

URL = "https://shop.example/returns"


def a_request(text: str = "How long?") -> DraftRequest:
    asked = HistoryMessage(direction="inbound", text=text, sent_at=datetime(2026, 3, 1, tzinfo=UTC))
    return DraftRequest(
        tenant_id=UUID(int=1), conversation_id=UUID(int=2), channel_type="email", messages=(asked,)
    )  # fmt: skip


def a_reply(text: str, url: str = URL) -> DraftedReply:
    source = CitedSource(title="Returns", url=url, score=0.9)
    return DraftedReply(text=text, sources=(source,), model_key="m", prompt_version="v1")


GOLDEN = Case(id="g", kind="golden", request=a_request(), must_include=("14 Days",), must_cite=(URL,))
PAST = Case(id="r", kind="reply", request=a_request(), sent="You have 14 days.")


@pytest.mark.parametrize(
    ("drafted", "problems"),
    [
        (a_reply("You have 14\n days."), ()),
        (a_reply("You have 30 days."), ("does not include '14 Days'",)),
        (a_reply("14 days", "https://other"), (f"does not cite {URL}",)),
        (Abstained(reason="unknown"), ("no draft",)),
    ],
)
def test_a_golden_demands_texts_and_sources(drafted: DraftedReply | Abstained, problems: tuple[str, ...]) -> None:
    assert judge(GOLDEN, drafted) == Result(problems=problems)


def test_a_past_reply_is_compared_with_what_was_sent() -> None:
    assert judge(PAST, a_reply("You have 14 days. ")) == Result(problems=(), similarity=1.0)
    assert judge(PAST, Abstained(reason="unknown")) == Result(problems=("no draft",), similarity=0.0)
    similarity = judge(PAST, a_reply("You have 30 days.")).similarity
    assert similarity == pytest.approx(15 / 17)


GOOD, BAD = Result(problems=()), Result(problems=("no draft",))


def similar(similarity: float) -> Result:
    return Result(problems=(), similarity=similarity)


@pytest.mark.parametrize(
    ("baseline", "candidate", "worse", "better", "is_worse"),
    [
        ({"g": GOOD}, {"g": GOOD}, 0, 0, False),
        ({"g": BAD, "h": GOOD}, {"g": GOOD, "h": BAD}, 1, 1, True),  # a lost golden is not made up for
        ({"g": BAD}, {"g": GOOD}, 0, 1, False),
        ({"r": similar(0.5), "s": similar(0.9)}, {"r": similar(0.9), "s": similar(0.5)}, 1, 1, False),
        ({"r": similar(0.9), "s": similar(0.9)}, {"r": similar(0.9), "s": similar(0.5)}, 1, 0, True),
        ({"r": similar(0.90)}, {"r": similar(0.86)}, 0, 0, False),  # almost as similar
        ({"r": similar(0.0)}, {"r": BAD}, 1, 0, True),
        ({"g": GOOD}, {}, 0, 0, False),  # a case that only one of them has says nothing
    ],
)
def test_a_candidate_is_compared_case_by_case(
    baseline: dict[str, Result], candidate: dict[str, Result], worse: int, better: int, is_worse: bool
) -> None:
    cases = {
        key: Case(id=key, kind="golden" if key in "gh" else "reply", request=a_request())
        for key in ("g", "h", "r", "s")
    }
    compared = compare(cases, baseline, candidate)
    assert (len(compared.worse), compared.better, compared.is_worse) == (worse, better, is_worse)


async def test_every_case_is_drafted_and_the_report_reads_back() -> None:
    class Echo:
        async def draft(self, request: DraftRequest) -> DraftedReply | Abstained:
            text = request.messages[-1].text
            return a_reply(text) if text else Abstained(reason="empty")

    cases = [
        Case(id=str(number), kind="golden", request=a_request(text), must_include=("x",))
        for number, text in enumerate(["x", "y", ""])
    ]
    results = await run_cases(Echo(), cases)
    assert [result.problems for result in results.values()] == [(), ("does not include 'x'",), ("no draft",)]
    compared = compare({case.id: case for case in cases}, dict.fromkeys("012", GOOD), results)
    stored = json.loads(json.dumps(report(compared, results)))
    assert stored["worse"] == [
        {"case": "1", "problems": ["does not include 'x'"]}, {"case": "2", "problems": ["no draft"]},
    ]  # fmt: skip
    assert {key: result.passed for key, result in results_in(stored).items()} == {"0": True, "1": False, "2": False}
