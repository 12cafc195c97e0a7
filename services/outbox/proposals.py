"""What a proposal may hold, whichever backend keeps it: JSON says less of a value than Python does, and not every
transport says no to the same."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from services.errors import InvalidInput
from services.json_rules import INTEGER_LIMIT, Problem, json_problems
from services.outbox import Proposal

IDS = ("id", "tenant_id")
TEXTS = ("tool_slug", "external_id")
OPTIONAL_TEXTS = ("tool_version", "connected_account_id")
DOCUMENTS = ("arguments", "trust_context", "metadata")
MOMENTS = ("next_run_at", "must_run_before")


def check_proposals(proposals: Sequence[Proposal]) -> None:
    """Refuse what would not come back as it was proposed; sizes and sets of values are the table's to check.

    Raises InvalidInput that names the place.
    """
    for proposal in proposals:
        for place, problem in _problems(proposal):
            raise InvalidInput(place, problem)


def _problems(proposal: Proposal) -> Iterator[Problem]:
    for field in IDS:
        if not isinstance(getattr(proposal, field), UUID):
            yield field, "must be a UUID"
    for field in (*TEXTS, *OPTIONAL_TEXTS):
        text = getattr(proposal, field)
        if text is None and field in OPTIONAL_TEXTS:
            continue
        if not isinstance(text, str):
            yield field, "must be a text"
        yield from json_problems(field, text)
    for field in DOCUMENTS:
        document = getattr(proposal, field)
        if not isinstance(document, Mapping):
            yield field, "must be a JSON object"
        yield from json_problems(field, document, float_limit=INTEGER_LIMIT)
    for field in MOMENTS:
        moment = getattr(proposal, field)
        if moment is not None and not (isinstance(moment, datetime) and moment.utcoffset() is not None):
            yield field, "must be a moment with a time zone"
