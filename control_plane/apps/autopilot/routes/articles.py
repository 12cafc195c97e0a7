"""`/v1/autopilot/articles`: knowledge that answers tickets, and articles that are drafted for gaps."""

import asyncio
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from control_plane.api.answers import Answer
from control_plane.api.bodies import StrictRoute
from control_plane.api.identity import Person, Reader, TenantId
from control_plane.api.pages import After, Cursors, Limit, Page, page_of
from control_plane.apps.autopilot.articles import ArticleStatus, DraftStatus, NewArticle
from control_plane.apps.autopilot.draft_article import draft_article
from control_plane.apps.autopilot.knowledge.html import read_page
from control_plane.apps.autopilot.knowledge.search import search_articles
from control_plane.apps.autopilot.save_articles import save_articles
from control_plane.apps.autopilot.store import article_drafts, articles, functions_of
from services.errors import InvalidInput

router = APIRouter(prefix="/v1/autopilot", route_class=StrictRoute, tags=["articles"])
Title = Annotated[str, Field(min_length=1, max_length=500, examples=["VPN connection drops"])]


class PutArticle(BaseModel, extra="forbid"):
    """An article to store. It replaces the article with this `external_id`."""

    external_id: str = Field(
        min_length=1, max_length=255, description="Its id at its source, or its address.", examples=["KB0010001"]
    )
    title: Title
    url: str | None = Field(default=None, max_length=2000, examples=["https://kb.acme.example/KB0010001"])
    content: str | None = Field(
        default=None, max_length=1_000_000, description="Its text; lines that begin with `#` are headings.",
        examples=["Install the VPN profile again."],
    )  # fmt: skip
    format: Literal["markdown", "html"] = Field(
        default="markdown", description="Of `content`. A page in HTML is stored as text, with its headings."
    )
    source: str | None = Field(default=None, min_length=1, max_length=255, examples=["wiki"])


class PutArticles(BaseModel, extra="forbid"):
    """Articles to store, all or none."""

    articles: list[PutArticle] = Field(min_length=1, max_length=100)


class SavedAnswer(Answer):
    """An article that was stored."""

    id: UUID
    external_id: str
    is_changed: bool = Field(description="False if the same article was stored before.")


class SavedList(BaseModel):
    """The stored articles, in the order given."""

    items: list[SavedAnswer]


class ArticleAnswer(Answer):
    """An article without its text."""

    id: UUID
    external_id: str
    title: str
    url: str | None
    source: str | None
    status: ArticleStatus
    created_at: datetime
    updated_at: datetime
    clusters: int = Field(description="How many clusters of the active model it answers.")


class LinkAnswer(Answer):
    """A cluster that an article answers."""

    cluster_id: UUID
    name: str
    subcluster_name: str | None
    label: str | None
    kb_status: str
    score: float | None = Field(description="How well the article fits, from 0 to 1. Null: a person linked it.")
    is_found: bool = Field(description="The search made the link, so the next search may take it away.")


class WholeArticleAnswer(ArticleAnswer):
    """An article with its text and the clusters that it answers."""

    content: str | None
    links: list[LinkAnswer]


class FoundAnswer(Answer):
    """An article that may answer a text."""

    article_id: UUID
    external_id: str
    title: str
    url: str | None
    passage: str = Field(description="The passage that fits best.")
    score: float = Field(description="From 0 to 1.")


class FoundList(BaseModel):
    """Articles that may answer a text, the best first."""

    items: list[FoundAnswer]


class SetStatus(BaseModel, extra="forbid"):
    """The new status of an article."""

    status: ArticleStatus


class SetLink(BaseModel, extra="forbid"):
    """Whether an article answers a cluster."""

    is_linked: bool


class DraftedAnswer(Answer):
    """An article that was drafted and proposed."""

    draft_id: UUID
    envelope_id: UUID
    title: str
    content: str = Field(description="Markdown.")
    ticket_count: int = Field(description="From how many resolved tickets it was drafted.")


class DraftAnswer(Answer):
    """An article that was drafted for a gap, and what became of it."""

    id: UUID
    cluster_id: UUID | None
    title: str
    content: str
    ticket_count: int
    status: DraftStatus
    problem: str | None = Field(description="Why it was not published.")
    envelope_id: UUID
    article_id: UUID | None = Field(description="The published article.")
    drafted_by: str
    created_at: datetime
    settled_at: datetime | None


@router.get("/articles")
async def list_all(
    caller: Reader,
    tenant_id: TenantId = None,
    status: Annotated[ArticleStatus | None, Query(description="Only articles with this status.")] = None,
    cluster_id: Annotated[UUID | None, Query(description="Only articles that answer this cluster.")] = None,
    limit: Limit = 50,
    after: After = None,
) -> Page[ArticleAnswer]:
    """The articles, by title."""
    tenant = await caller.known_tenant(tenant_id)
    cursors = Cursors("articles", tenant, status, cluster_id)
    rows = await articles.list_articles(
        functions_of(caller.backends), tenant, status=status, cluster=cluster_id,
        after=cursors.read_text_and_id(after), limit=limit + 1,
    )  # fmt: skip
    shown, has_more = page_of(rows, limit)
    return Page(
        items=[ArticleAnswer.model_validate(each) for each in shown],
        next=cursors.write_key(*articles.key_of(shown[-1])) if has_more else None,
    )


@router.get("/articles/search")
async def search(
    caller: Reader,
    text: Annotated[str, Query(min_length=1, max_length=2000, examples=["VPN drops again and again"])],
    tenant_id: TenantId = None,
    limit: Annotated[int, Query(ge=1, le=50)] = 10,
) -> FoundList:
    """The active articles that may answer a text, the best first."""
    tenant = await caller.known_tenant(tenant_id)
    found = await search_articles(functions_of(caller.backends), tenant, text, limit=limit)
    return FoundList(items=[FoundAnswer.model_validate(each) for each in found])


@router.get("/articles/{article_id}")
async def get(article_id: UUID, caller: Reader, tenant_id: TenantId = None) -> WholeArticleAnswer:
    """One article with its text and the clusters that it answers."""
    tenant = await caller.known_tenant(tenant_id)
    return WholeArticleAnswer.model_validate(
        await articles.read_article(functions_of(caller.backends), tenant, article_id)
    )


@router.put("/articles")
async def put(body: PutArticles, caller: Person, tenant_id: TenantId = None) -> SavedList:
    """Add articles, or replace those with the same `external_id`. For owners and reviewers."""
    new = await asyncio.to_thread(lambda: [_read_article(n, each) for n, each in enumerate(body.articles)])
    saved = await save_articles(caller.backends, caller.one_tenant(tenant_id), new, actor=caller.actor)
    return SavedList(items=[SavedAnswer.model_validate(each) for each in saved])


@router.post("/articles/{article_id}/status")
async def set_status(
    article_id: UUID, body: SetStatus, caller: Person, tenant_id: TenantId = None
) -> WholeArticleAnswer:
    """Archive an article, mark it as broken, or make it active again. For owners and reviewers.

    A cluster that loses its last active article becomes a gap.
    """
    functions, tenant = functions_of(caller.backends), caller.one_tenant(tenant_id)
    await articles.set_status(functions, tenant, article_id, body.status, actor=caller.actor)
    return WholeArticleAnswer.model_validate(await articles.read_article(functions, tenant, article_id))


@router.put("/articles/{article_id}/clusters/{cluster_id}")
async def set_link(
    article_id: UUID, cluster_id: UUID, body: SetLink, caller: Person, tenant_id: TenantId = None
) -> WholeArticleAnswer:
    """Say whether an article answers a cluster. The search leaves such links alone. For owners and reviewers."""
    functions, tenant = functions_of(caller.backends), caller.one_tenant(tenant_id)
    await articles.set_link(functions, tenant, article_id, cluster_id, is_linked=body.is_linked, actor=caller.actor)
    return WholeArticleAnswer.model_validate(await articles.read_article(functions, tenant, article_id))


@router.post("/clusters/{cluster_id}/article", status_code=201)
async def draft(cluster_id: UUID, caller: Person, tenant_id: TenantId = None) -> DraftedAnswer:
    """Draft an article for a gap from its resolved tickets, and propose to publish it. For owners and reviewers.

    409 if the cluster has an article or a draft that is not decided, if its tickets have no resolutions, or if the
    setting `article_tool_slug` is empty.
    """
    drafted = await draft_article(caller.backends, caller.one_tenant(tenant_id), cluster_id, actor=caller.actor)
    return DraftedAnswer.model_validate(drafted)


@router.get("/article-drafts")
async def list_drafts(
    caller: Reader,
    tenant_id: TenantId = None,
    cluster_id: Annotated[UUID | None, Query(description="Only drafts for this cluster.")] = None,
    limit: Limit = 50,
    after: After = None,
) -> Page[DraftAnswer]:
    """Articles that were drafted for gaps, the newest first, and what became of them."""
    tenant = await caller.known_tenant(tenant_id)
    cursors = Cursors("article drafts", tenant, cluster_id)
    rows = await article_drafts.list_drafts(
        functions_of(caller.backends), tenant, cluster=cluster_id, before=cursors.read(after), limit=limit + 1
    )
    shown, has_more = page_of(rows, limit)
    return Page(
        items=[DraftAnswer.model_validate(each) for each in shown],
        next=cursors.write((shown[-1].created_at, shown[-1].id)) if has_more else None,
    )


def _read_article(number: int, given: PutArticle) -> NewArticle:
    """The article with a page in HTML as text. Raises InvalidInput for a page without text."""
    fields = given.model_dump(exclude={"format"})
    if given.format == "html":
        fields["content"] = read_page(given.content or "").content
        if not fields["content"]:
            raise InvalidInput(f"articles[{number}].content", "is no HTML page with text")
    return NewArticle(**fields)
