"""Goldens and past replies are drafted again, and the stored result opens or shuts the gate."""

from psycopg.types.json import Jsonb

from control_plane.apps.drafts.drafter import Abstained, CitedSource, DraftedReply, DraftRequest
from control_plane.apps.drafts.gate.run_evaluation import NamedDrafter, run_evaluation
from control_plane.apps.drafts.store.gate import GateStore
from services.backends.functions import Functions
from tests.builders import operator
from tests.control_plane.apps.drafts.rows import Rows

ADA = operator("ada")
URL = "https://shop.example/returns"


class Answers:
    """Answers by question, else abstains."""

    def __init__(self, **answers: str) -> None:
        self._answers = answers

    async def draft(self, request: DraftRequest) -> DraftedReply | Abstained:
        text = self._answers.get(request.messages[-1].text)
        source = CitedSource(title="Returns", url=URL, score=1)
        if text is None:
            return Abstained(reason="unknown")
        return DraftedReply(text=text, sources=(source,), model_key="m", prompt_version="p")


def named_drafter(version: str, **answers: str) -> NamedDrafter:
    return NamedDrafter(drafter=Answers(**answers), prompt_version=version, model_key="m")


def two_goldens_and_a_reply(rows: Rows) -> None:
    for question, word in (("refund", "14 days"), ("norway", "yes")):
        rows.insert(
            "goldens", external_id=question, question=question, answer=word, must_include=Jsonb([word]),
            must_cite=Jsonb([URL]),
        )  # fmt: skip
    rows.decide(rows.draft("We are open at nine."), final="We open at ten.")
    rows.decide(rows.draft("Rejected"), code="wrong")
    rows.connection.execute("update drafts.messages set body_text = 'hours'")


GOOD = {"refund": "In 14 days", "norway": "Yes", "hours": "We open at ten."}


async def test_a_candidate_that_loses_a_golden_is_worse(functions: Functions, rows: Rows) -> None:
    two_goldens_and_a_reply(rows)
    worse = await run_evaluation(
        functions, rows.tenant, named_drafter("v2", refund="In 30 days", norway="Yes", hours="We open at ten."),
        named_drafter("default", refund="In 14 days", hours="no idea"), actor=ADA,
    )  # fmt: skip
    # the reply of a rejected draft is no case; the other reply and a golden became better, which does not help
    assert (worse.cases, worse.passed, worse.baseline_passed, worse.worse, worse.better, worse.is_worse) == (
        3, 2, 2, 1, 2, True,
    )  # fmt: skip
    assert worse.report["worse"] == [{"case": "golden:refund", "problems": ["does not include '14 days'"]}]
    assert worse.baseline == {"prompt_version": "default", "model_key": "m"}
    gate = GateStore(functions, rows.tenant, ADA)
    await gate.save_prompt("v2", "Be kind.")
    better = await run_evaluation(
        functions, rows.tenant, named_drafter("v2", **GOOD), named_drafter("default", refund="In 14 days"), actor=ADA
    )
    assert not better.is_worse
    assert (await gate.activate_prompt("v2")).status == "active"


async def test_without_a_baseline_a_changed_corpus_is_compared_with_the_last_results(
    functions: Functions, rows: Rows
) -> None:
    two_goldens_and_a_reply(rows)
    first = await run_evaluation(functions, rows.tenant, named_drafter("default", **GOOD), None, actor=ADA)
    assert (first.cases, first.passed, first.worse, first.is_worse) == (3, 3, 0, False)
    rows.insert("goldens", external_id="new", question="new", answer="x", must_include=Jsonb(["x"]))
    changed = await run_evaluation(
        functions, rows.tenant, named_drafter("default", **GOOD | {"norway": "No"}), None, actor=ADA
    )
    assert (changed.cases, changed.worse, changed.is_worse) == (3, 1, True)
    assert [each["case"] for each in changed.report["worse"]] == ["golden:norway"]
