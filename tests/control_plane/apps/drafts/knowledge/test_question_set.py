"""The offline drafter finds the right document, and knows what it does not know."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from control_plane.apps.drafts.drafter import Abstained, DraftedReply
from control_plane.apps.drafts.drafter.offline import THRESHOLD, OfflineDrafter
from control_plane.apps.drafts.knowledge.search import search
from services.backends.open import postgres_backends
from tests.control_plane.apps.drafts.knowledge.conftest import Shelf, a_shelf
from tests.control_plane.apps.drafts.knowledge.question_set import Bm25, Side, auroc, help_centre, read_side
from tests.control_plane.apps.drafts.knowledge.test_offline import asking

TOPICS, QUESTIONS, OUTSIDE = 40, 200, 100
RIGHT_IN_TOP_3, AUROC, ABOVE_BM25 = 0.80, 0.90, 0.08


@pytest.fixture(scope="module")
async def shelf(module_database_url: str) -> AsyncIterator[Shelf]:
    """The help centre, stored."""
    async with postgres_backends(module_database_url, pool_size=2) as backends:
        filled = await a_shelf(backends, module_database_url)
        await filled.documents.save(help_centre())
        yield filled


@dataclass(frozen=True)
class Results:
    """What the search found for a side: for each question the addresses and the score of the best passage."""

    right: list[bool]
    inside: list[float]
    outside: list[float]


async def results(shelf: Shelf, side: Side) -> Results:
    """Search for each question."""
    right, inside, outside = [], list[float](), list[float]()
    for question, address in side.inside:
        found = await search(shelf.functions, shelf.tenant, question)
        right.append(address in [each.source_url for each in found[:3]])
        inside.append(found[0].score)
    for question in side.outside:
        found = await search(shelf.functions, shelf.tenant, question)
        outside.append(found[0].score if found else 0.0)
    return Results(right, inside, outside)


def test_the_set_is_large_enough() -> None:
    tune, test = read_side("tune"), read_side("test")
    inside = tune.inside + test.inside
    assert len({address for _, address in inside}) >= TOPICS
    assert len({question for question, _ in inside}) >= QUESTIONS
    assert len({*tune.outside, *test.outside}) >= OUTSIDE


async def test_the_right_document_is_among_the_first_three_and_scores_tell_what_is_known(shelf: Shelf) -> None:
    side = read_side("test")
    found = await results(shelf, side)
    bm25 = Bm25(help_centre())
    words = auroc([bm25.best(question) for question, _ in side.inside], [bm25.best(each) for each in side.outside])
    scores = auroc(found.inside, found.outside)
    assert sum(found.right) / len(found.right) >= RIGHT_IN_TOP_3
    assert scores >= AUROC
    assert scores - words >= ABOVE_BM25


async def test_the_threshold_is_the_one_that_separates_the_questions_for_tuning_best(shelf: Shelf) -> None:
    found = await results(shelf, read_side("tune"))

    def right_decisions(threshold: float) -> float:
        answered = sum(score >= threshold for score in found.inside) / len(found.inside)
        abstained = sum(score < threshold for score in found.outside) / len(found.outside)
        return answered + abstained

    steps = [step / 100 for step in range(10, 70)]
    assert right_decisions(THRESHOLD) == max(map(right_decisions, steps))


async def test_every_draft_cites_a_stored_document(shelf: Shelf) -> None:
    stored = {document.source_url for document in help_centre()}
    side, drafter = read_side("test"), OfflineDrafter(shelf.functions)
    drafts = [await drafter.draft(asking(shelf, each)) for each in [q for q, _ in side.inside[:40]] + side.outside]
    written = [each for each in drafts if isinstance(each, DraftedReply)]
    assert 20 < len(written) < len(drafts)
    assert all(each.sources and {source.url for source in each.sources} <= stored for each in written)
    assert all(each.best_score is not None for each in drafts if isinstance(each, Abstained))
