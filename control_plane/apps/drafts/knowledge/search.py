"""Find the passages that may answer a question, the best first.

The score of a passage is its similarity to the question, plus a part for words that both have. It does not depend on
the other passages, so it also shows whether the passage answers the question at all. A rank would not show this: even
the best of useless passages has rank 1.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from control_plane.apps.drafts.drafter import DraftRequest
from control_plane.apps.drafts.drafter.prompt import Passage as PromptPassage
from control_plane.apps.drafts.mail.reply_view import view_reply
from control_plane.text.embeddings import embed, question_bits, unpack
from control_plane.text.languages import FUNCTION_WORDS, content_words, detect_language
from control_plane.text.passages import sentences
from services.backends.functions import Functions, by
from services.envelope import Actor, ActorType

if TYPE_CHECKING:
    from control_plane.text.embeddings import Vectors

SEARCHER = Actor(type=ActorType.SYSTEM, id="drafts")
WORD_WEIGHT = 0.2
"""The weight, in the score, of words that question and passage share; the similarity has the weight 1. Chosen by the
questions for tuning."""
LONG_QUESTION = 40
"""If a message has more words than this, its sentences with a question mark are searched for, each separately."""
FEW_WORDS = 3
"""A question with fewer words, without function words, says too little alone. Chosen by the questions for tuning."""
MAX_QUESTION = 4000
"""Characters of a message that are searched for."""
MAX_PARTS = 3
MAX_NEAR = (60, 40, 30)
"""How many passages near each question are compared, for one, two and three questions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A passage, and how well it fits the question: `score` is from 0 to 1. If the passage is from a golden, a
    correction or a conversation, the reply uses `answer` instead of its text."""

    source_url: str
    title: str
    kind: str
    text: str
    language: str | None
    answer: str | None
    topic: str | None
    sources: tuple[str, ...]
    similarity: float
    word_score: float

    @property
    def score(self) -> float:
        return max(0.0, _sum(self.similarity, self.word_score)) / (1 + WORD_WEIGHT)


def question_of(request: DraftRequest) -> str:
    """The customer's question: the subject of the conversation, and the new text of the messages after our last reply,
    without quotes."""
    waiting: list[str] = []
    earlier = [message.text for message in request.messages if message.direction == "outbound"]
    for message in reversed(request.messages):
        if message.direction != "inbound":
            break
        waiting.insert(0, view_reply(message.text, earlier).text)
    subject = (request.subject or "").strip()
    parts = [subject if not subject.lower().startswith(("re:", "aw:", "fwd:", "wg:")) else "", *waiting]
    return "\n".join(part.strip() for part in parts if part.strip())[:MAX_QUESTION]


async def search(functions: Functions, tenant_id: UUID, question: str, *, limit: int = 20) -> list[Found]:
    """The passages of a tenant, the best first, at most one of each document."""
    language = detect_language(question)
    parts = _parts(question, language)
    vectors = embed(parts, [language] * len(parts))
    rows = await functions.call(
        "drafts.search_chunks", questions=[_question(*each) for each in zip(parts, vectors, strict=True)],
        language=language, max_near=MAX_NEAR[len(parts) - 1], tenant=tenant_id, **by(SEARCHER),
    )  # fmt: skip
    similarities = (unpack([row["embedding"] for row in rows]) @ vectors.T).tolist()
    best: dict[str, Found] = {}
    for row, each in zip(rows, similarities, strict=True):
        found = _found_from_row(row, each)
        known = best.get(found.source_url)
        if known is None or known.score < found.score:
            best[found.source_url] = found
    return sorted(best.values(), key=lambda each: (-each.score, each.source_url))[:limit]


def _question(text: str, vector: "Vectors") -> dict[str, str]:
    """A question as `drafts.search_chunks` takes it."""
    signature, magnitudes = question_bits(vector)
    return {"text": text, "signature": signature, "magnitudes": magnitudes}


async def search_for_prompt(functions: Functions, request: DraftRequest) -> Sequence[PromptPassage]:
    """The passages for a model's prompt, the best first."""
    question = await asyncio.to_thread(question_of, request)  # long threads take seconds
    found = await search(functions, request.tenant_id, question, limit=8)
    return [
        PromptPassage(title=each.title, url=each.source_url, text=each.answer or each.text, score=each.score,
                      topic=each.topic)
        for each in found
    ]  # fmt: skip


def _parts(question: str, language: str | None) -> list[str]:
    """The texts to search for: the whole message or, if it is long, each of its questions. A question of few words,
    such as "What should I do?", is searched for together with the sentence before it."""
    if len(question.split()) <= LONG_QUESTION:
        return [question]
    texts = sentences(question)
    parts = [
        " ".join(texts[max(0, place - 1) : place + 1]) if _has_few_words(sentence, language) else sentence
        for place, sentence in enumerate(texts)
        if sentence.rstrip().endswith("?")
    ]
    return parts[:MAX_PARTS] or [question]


def _has_few_words(sentence: str, language: str | None) -> bool:
    dropped = FUNCTION_WORDS.get(language or "en", FUNCTION_WORDS["en"])
    return sum(word.casefold() not in dropped for word in content_words(sentence, language).split()) < FEW_WORDS


def _found_from_row(row: Mapping[str, Any], similarities: Sequence[float]) -> Found:
    """The passage, with its similarity and word score for the part of the question that it fits best."""
    similarity, word_score = max(zip(similarities, row["word_scores"], strict=True), key=lambda pair: _sum(*pair))
    return Found(
        source_url=row["source_url"], title=row["title"] or row["source_url"], kind=row["kind"], text=row["text"],
        language=row["language"], answer=row["answer"], topic=row["topic"], sources=tuple(row["sources"]),
        similarity=similarity, word_score=word_score,
    )  # fmt: skip


def _sum(similarity: float, word_score: float) -> float:
    return similarity + WORD_WEIGHT * word_score
