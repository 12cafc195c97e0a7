"""Answer a ticket with the best passage of an article, or abstain.

The ticket and the articles are only compared and quoted, so nothing in them can act as an instruction. The same ticket
and articles give the same answer. No model and no network is needed.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from control_plane.apps.autopilot.clustering.texts import clean_text
from control_plane.apps.autopilot.clustering.values import TicketText
from control_plane.apps.autopilot.knowledge.compose import read_drafted
from control_plane.text.embeddings import DIMENSIONS, embed
from control_plane.text.languages import content_words, detect_language
from control_plane.text.passages import cut_paragraphs
from control_plane.text.phrases import reply_text

if TYPE_CHECKING:
    from control_plane.text.embeddings import Vectors

THRESHOLD = 0.4
"""The lowest score with which a passage is an answer. Decision 069 says how it was chosen."""
WORD_WEIGHT = 0.2
"""The weight of words that ticket and passage share; the similarity has the weight 1."""
MAX_PASSAGE = 4_000
"""Characters of a passage. A longer one was hardly written by people, and is never quoted."""
_HEADING_MARK = re.compile(r"^#{1,6}[ \t]+", re.MULTILINE)
_PARAGRAPH_END = re.compile(r"\n[ \t]*\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerArticle:
    """An article that is linked to a cluster."""

    id: UUID
    external_id: str
    title: str
    url: str | None
    content: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Passages:
    """The passages of all articles of a cluster. The n-th elements of `articles`, `texts` and `words`, and the n-th
    row of `vectors`, belong to the n-th passage."""

    articles: Sequence[AnswerArticle]
    texts: Sequence[str]
    words: Sequence[frozenset[str]]
    vectors: "Vectors"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The reply to a ticket: `text` is what is sent, `passage` is the part of the article that it quotes."""

    text: str
    passage: str
    article: AnswerArticle
    score: float
    """How well the passage fits the ticket, from 0 to 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Abstention:
    """Why a ticket has no answer. `score` is that of the best passage, None if there was none."""

    reason: str
    score: float | None = None


def read_passages(articles: Sequence[AnswerArticle]) -> Passages:
    """Cut the articles into passages. Takes about a millisecond of processor time per passage."""
    found = [(article, *pair) for article in articles for pair in _texts_of(article)]
    texts = [f"{article.title}. {compared}" for article, compared, _ in found]
    languages = [detect_language(text) for text in texts]
    return Passages(
        articles=[article for article, _, _ in found],
        texts=[text for _, _, text in found],
        words=[_words(text, language) for text, language in zip(texts, languages, strict=True)],
        vectors=embed(texts, languages),
    )


def answer_ticket(
    passages: Passages, *, subject: str, description: str | None, requester: str | None
) -> Answer | Abstention:
    """The reply that quotes the best passage, in the language of the ticket; or why there is none."""
    question = clean_text(TicketText("", subject, description or ""))
    language = detect_language(question)
    words = _words(question, language)
    if not words:
        return Abstention(reason="the ticket has no words")
    if not passages.texts:
        return Abstention(reason="the articles of its cluster have no text")
    similarities = (passages.vectors @ embed([question], [language]).T).ravel().tolist()
    scores = [
        round(max(0.0, similarity + WORD_WEIGHT * len(words & known) / len(words)) / (1 + WORD_WEIGHT), 4)
        for similarity, known in zip(similarities, passages.words, strict=True)
    ]
    best = max(range(len(scores)), key=lambda place: (scores[place], -place))
    article, passage, score = passages.articles[best], passages.texts[best], min(scores[best], 1.0)
    if score < THRESHOLD:
        return Abstention(reason="no passage of its articles is similar enough to the ticket", score=score)
    passage_language = detect_language(passage)
    if language is not None and passage_language is not None and passage_language != language:
        return Abstention(
            reason=f"the ticket is in {language}, and the article that fits is in {passage_language}", score=score
        )
    text = reply_text(
        passage, language=language or passage_language, customer_name=requester, link=article_link(article)
    )
    return Answer(text=text, passage=passage, article=article, score=score)


def article_link(article: AnswerArticle) -> str:
    """How a reply cites the article: by its address if that is one of the web, else by its title."""
    is_address = article.url is not None and article.url.startswith(("https://", "http://"))
    return article.url if is_address and article.url is not None else article.title


def similarities_of(pairs: Sequence[tuple[str, str]]) -> list[float | None]:
    """The cosine of the texts of each pair; None if one of them has no words."""
    texts = [text for pair in pairs for text in pair]
    vectors = embed(texts, [detect_language(text) for text in texts]).reshape(-1, 2, DIMENSIONS)
    return [
        None if not (left.any() and right.any()) else round(min(1.0, max(-1.0, float(left @ right))), 4)
        for left, right in vectors
    ]


def _texts_of(article: AnswerArticle) -> list[tuple[str, str]]:
    """Pairs of the text with which tickets are compared, and the text that is quoted. The problem in an article that
    was drafted from tickets is only compared: customers do not get the words of other customers."""
    if (drafted := read_drafted(article.content or "")) is not None:
        problem, solutions = drafted
        return [(f"{problem}\n{text}", text) for text in solutions]
    paragraphs = [part.strip() for part in _PARAGRAPH_END.split(_HEADING_MARK.sub("", article.content or ""))]
    cut = cut_paragraphs([part for part in paragraphs if part])
    return [(text, text) for text in cut if len(text) <= MAX_PASSAGE]


def _words(text: str, language: str | None) -> frozenset[str]:
    return frozenset(content_words(text.casefold(), language).split())
