"""The search finds the article that answers a cluster, and knows when none does."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Literal

import pytest

from control_plane.apps.autopilot.articles import NewArticle
from control_plane.apps.autopilot.knowledge import match
from control_plane.apps.autopilot.save_articles import save_articles
from services.backends.open import postgres_access
from tests.control_plane.apps.autopilot.helpdesk import OLGA, Helpdesk, open_helpdesk
from tests.control_plane.apps.autopilot.knowledge.measure import auroc, read_articles, read_side

RIGHT_SHARE, AUROC = 0.9, 0.95


@dataclass(frozen=True)
class Scores:
    """The score of the best article of each cluster, and whether it is the right one."""

    inside: list[float]
    outside: list[float]
    right: list[bool]


@pytest.fixture(scope="module")
async def stocked(module_database_url: str) -> AsyncIterator[tuple[Helpdesk, dict[object, str]]]:
    """A helpdesk with the articles, and their names by id."""
    async with postgres_access(module_database_url, pool_size=2) as access:
        desk = await open_helpdesk(access, module_database_url)
        new = [
            NewArticle(external_id=each["id"], title=each["title"], content=each["content"]) for each in read_articles()
        ]
        saved = await save_articles(access.operator, desk.tenant, new, actor=OLGA)
        yield desk, {each.id: each.external_id for each in saved}


async def scores_of(
    stocked: tuple[Helpdesk, dict[object, str]], side: Literal["tune", "test"], monkeypatch: pytest.MonkeyPatch
) -> Scores:
    desk, names = stocked
    monkeypatch.setattr(match, "THRESHOLD", 0.0)
    scores = Scores([], [], [])
    for cluster in read_side(side):
        found = await match.find_matches(desk.functions, desk.tenant, cluster.tickets)
        best = max(found, key=found.__getitem__)
        if cluster.article is None:
            scores.outside.append(found[best])
        else:
            scores.inside.append(found[best])
            scores.right.append(names[best] == cluster.article)
    return scores


def test_the_sides_have_different_articles() -> None:
    tune, test = ({each.article for each in read_side(side)} for side in ("tune", "test"))
    assert tune & test == {None}
    assert len(tune | test) - 1 == len(read_articles()) == 26


async def test_clusters_find_their_article_and_scores_tell_gaps_apart(
    stocked: tuple[Helpdesk, dict[object, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    threshold = match.THRESHOLD
    found = await scores_of(stocked, "test", monkeypatch)
    assert sum(found.right) / len(found.right) >= RIGHT_SHARE
    assert auroc(found.inside, found.outside) >= AUROC
    assert sum(score >= threshold for score in found.inside) / len(found.inside) >= RIGHT_SHARE
    assert sum(score < threshold for score in found.outside) / len(found.outside) >= RIGHT_SHARE


async def test_the_threshold_is_in_the_middle_of_the_best_ones_for_tuning(
    stocked: tuple[Helpdesk, dict[object, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    threshold = match.THRESHOLD
    found = await scores_of(stocked, "tune", monkeypatch)
    steps = [step / 100 for step in range(10, 70)]
    right = {
        step: sum(score >= step for score in found.inside) / len(found.inside)
        + sum(score < step for score in found.outside) / len(found.outside)
        for step in steps
    }
    best = [step for step in steps if right[step] == max(right.values())]
    assert threshold == pytest.approx((best[0] + best[-1]) / 2, abs=0.01)
