"""A drafter without a model: it answers with a verified correction or with the best passage, or says that it cannot
answer.

It first tries approved corrections that have a matching pattern, then the passage with the best score. The customer's
message and the documents are only compared and quoted, so nothing in them can act as an instruction. Only stored
documents are cited.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import structlog

from control_plane.apps.drafts.drafter import Abstained, CitedSource, DraftedReply, DraftRequest
from control_plane.apps.drafts.knowledge.patterns import matches
from control_plane.apps.drafts.knowledge.search import SEARCHER, Found, question_of, search
from control_plane.apps.drafts.store.corrections import Correction, list_corrections
from control_plane.text.languages import detect_language
from control_plane.text.phrases import reply_text
from services.backends.functions import Functions, by

log = structlog.get_logger()

MODEL_KEY, PROMPT_VERSION = "offline", "1"
THRESHOLD = 0.27
"""The lowest score with which a passage is an answer. Chosen by the questions for tuning, see docs/decisions/053."""
MAX_SOURCES = 3
MATCH_ALL_WITHIN = 0.5
"""The most seconds for matching the patterns of all corrections."""


@dataclass(frozen=True, slots=True)
class OfflineDrafter:
    """Writes replies from the knowledge of the tenant. A passage with a score below `threshold` is not an answer."""

    functions: Functions
    threshold: float = THRESHOLD

    async def draft(self, request: DraftRequest) -> DraftedReply | Abstained:
        """See `Drafter.draft`. Raises NotReady if the database is not reachable."""
        question = await asyncio.to_thread(question_of, request)  # long threads take seconds
        if not question.strip():
            return Abstained(reason="the message has no text")
        language = detect_language(question)
        corrections = await list_corrections(self.functions, request.tenant_id, actor=SEARCHER, status="approved")
        correction = _matching(corrections, question)
        if correction is not None:
            addresses = [correction.source_url, *correction.sources]
            sources = await self._stored(request.tenant_id, addresses, score=1.0)
            if sources:
                return _reply(request, correction.answer, sources, 1.0, language, topic=correction.topic, link=None)
        found = await search(self.functions, request.tenant_id, question)
        best = found[0].score if found else None
        good = [each for each in found if each.score >= self.threshold][:MAX_SOURCES]
        if not good:
            reason = "no document is similar enough to the question" if found else "there are no documents"
            return Abstained(reason=reason, best_score=best)
        first, *others = good
        sources = [CitedSource(title=first.title, url=first.source_url, score=round(first.score, 4))]
        if first.answer is not None:
            sources += await self._stored(request.tenant_id, first.sources, score=round(first.score, 4))
        else:
            sources += [
                CitedSource(title=each.title, url=each.source_url, score=round(each.score, 4)) for each in others
            ]
        return _reply(
            request, first.answer or first.text, sources, first.score, language or first.language, topic=first.topic,
            link=_link(first),
        )  # fmt: skip

    async def _stored(self, tenant_id: UUID, addresses: Sequence[str], *, score: float) -> list[CitedSource]:
        """The stored documents with these addresses, in this order."""
        rows = await self.functions.call(
            "drafts.find_documents", source_urls=list(addresses[:100]), tenant=tenant_id, **by(SEARCHER)
        )
        titles = {row["source_url"]: row["title"] for row in rows}
        return [
            CitedSource(title=titles[address] or address, url=address, score=score)
            for address in dict.fromkeys(addresses)
            if address in titles
        ][:MAX_SOURCES]


def _matching(corrections: Sequence[Correction], question: str) -> Correction | None:
    """The first correction with a pattern that matches. Patterns that take too long are skipped."""
    ends_at = time.monotonic() + MATCH_ALL_WITHIN
    for correction in corrections:
        for pattern in correction.patterns:
            if time.monotonic() > ends_at:
                log.warning("drafts.patterns_skipped", reason="the patterns of all corrections take too long")
                return None
            found = matches(pattern, question)
            if found:
                return correction
            if found is None:
                log.warning("drafts.pattern_skipped", correction=correction.external_id, reason="invalid, or too slow")
    return None


def _link(found: Found) -> str | None:
    """The link for the customer: the address of the document if it is a web address, else None."""
    return found.source_url if found.source_url.startswith(("https://", "http://")) else None


def _reply(
    request: DraftRequest,
    body: str,
    sources: Sequence[CitedSource],
    score: float,
    language: str | None,
    *,
    topic: str | None,
    link: str | None,
) -> DraftedReply:
    return DraftedReply(
        text=reply_text(body, language=language, customer_name=request.customer_name, link=link),
        sources=tuple(sources), confidence=round(min(score, 1.0), 4), language=language, model_key=MODEL_KEY,
        prompt_version=PROMPT_VERSION, topic=topic,
    )  # fmt: skip
