"""Draft an article for a gap from the tickets that people resolved, and propose to publish it."""

import asyncio
from typing import Any
from uuid import UUID

from uuid_utils.compat import uuid7

from control_plane.apps.autopilot.articles import ProposedArticle
from control_plane.apps.autopilot.knowledge.compose import compose_article
from control_plane.apps.autopilot.language_model.ask import open_model
from control_plane.apps.autopilot.language_model.write_article import write_article
from control_plane.apps.autopilot.store import article_drafts, functions_of
from control_plane.apps.autopilot.store.settings import read_settings
from services.backends import Backends
from services.envelope import Actor
from services.errors import InvalidInput, NotFound, StateConflict
from services.propose import read_proposal


async def draft_article(backends: Backends, tenant: UUID, cluster: UUID, *, actor: Actor) -> ProposedArticle:
    """Draft the article and propose the envelope that publishes it, both or nothing. A language model writes it if the
    settings have one; without a usable answer, it quotes the resolutions.

    Raises NotFound, NotAllowed, and StateConflict if the settings name no tool, if no resolution says anything, or if
    the cluster has an article or an open draft.
    """
    functions = functions_of(backends)
    tool_slug = (await read_settings(functions, tenant)).article_tool_slug
    if tool_slug is None:
        raise StateConflict("article_tool_slug", "is not set: the settings must name the tool that publishes articles")
    read = await article_drafts.read_resolutions(functions, tenant, cluster)
    drafted = await asyncio.to_thread(compose_article, read.title, read.tickets)
    if drafted is None:
        raise StateConflict("cluster", "no resolution of its tickets says how they were solved")
    trust_context: dict[str, Any] = {"evidence": [each.external_id for each in read.tickets[:20]]}
    async with open_model(functions, actor=actor) as model:
        written = model and await write_article(model, tenant, read.title, read.tickets)
        if model and written:
            drafted, trust_context["model"] = written, model.key
    document = {
        "envelope_id": str(uuid7()),
        "tenant_id": str(tenant),
        "tool_slug": tool_slug,
        "arguments": {"title": drafted.title, "content": drafted.content},
        "external_id": f"autopilot:article:{cluster}",
        "trust_context": trust_context,
    }
    try:
        proposal, _, _ = await read_proposal(backends, document)
    except NotFound as exc:
        raise StateConflict("article_tool_slug", f"the catalog has no tool {tool_slug}") from exc
    except InvalidInput as exc:
        raise StateConflict("article_tool_slug", f"{tool_slug} does not take title and content: {exc}") from exc
    ids = await article_drafts.propose(functions, tenant, cluster, drafted, proposal, actor=actor)
    return ProposedArticle(
        draft_id=ids.draft_id, envelope_id=ids.envelope_id, title=drafted.title, content=drafted.content,
        ticket_count=drafted.ticket_count,
    )  # fmt: skip
