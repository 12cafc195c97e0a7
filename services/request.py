"""The fields of a proposal, and every rule that needs no other data."""

import difflib
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

import orjson
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from services.envelope import MAX_PAYLOAD_BYTES, Risk
from services.errors import InvalidInput
from services.guardrails.fields import shorten
from services.json_rules import INTEGER_LIMIT, Problem, is_plain_json, json_problems
from services.validation import plain_problem

EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)
TEXT_FIELDS = ("tool_slug", "external_id", "connected_account_id", "tool_version")
DOCUMENT_FIELDS = ("arguments", "trust_context", "metadata")
TIME_FIELDS = ("not_before", "must_run_before")

ALIASES_OF_FIELDS = {
    "arguments": "args argument params parameters input inputs payload body data kwargs",
    "connected_account_id": "account account_id connection_id connected_account",
    "envelope_id": "id uuid",
    "external_id": "key idempotency_key idempotency request_id dedup_key dedupe_key reference",
    "metadata": "meta extra tags labels",
    "must_run_before": "deadline run_before must_run_by expires_at expires valid_until ttl",
    "not_before": "run_at run_after next_run_at scheduled_at schedule_at start_at delay_until",
    "objective_id": "objective goal goal_id",
    "risk": "risk_tier risk_level tier severity",
    "tenant_id": "tenant org org_id organization organization_id customer_id",
    "tool_slug": "slug tool tool_name name function function_name action",
    "tool_version": "version",
    "trust_context": "trust context score evidence",
}
"""Names of each field in other products, for suggestions."""
_FIELDS_BY_ALIAS = {name: field for field, names in ALIASES_OF_FIELDS.items() for name in names.split()}

Text = Annotated[str, Field(min_length=1, max_length=255)]


def _require_random(id_: UUID) -> UUID:
    if id_.version not in {4, 7}:
        raise ValueError("must be a random UUID (version 4 or 7); use external_id for a key of your own")
    return id_


class Request(BaseModel):
    """A proposal, with the field names that envelopes have everywhere."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    envelope_id: Annotated[UUID, AfterValidator(_require_random)] | None = None
    """The id of the envelope. Tools get it as idempotency key, so it must be unique: a random UUID of version 4 or
    7."""
    tenant_id: UUID
    tool_slug: Text
    tool_version: Text | None = None
    """None for the newest version in the catalog."""
    arguments: dict[str, Any] = Field(default_factory=dict)
    connected_account_id: Text | None = None
    risk: Risk | None = None
    """The proposed risk. The tool's risk in the catalog is used if it is higher, or if this is None."""
    external_id: Text
    """The proposer's own key for the effect: two proposals with one key are the same envelope."""
    trust_context: dict[str, Any] = Field(default_factory=dict)
    metadata: dict[str, Any] = Field(default_factory=dict)
    not_before: AwareDatetime | None = None
    must_run_before: AwareDatetime | None = None
    """The deadline: the call begins before this time, or the envelope expires."""
    objective_id: UUID | None = None
    """The objective of the tenant that the call serves."""


_PLACEHOLDERS: dict[str, Any] = {"tenant_id": UUID(int=0), "tool_slug": "-", "external_id": "-"}


def read_request(document: Mapping[str, Any]) -> tuple[Request, list[Problem]]:
    """The request and all its problems. An unreadable field gets its default value, or a placeholder if it is
    required."""
    try:
        request = Request.model_validate(document)
    except ValidationError as exc:
        errors = exc.errors(include_url=False, include_input=False)
        unreadable = {error["loc"][0] for error in errors if error["loc"]}
        if not unreadable:
            raise InvalidInput("envelope", "must be an object") from exc
        problems = [_form_problem(error) for error in errors]
        readable = {name: value for name, value in document.items() if name not in unreadable}
        request = Request.model_validate({**_PLACEHOLDERS, **readable})
    else:
        problems = []
    return request, [*problems, *_content_problems(request)]


def document_problems(field: str, document: Mapping[str, Any]) -> Iterator[Problem]:
    """The problems of a document: values that PostgreSQL or a tool would change, and values that are too large."""
    problems = [] if is_plain_json(document) else list(json_problems(field, document, float_limit=INTEGER_LIMIT))
    yield from problems
    size = 0 if problems else _size(document)
    if size > MAX_PAYLOAD_BYTES:
        yield field, f"is {size:,} bytes; the limit is {MAX_PAYLOAD_BYTES:,}, so send a reference instead"


def _size(document: Mapping[str, Any]) -> int:
    """The size in bytes of the document as PostgreSQL writes it. A small document is measured without spaces, which is
    quicker."""
    compact = len(orjson.dumps(document))
    return compact if compact * 2 <= MAX_PAYLOAD_BYTES else len(json.dumps(document, ensure_ascii=False).encode())


def field_of(path: str) -> str:
    """The field of a path: `arguments` for `arguments.items[0]`."""
    return path.partition(":")[0].partition(".")[0].partition("[")[0]


def _form_problem(error: Mapping[str, Any]) -> Problem:
    if error["type"] == "extra_forbidden":
        name = str(error["loc"][0])
        return shorten(name), f"is not a field of an envelope{_suggestion(name)}"
    return ".".join(str(part) for part in error["loc"]), plain_problem(error)


def _suggestion(name: str) -> str:
    """The text ` (did you mean …?)` with the field that an unknown name resembles; empty if it resembles none."""
    snake_case = "".join(f"_{char}" if char.isupper() else char for char in name).lower().replace("-", "_").strip("_")
    fields = Request.model_fields
    field = snake_case if snake_case in fields else _FIELDS_BY_ALIAS.get(snake_case)
    if field is None:
        close = difflib.get_close_matches(snake_case, [*fields, *_FIELDS_BY_ALIAS], n=1, cutoff=0.75)
        field = _FIELDS_BY_ALIAS.get(close[0], close[0]) if close else None
    return "" if field is None else f" (did you mean {field}?)"


def _content_problems(request: Request) -> Iterator[Problem]:
    for field in TEXT_FIELDS:
        if not is_plain_json(text := getattr(request, field)):
            yield from json_problems(field, text)
    for field in DOCUMENT_FIELDS:
        yield from document_problems(field, getattr(request, field))
    for field in TIME_FIELDS:
        moment = getattr(request, field)
        if moment is not None and not EARLIEST < moment < LATEST:
            yield field, "is out of range; write a time such as 2026-12-24T18:00:00+01:00"
    if (
        request.not_before is not None
        and request.must_run_before is not None
        and request.must_run_before <= request.not_before
    ):
        yield "must_run_before", "must be later than not_before"
    ordering_key = request.metadata.get("ordering_key")
    if ordering_key is not None and not (isinstance(ordering_key, str) and 0 < len(ordering_key) <= 255):
        yield "metadata.ordering_key", "must be a string of 1 to 255 characters"
