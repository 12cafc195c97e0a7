"""Search for the articles that answer a cluster, with its typical tickets."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from pydantic import TypeAdapter

from control_plane.apps.autopilot.clustering.texts import clean_text
from control_plane.apps.autopilot.clustering.values import TicketText
from control_plane.apps.autopilot.knowledge.passages import index_article
from control_plane.apps.autopilot.knowledge.search import search_articles
from control_plane.apps.autopilot.store import articles, clusters
from services.backends.functions import Functions
from services.envelope import Actor

THRESHOLD = 0.33
"""The lowest score with which an article answers a cluster. Chosen on the tickets for tuning, see
docs/decisions/068."""
MAX_LINKS = 5
"""How many articles are linked to a cluster."""
MAX_CLUSTERS = 50
"""How many clusters are read at a time."""
SEARCH_WITHIN = timedelta(seconds=20)
"""How long the search for one cluster may take. After this time the cluster stays as it is, and the next run searches
again."""
CHARACTERS = 1000
"""Characters of a ticket with which articles are searched: people say at the beginning what a ticket is about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A typical ticket of a cluster."""

    subject: str
    description: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterToSearch:
    """A cluster for which articles are to be searched."""

    id: UUID
    name: str
    subcluster_name: str | None
    examples: Sequence[Example]


@dataclass(slots=True)
class Matched:
    """The work of one run for a tenant."""

    indexed: int = 0
    """Articles that got their passages."""
    searched: int = 0
    found: int = 0
    """Clusters with an article."""
    timed_out: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Waiting:
    version: int
    clusters: Sequence[ClusterToSearch]


_WAITING = TypeAdapter(_Waiting)


async def match_clusters(
    functions: Functions, tenant: UUID, *, actor: Actor, search_within: timedelta = SEARCH_WITHIN
) -> Matched:
    """Make the passages that are missing, then search for each cluster that is PENDING or whose articles or examples
    changed. Raises NotReady, NotFound."""
    done = Matched()
    while unindexed := await articles.list_unindexed(functions, tenant):
        for article in unindexed:
            passages = await asyncio.to_thread(index_article, article.title, article.content)
            done.indexed += await articles.save_passages(functions, tenant, article, passages)
    late: set[UUID] = set()
    while waiting := await _list_waiting(functions, tenant, more=len(late)):
        todo = [cluster for cluster in waiting.clusters if cluster.id not in late]
        if not todo:
            break
        for cluster in todo:
            try:
                async with asyncio.timeout(search_within.total_seconds()):
                    scores = await find_matches(functions, tenant, texts_of(cluster))
            except TimeoutError:
                late.add(cluster.id)
                continue
            saved = await clusters.save_matches(
                functions, tenant, cluster.id, scores, version=waiting.version, actor=actor
            )
            done.searched += 1
            done.found += saved.kb_status == "FOUND"
    done.timed_out = len(late)
    return done


def texts_of(cluster: ClusterToSearch) -> list[str]:
    """The texts with which articles are searched: those of the examples or, without examples, the name."""
    texts = [clean_text(TicketText("", each.subject, each.description or ""))[:CHARACTERS] for each in cluster.examples]
    return [text for text in texts if text] or [f"{cluster.name} {cluster.subcluster_name or ''}"]


async def find_matches(functions: Functions, tenant: UUID, texts: Sequence[str]) -> Mapping[UUID, float]:
    """The articles that answer these tickets, each with the mean of its scores; at most MAX_LINKS, the best first."""
    scores: defaultdict[UUID, float] = defaultdict(float)
    for text in texts:
        for found in await search_articles(functions, tenant, text, limit=100):
            scores[found.article_id] += found.score / len(texts)
    best = sorted(scores.items(), key=lambda pair: (-pair[1], pair[0]))[:MAX_LINKS]
    return {article: round(score, 4) for article, score in best if score >= THRESHOLD}


async def _list_waiting(functions: Functions, tenant: UUID, *, more: int) -> _Waiting:
    row = await functions.call("autopilot.list_clusters_to_search", tenant=tenant, max_clusters=MAX_CLUSTERS + more)
    return _WAITING.validate_python(row)
