"""List the questions of customers that the drafter could not answer, similar questions together."""

import asyncio
from datetime import datetime
from uuid import UUID

from control_plane.apps.drafts.learning.gaps import Gap, find_gaps
from control_plane.apps.drafts.store import functions_of
from control_plane.apps.drafts.store.samples import Abstention, read_abstentions
from services.backends import Backends


async def list_gaps(backends: Backends, tenant: UUID, since: datetime, until: datetime) -> list[Gap]:
    """The gaps of a time range, those with the most questions first. Uses the newest 2,000 questions of the range."""
    abstentions = await read_abstentions(functions_of(backends), tenant, since, until)
    return await asyncio.to_thread(_find, abstentions) if abstentions else []


def _find(abstentions: list[Abstention]) -> list[Gap]:
    from control_plane.text.embeddings import embed  # noqa: PLC0415  # loads the model

    questions = [each.question for each in abstentions]
    return find_gaps(abstentions, embed(questions, [None] * len(questions)))
