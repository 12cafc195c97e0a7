"""Articles: knowledge that answers tickets."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

MAX_CONTENT_BYTES = 1_000_000


class ArticleStatus(StrEnum):
    """The state of an article. The values are a published contract."""

    ACTIVE = "active"
    BROKEN = "broken"
    """Its address does not answer."""
    ARCHIVED = "archived"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewArticle:
    """An article to store. It replaces the article with this `external_id`."""

    external_id: str
    """Its id at its source, or its address."""
    title: str
    url: str | None = None
    content: str | None = None
    """Its text. Lines that begin with `#` are headings, as in Markdown."""
    source: str | None = None
    """Where it comes from, such as the name of a wiki."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedArticle:
    """An article that was stored."""

    id: UUID
    external_id: str
    is_changed: bool
    """False if the same article was stored before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """A stored article, without its text."""

    id: UUID
    external_id: str
    title: str
    url: str | None
    source: str | None
    status: ArticleStatus
    created_at: datetime
    updated_at: datetime
    clusters: int
    """How many clusters of the active model it answers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleLink:
    """A cluster of the active model that an article answers."""

    cluster_id: UUID
    name: str
    subcluster_name: str | None
    label: str | None
    kb_status: str
    score: float | None
    """How well the article fits, from 0 to 1. None: a person linked it."""
    is_found: bool
    """True: a search made the link, so the next search may remove it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeArticle(Article):
    """A stored article with its text and its links."""

    content: str | None
    links: tuple[ArticleLink, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnindexedArticle:
    """An article whose passages are to be made."""

    id: UUID
    title: str
    content: str | None
    content_hash: int


class DraftStatus(StrEnum):
    """What became of an article that was drafted for a gap."""

    PROPOSED = "proposed"
    """Its envelope has not ended yet; for example, it waits for approval."""
    PUBLISHED = "published"
    REJECTED = "rejected"
    """A person rejected it, a guardrail denied it, or the envelope was cancelled or expired."""
    FAILED = "failed"
    UNKNOWN = "unknown"
    """Nobody knows whether it was published."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposedIds:
    """A draft and the envelope that publishes it."""

    draft_id: UUID
    envelope_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposedArticle(ProposedIds):
    """An article that was drafted and proposed."""

    title: str
    content: str
    """Markdown."""
    ticket_count: int
    """From how many resolved tickets it was drafted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleDraft:
    """An article that was drafted for a gap."""

    id: UUID
    cluster_id: UUID | None
    """The cluster for which it was drafted. None if its model was deleted."""
    lineage_id: UUID
    title: str
    content: str
    """As it was proposed or, once published, as it was published."""
    ticket_count: int
    status: DraftStatus
    problem: str | None
    """Why it was not published."""
    envelope_id: UUID
    article_id: UUID | None
    """The published article."""
    drafted_by: str
    created_at: datetime
    settled_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GapDraft:
    """The newest article that was drafted for a gap."""

    id: UUID
    status: DraftStatus
    envelope_id: UUID
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A cluster that no article answers."""

    cluster_id: UUID
    name: str
    subcluster_name: str | None
    label: str | None
    tickets: int
    cost: Decimal
    """What its tickets cost, by the settings. 0 if the cost of an hour is not known."""
    weeks: tuple[int, ...]
    """The tickets of each of the last 12 weeks, the oldest week first."""
    draft: GapDraft | None
