"""Find the articles that may answer a text, the best first.

The score of a passage is its similarity to the searched text, plus a smaller part for words that both have; a word in
the heading counts more than a word that is only below it. The score does not depend on the other passages, so a
threshold says whether an article answers at all. docs/decisions/068 has the measurements.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from control_plane.text.embeddings import embed, question_bits, unpack
from control_plane.text.languages import detect_language
from services.backends.functions import Functions, by
from services.envelope import Actor, ActorType

SEARCHER = Actor(type=ActorType.SYSTEM, id="autopilot")
WORD_WEIGHT = 0.2
"""The weight, in the score, of words that text and passage share; the similarity has the weight 1."""
TITLE_SHARE = 0.5
"""A word that is also in the heading counts 1; a word that is only in the text counts 1 − this."""
MAX_QUESTION = 8000
"""Characters of the text with which articles are searched."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundArticle:
    """An article, with its passage that fits best. `score` is from 0 to 1."""

    article_id: UUID
    external_id: str
    title: str
    url: str | None
    heading: str
    passage: str
    """Empty if the article has only a title."""
    score: float


async def search_articles(functions: Functions, tenant: UUID, text: str, *, limit: int = 10) -> list[FoundArticle]:
    """The active articles of a tenant, the best first. A text without words finds nothing."""
    question = text[:MAX_QUESTION]
    language = detect_language(question)
    vectors = embed([question], [language])
    if not vectors.any():
        return []
    signature, magnitudes = question_bits(vectors[0])
    rows = await functions.call(
        "autopilot.search_passages", question=question, signature=signature, magnitudes=magnitudes,
        language=language, tenant=tenant, **by(SEARCHER),
    )  # fmt: skip
    similarities = (unpack([row["embedding"] for row in rows]) @ vectors[0]).tolist()
    best: dict[UUID, FoundArticle] = {}
    for row, similarity in zip(rows, similarities, strict=True):
        found = _found_from_row(row, similarity)
        known = best.get(found.article_id)
        if known is None or known.score < found.score:
            best[found.article_id] = found
    return sorted(best.values(), key=lambda each: (-each.score, each.external_id))[:limit]


def _found_from_row(row: Mapping[str, Any], similarity: float) -> FoundArticle:
    words = TITLE_SHARE * row["title_score"] + (1 - TITLE_SHARE) * row["word_score"]
    score = max(0.0, similarity + WORD_WEIGHT * words) / (1 + WORD_WEIGHT)
    return FoundArticle(
        article_id=UUID(row["article_id"]), external_id=row["external_id"], title=row["title"], url=row["url"],
        heading=row["heading"], passage=row["text"], score=min(score, 1.0),
    )  # fmt: skip
