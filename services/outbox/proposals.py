"""Make the envelope of a proposal, and check the types of its fields, in the same way for every backend."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from services.envelope import Envelope
from services.errors import InvalidInput
from services.json_rules import INTEGER_LIMIT, Problem, is_plain_json, json_problems
from services.outbox import Proposal

ID_FIELDS = ("id", "tenant_id")
OPTIONAL_ID_FIELDS = ("objective_id",)
TEXT_FIELDS = ("tool_slug", "external_id")
OPTIONAL_TEXT_FIELDS = ("tool_version", "connected_account_id")
DOCUMENT_FIELDS = ("arguments", "trust_context", "metadata")
TIME_FIELDS = ("next_run_at", "must_run_before")


def new_envelope(
    proposal: Proposal, *, proposed_by: str, created_at: datetime, next_run_at: datetime | None, lane: int = 0
) -> Envelope:
    """The pending envelope that the proposal asks for. `proposed_by` is the `principal` of its proposer."""
    return Envelope(
        id=proposal.id,
        tenant_id=proposal.tenant_id,
        tool_slug=proposal.tool_slug,
        tool_version=proposal.tool_version,
        arguments=proposal.arguments,
        connected_account_id=proposal.connected_account_id,
        risk=proposal.risk,
        external_id=proposal.external_id,
        trust_context=proposal.trust_context,
        metadata=proposal.metadata,
        next_run_at=next_run_at,
        must_run_before=proposal.must_run_before,
        objective_id=proposal.objective_id,
        lane=lane,
        proposed_by=proposed_by,
        created_at=created_at,
        updated_at=created_at,
    )


def check_proposals(proposals: Sequence[Proposal]) -> None:
    """Refuse values that could not be stored unchanged. Sizes and allowed values are checked by the table.

    Raises InvalidInput with the path.
    """
    for proposal in proposals:
        for path, problem in _problems(proposal):
            raise InvalidInput(path, problem)


def _problems(proposal: Proposal) -> Iterator[Problem]:
    for field in (*ID_FIELDS, *OPTIONAL_ID_FIELDS):
        value = getattr(proposal, field)
        if not isinstance(value, UUID) and not (value is None and field in OPTIONAL_ID_FIELDS):
            yield field, "must be a UUID"
    for field in (*TEXT_FIELDS, *OPTIONAL_TEXT_FIELDS):
        text = getattr(proposal, field)
        if text is None and field in OPTIONAL_TEXT_FIELDS:
            continue
        if not isinstance(text, str):
            yield field, "must be a string"
        if not is_plain_json(text):
            yield from json_problems(field, text)
    for field in DOCUMENT_FIELDS:
        document = getattr(proposal, field)
        if type(document) is not dict and not isinstance(document, Mapping):
            # `type` first, because isinstance with Mapping is slow
            yield field, "must be a JSON object"
        if not is_plain_json(document):
            yield from json_problems(field, document, float_limit=INTEGER_LIMIT)
    for field in TIME_FIELDS:
        moment = getattr(proposal, field)
        if moment is not None and not (isinstance(moment, datetime) and moment.utcoffset() is not None):
            yield field, "must be a time with a time zone"
