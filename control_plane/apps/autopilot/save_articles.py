"""Store articles, so that a search finds them at once."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

from control_plane.apps.autopilot.articles import NewArticle, SavedArticle
from control_plane.apps.autopilot.knowledge.passages import index_article
from control_plane.apps.autopilot.store import articles as store
from control_plane.apps.autopilot.store import functions_of
from services.backends import Backends
from services.envelope import Actor


async def save_articles(
    backends: Backends, tenant: UUID, articles: Sequence[NewArticle], *, actor: Actor
) -> list[SavedArticle]:
    """Add articles, or replace those with the same `external_id`: at most 100, all or none.

    Raises InvalidInput, NotAllowed, NotFound for an unknown tenant.
    """
    passages = [await asyncio.to_thread(index_article, each.title, each.content) for each in articles]
    return await store.save_articles(
        functions_of(backends), tenant, list(zip(articles, passages, strict=True)), actor=actor
    )
