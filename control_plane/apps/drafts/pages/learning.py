"""`/console/learning`: how people decided about drafts, and what the drafter could not answer."""

import asyncio
from datetime import timedelta
from typing import Literal
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from control_plane.apps.drafts.learning.gaps import Gap, find_gaps
from control_plane.apps.drafts.store import functions_of
from control_plane.apps.drafts.store.samples import Abstention, read_abstentions, read_quality
from control_plane.console.own_tenant import choose_tenant, linker, whose
from control_plane.console.render import render
from control_plane.console.session import Viewer
from control_plane.text.embeddings import embed
from control_plane.text.languages import detect_language
from services.clock import utc_now

router = APIRouter(prefix="/learning")
GROUPS: tuple[tuple[Literal["model_key", "prompt_version", "channel", "topic"], str], ...] = (
    ("model_key", "Model"), ("prompt_version", "Prompt"), ("channel", "Channel"), ("topic", "Topic"),
)  # fmt: skip
MAX_GAPS = 50


@router.get("")
async def show(
    request: Request, viewer: Viewer, tenant_id: UUID | None = None, days: Literal["7", "30", "90"] = "30",
    by: Literal["model_key", "prompt_version", "channel", "topic"] = "model_key",
) -> Response:  # fmt: skip
    """How people decided about the drafts of a tenant in the last days."""
    if viewer.tenant_or_all(tenant_id) is None:
        return await choose_tenant(request, viewer, "Learning")
    tenant = await viewer.known_tenant(tenant_id)
    functions, until = functions_of(viewer.backends), utc_now()
    since = until - timedelta(days=int(days))
    abstentions = await read_abstentions(functions, tenant, since, until)
    return render(
        request, "drafts/learning.html", days=days, by=by, groups=GROUPS,
        total=await read_quality(functions, tenant, since, until),
        rows=await read_quality(functions, tenant, since, until, by),
        gaps=(await asyncio.to_thread(_gaps, abstentions))[:MAX_GAPS],
        conversation_link=linker(viewer, "conversations", tenant), **await whose(viewer, "learning", tenant),
    )  # fmt: skip


def _gaps(abstentions: list[Abstention]) -> list[Gap]:
    questions = [each.question for each in abstentions]
    return find_gaps(abstentions, embed(questions, [detect_language(each) for each in questions]))
