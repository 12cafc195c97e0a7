"""Store articles with their passages, and link them to clusters."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter

from control_plane.apps.autopilot.articles import (
    Article,
    ArticleStatus,
    NewArticle,
    SavedArticle,
    UnindexedArticle,
    WholeArticle,
)
from control_plane.apps.autopilot.knowledge.passages import IndexedPassage
from services.backends.functions import Functions, by
from services.envelope import Actor
from services.errors import NotFound

MAX_BATCH = 100
"""How many articles one call stores."""
_SAVED = TypeAdapter(list[SavedArticle])
_UNINDEXED = TypeAdapter(list[UnindexedArticle])
_ARTICLES = TypeAdapter(list[Article])
_WHOLE = TypeAdapter(WholeArticle | None)


async def save_articles(
    functions: Functions, tenant: UUID, articles: Sequence[tuple[NewArticle, Sequence[IndexedPassage]]], *, actor: Actor
) -> list[SavedArticle]:
    """Store at most MAX_BATCH articles, all or none. Raises InvalidInput, NotAllowed."""
    rows = [{**asdict(article), "passages": _rows(passages)} for article, passages in articles]
    saved = await functions.call(
        "autopilot.save_articles", tenant=tenant, articles=rows, **by(actor), as_of=functions.as_of()
    )
    return _SAVED.validate_python(saved)


async def save_passages(
    functions: Functions, tenant: UUID, article: UnindexedArticle, passages: Sequence[IndexedPassage]
) -> bool:
    """Store the passages of an article. False if its text has changed meanwhile."""
    answer = await functions.call(
        "autopilot.save_passages", tenant=tenant, article=article.id, content_hash=article.content_hash,
        passages=_rows(passages), as_of=functions.as_of(),
    )  # fmt: skip
    return bool(answer["saved"])


async def list_unindexed(functions: Functions, tenant: UUID, *, limit: int = 50) -> list[UnindexedArticle]:
    """Articles whose passages are to be made."""
    rows = await functions.call("autopilot.list_unindexed_articles", tenant=tenant, max_articles=limit)
    return _UNINDEXED.validate_python(rows)


async def list_articles(
    functions: Functions, tenant: UUID, *, status: ArticleStatus | None = None, cluster: UUID | None = None,
    after: tuple[str, UUID] | None = None, limit: int = 50,
) -> list[Article]:  # fmt: skip
    """Articles by title, or only those with this status or linked to this cluster. `after`: the key of the last one of
    the page before, see `key_of`."""
    rows = await functions.call(
        "autopilot.list_articles", tenant=tenant, status=status, cluster=cluster,
        after_title=None if after is None else after[0], after_id=None if after is None else after[1],
        max_articles=limit,
    )  # fmt: skip
    return _ARTICLES.validate_python(rows)


def key_of(article: Article) -> tuple[str, str]:
    """The key of an article in the list: the beginning of its title by which the list is sorted, and its id."""
    return article.title[:200], str(article.id)


async def read_article(functions: Functions, tenant: UUID, article: UUID) -> WholeArticle:
    """An article with its text and its links. Raises NotFound."""
    row = await functions.call("autopilot.read_article", tenant=tenant, article=article)
    found = _WHOLE.validate_python(row)
    if found is None:
        raise NotFound("article", article)
    return found


async def set_status(functions: Functions, tenant: UUID, article: UUID, status: ArticleStatus, *, actor: Actor) -> None:
    """Set the status of an article. Raises NotFound, NotAllowed."""
    await functions.call(
        "autopilot.set_article_status", tenant=tenant, article=article, status=status, **by(actor),
        as_of=functions.as_of(),
    )  # fmt: skip


async def set_link(
    functions: Functions, tenant: UUID, article: UUID, cluster: UUID, *, is_linked: bool, actor: Actor
) -> None:
    """Link an article to a cluster of the active model, or remove the link. Raises NotFound, NotAllowed."""
    await functions.call(
        "autopilot.set_article_link", tenant=tenant, article=article, cluster=cluster, is_linked=is_linked,
        **by(actor), as_of=functions.as_of(),
    )  # fmt: skip


def _rows(passages: Sequence[IndexedPassage]) -> list[Mapping[str, Any]]:
    return [asdict(passage) for passage in passages]
