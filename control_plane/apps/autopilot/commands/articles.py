"""`python -m control_plane autopilot articles`, `import-articles`, `set-article-status`, `gaps`, `draft-article`,
`article-drafts`."""

from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from control_plane.apps.autopilot.articles import Article, ArticleDraft, ArticleStatus, Gap, ProposedArticle
from control_plane.apps.autopilot.draft_article import draft_article as draft_for
from control_plane.apps.autopilot.import_articles import Imported
from control_plane.apps.autopilot.import_articles import import_articles as import_folder
from control_plane.apps.autopilot.store import article_drafts, articles, functions_of
from control_plane.cli.options import AsJson, By, Tenant, backends, operator
from control_plane.cli.output import show_json, show_lines
from services.process.terminal import run_async

app = typer.Typer()
ArticleId = Annotated[UUID, typer.Argument(metavar="ARTICLE", help="Id of the article, as `articles` shows it.")]
ClusterId = Annotated[UUID, typer.Argument(metavar="CLUSTER", help="Id of the cluster, as `gaps` shows it.")]
Most = Annotated[int, typer.Option("--limit", min=1, max=1000, help="Show at most this many.")]


@app.command("articles", epilog="Example: python -m control_plane autopilot articles --tenant UUID")
def list_articles(
    tenant: Tenant,
    *,
    status: Annotated[ArticleStatus | None, typer.Option(help="Only articles with this status.")] = None,
    limit: Most = 50,
    as_json: AsJson = False,
) -> None:
    """List the articles, by title."""

    async def read() -> list[Article]:
        async with backends() as services:
            await services.tenants.get(tenant)
            return await articles.list_articles(functions_of(services), tenant, status=status, limit=limit)

    found = run_async(read())
    if as_json:
        show_json(found)
    else:
        show_lines(
            [(each.id, each.status, f"{each.clusters} clusters", each.title, each.external_id) for each in found],
            empty="no articles",
        )


@app.command(
    "import-articles",
    epilog="Example: python -m control_plane autopilot import-articles wiki --tenant UUID"
    " --base-url https://wiki.acme.example",
)
def import_articles(
    folder: Annotated[Path, typer.Argument(help="The folder with Markdown, HTML and text files.")],
    tenant: Tenant,
    *,
    base_url: Annotated[str | None, typer.Option(help="The address under which people open the files.")] = None,
    by: By = "operator",
    as_json: AsJson = False,
) -> None:
    """Store each Markdown, HTML or text file of a folder as an article. A file that is stored already is replaced."""

    async def read() -> Imported:
        async with backends() as services:
            return await import_folder(services, tenant, folder, base_url=base_url, actor=operator(by))

    done = run_async(read())
    if as_json:
        show_json(done)
        return
    print(f"{done.saved} saved, {done.unchanged} unchanged, {len(done.problems)} could not be read")
    for path, problem in done.problems:
        print(f"{path}: {problem}")


@app.command(
    "set-article-status",
    epilog="Example: python -m control_plane autopilot set-article-status UUID archived --tenant UUID",
)
def set_status(
    article: ArticleId,
    status: Annotated[ArticleStatus, typer.Argument(metavar="STATUS", help="active, broken or archived.")],
    tenant: Tenant,
    by: By = "operator",
) -> None:
    """Set the status of an article. A cluster that loses its last active article becomes a gap."""

    async def change() -> None:
        async with backends() as services:
            await articles.set_status(functions_of(services), tenant, article, status, actor=operator(by))

    run_async(change())
    print(f"{status} {article}")


@app.command(epilog="Example: python -m control_plane autopilot gaps --tenant UUID")
def gaps(tenant: Tenant, limit: Most = 50, as_json: AsJson = False) -> None:
    """List the clusters that no article answers, those whose tickets cost the most first."""

    async def read() -> list[Gap]:
        async with backends() as services:
            await services.tenants.get(tenant)
            return await article_drafts.list_gaps(functions_of(services), tenant, limit=limit)

    found = run_async(read())
    if as_json:
        show_json(found)
        return
    rows = [
        (
            gap.cluster_id,
            gap.label or ": ".join(part for part in (gap.name, gap.subcluster_name) if part),
            f"{gap.tickets} tickets",
            f"cost {gap.cost}",
            f"last weeks {' '.join(map(str, gap.weeks[-4:]))}",
            "no draft" if gap.draft is None else f"draft {gap.draft.status}",
        )
        for gap in found
    ]
    show_lines(rows, empty="no gaps")


@app.command("draft-article", epilog="Example: python -m control_plane autopilot draft-article UUID --tenant UUID")
def draft_article(cluster: ClusterId, tenant: Tenant, by: By = "operator", as_json: AsJson = False) -> None:
    """Draft an article for a gap from its resolved tickets, and propose to publish it."""

    async def draft() -> ProposedArticle:
        async with backends() as services:
            return await draft_for(services, tenant, cluster, actor=operator(by))

    drafted = run_async(draft())
    if as_json:
        show_json(drafted)
        return
    print(f"proposed as envelope {drafted.envelope_id}, from {drafted.ticket_count} tickets")
    print(f"\n# {drafted.title}\n\n{drafted.content}")


@app.command("article-drafts", epilog="Example: python -m control_plane autopilot article-drafts --tenant UUID")
def list_drafts(tenant: Tenant, limit: Most = 50, as_json: AsJson = False) -> None:
    """List the articles that were drafted for gaps, the newest first, and what became of them."""

    async def read() -> list[ArticleDraft]:
        async with backends() as services:
            await services.tenants.get(tenant)
            return await article_drafts.list_drafts(functions_of(services), tenant, limit=limit)

    found = run_async(read())
    if as_json:
        show_json(found)
    else:
        show_lines(
            [(each.id, each.status, each.envelope_id, each.title, each.problem or "") for each in found],
            empty="no drafts",
        )
