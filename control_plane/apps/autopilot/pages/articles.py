"""`/console/articles`: the knowledge that answers tickets, the gaps in it, and the articles drafted for them."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request
from markdown_it import MarkdownIt
from markupsafe import Markup
from starlette.responses import Response

from control_plane.api.pages import After, Cursors, page_of
from control_plane.apps.autopilot.articles import MAX_CONTENT_BYTES, ArticleStatus, NewArticle
from control_plane.apps.autopilot.save_articles import save_articles
from control_plane.apps.autopilot.store import article_drafts, articles, functions_of
from control_plane.console.own_tenant import choose_tenant, linker, may, whose
from control_plane.console.render import changed, render
from control_plane.console.session import Viewer
from control_plane.console.show import visible_lines
from services.tenants import TenantRole

router = APIRouter(prefix="/articles")
PAGE_SIZE = 50
GAPS = 50
MARKDOWN = MarkdownIt("zero", {"breaks": True}).enable(["heading", "blockquote", "list", "escape", "newline"])
"""Reads the Markdown of articles. Links, pictures and HTML stay text: people outside wrote it."""


@router.get("")
async def show_gaps(request: Request, viewer: Viewer, tenant_id: UUID | None = None) -> Response:
    """The clusters that no article answers, the most expensive first."""
    if viewer.tenant_or_all(tenant_id) is None:
        return await choose_tenant(request, viewer, "Articles")
    tenant = await viewer.known_tenant(tenant_id)
    return render(
        request, "autopilot/gaps.html",
        gaps=await article_drafts.list_gaps(functions_of(viewer.backends), tenant, limit=GAPS),
        may_draft=may(viewer, TenantRole.OWNER, TenantRole.REVIEWER), cluster_link=linker(viewer, "clusters", tenant),
        envelope_link=linker(viewer, "envelopes", tenant), **await whose(viewer, "articles", tenant),
    )  # fmt: skip


@router.get("/all")
async def show_articles(
    request: Request, viewer: Viewer, tenant_id: UUID | None = None, after: After = None
) -> Response:
    """The articles by title."""
    tenant = await viewer.known_tenant(tenant_id)
    cursors = Cursors("console.articles", tenant)
    found = await articles.list_articles(
        functions_of(viewer.backends), tenant, after=cursors.read_text_and_id(after), limit=PAGE_SIZE + 1
    )
    page, has_more = page_of(found, PAGE_SIZE)
    return render(
        request, "autopilot/articles.html", articles=page,
        next=cursors.write_key(*articles.key_of(page[-1])) if has_more else None,
        may_change=may(viewer, TenantRole.OWNER, TenantRole.REVIEWER),
        **await whose(viewer, "articles", tenant),
    )  # fmt: skip


@router.post("/all")
async def add(
    viewer: Viewer, external_id: Annotated[str, Form(max_length=1000)], title: Annotated[str, Form(max_length=1000)],
    content: Annotated[str, Form(max_length=MAX_CONTENT_BYTES)], url: Annotated[str, Form(max_length=2048)] = "",
    tenant_id: UUID | None = None,
) -> Response:  # fmt: skip
    """Add an article, or replace the one with the same id."""
    article = NewArticle(external_id=external_id.strip(), title=title.strip(), url=url.strip() or None, content=content)
    [saved] = await save_articles(viewer.backends, viewer.one_tenant(tenant_id), [article], actor=viewer.actor)
    return changed("Saved." if saved.is_changed else "The same article was there before.")


@router.post("/{article_id}/status")
async def set_status(
    article_id: UUID, viewer: Viewer, status: Annotated[ArticleStatus, Form()], tenant_id: UUID | None = None
) -> Response:
    """Archive an article, or use it again."""
    await articles.set_status(
        functions_of(viewer.backends), viewer.one_tenant(tenant_id), article_id, status, actor=viewer.actor
    )
    return changed("Archived." if status is ArticleStatus.ARCHIVED else "In use again.")


@router.get("/drafts")
async def show_drafts(request: Request, viewer: Viewer, tenant_id: UUID | None = None, after: After = None) -> Response:
    """The articles that were drafted for gaps, the newest first."""
    tenant = await viewer.known_tenant(tenant_id)
    cursors = Cursors("console.articles.drafts", tenant)
    found = await article_drafts.list_drafts(
        functions_of(viewer.backends), tenant, before=cursors.read(after), limit=PAGE_SIZE + 1
    )
    page, has_more = page_of(found, PAGE_SIZE)
    return render(
        request, "autopilot/article_drafts.html", drafts=[(each, as_html(each.content)) for each in page],
        cluster_link=linker(viewer, "clusters", tenant),
        envelope_link=linker(viewer, "envelopes", tenant),
        next=cursors.write((page[-1].created_at, page[-1].id)) if has_more else None,
        **await whose(viewer, "articles", tenant),
    )  # fmt: skip


def as_html(markdown: str) -> Markup:
    """The Markdown of an article as HTML."""
    return Markup(MARKDOWN.render(visible_lines(markdown)))  # noqa: S704  # everything else is escaped
