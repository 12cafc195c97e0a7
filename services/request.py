"""What an agent sends to propose an envelope: its fields, and everything that can be wrong with them by themselves."""

import difflib
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from services.envelope import MAX_PAYLOAD_BYTES, Risk
from services.errors import InvalidInput
from services.guardrails.fields import shorten
from services.json_rules import INTEGER_LIMIT, Problem, json_problems
from services.validation import plain_problem

EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)
TEXTS = ("tool_slug", "external_id", "connected_account_id", "tool_version")
DOCUMENTS = ("arguments", "trust_context", "metadata")
MOMENTS = ("not_before", "must_run_before")

OTHER_NAMES = {
    "arguments": "args argument params parameters input inputs payload body data kwargs",
    "connected_account_id": "account account_id connection_id connected_account",
    "envelope_id": "id uuid",
    "external_id": "key idempotency_key idempotency request_id dedup_key dedupe_key reference",
    "metadata": "meta extra tags labels",
    "must_run_before": "deadline run_before must_run_by expires_at expires valid_until ttl",
    "not_before": "run_at run_after next_run_at scheduled_at schedule_at start_at delay_until",
    "risk": "risk_tier risk_level tier severity",
    "tenant_id": "tenant org org_id organization organization_id customer_id",
    "tool_slug": "slug tool tool_name name function function_name action",
    "tool_version": "version",
    "trust_context": "trust context score evidence",
}
"""What a field is called elsewhere."""
_MEANS = {name: field for field, names in OTHER_NAMES.items() for name in names.split()}

Text = Annotated[str, Field(min_length=1, max_length=255)]


def _random(id_: UUID) -> UUID:
    if id_.version not in {4, 7}:
        raise ValueError("must be a random UUID, of version 4 or 7; a name of your own goes into external_id")
    return id_


class Request(BaseModel):
    """What an agent sends, with the keys that envelopes carry everywhere."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    envelope_id: Annotated[UUID, AfterValidator(_random)] | None = None
    """Tools get it as idempotency key, so it must be nobody else's: a random one, of version 4 or 7."""
    tenant_id: UUID
    tool_slug: Text
    tool_version: Text | None = None
    """None pins the newest version of the catalog."""
    arguments: dict[str, Any] = Field(default_factory=dict)
    connected_account_id: Text | None = None
    risk: Risk | None = None
    """Never below the catalog's risk for the tool, which is also the default."""
    external_id: Text
    """The proposer's own key for this effect: the same key twice is the same envelope."""
    trust_context: dict[str, Any] = Field(default_factory=dict)
    metadata: dict[str, Any] = Field(default_factory=dict)
    not_before: AwareDatetime | None = None
    must_run_before: AwareDatetime | None = None
    """Its call begins before this moment, or it expires."""


_STAND_INS: dict[str, Any] = {"tenant_id": UUID(int=0), "tool_slug": "-", "external_id": "-"}


def read_request(request: Mapping[str, Any]) -> tuple[Request, list[Problem]]:
    """The request, and everything that is wrong with it; a field that cannot be read has its default, or a stand-in."""
    try:
        asked = Request.model_validate(request)
    except ValidationError as exc:
        errors = exc.errors(include_url=False, include_input=False)
        unread = {error["loc"][0] for error in errors if error["loc"]}
        if not unread:
            raise InvalidInput("envelope", "must be an object") from exc
        problems = [_form_problem(error) for error in errors]
        readable = {name: value for name, value in request.items() if name not in unread}
        asked = Request.model_validate({**_STAND_INS, **readable})
    else:
        problems = []
    return asked, [*problems, *_content_problems(asked)]


def field_of(place: str) -> str:
    """The field in which a problem lies: `arguments` for `arguments.items[0]`."""
    return place.partition(":")[0].partition(".")[0].partition("[")[0]


def _form_problem(error: Mapping[str, Any]) -> Problem:
    if error["type"] == "extra_forbidden":
        name = str(error["loc"][0])
        return shorten(name), f"is not a field of an envelope{_meant(name)}"
    return ".".join(str(part) for part in error["loc"]), plain_problem(error)


def _meant(name: str) -> str:
    """` (did you mean …?)`, or nothing."""
    plain = "".join(f"_{c}" if c.isupper() else c for c in name).lower().replace("-", "_").strip("_")
    fields = Request.model_fields
    field = plain if plain in fields else _MEANS.get(plain)
    if field is None:
        close = difflib.get_close_matches(plain, [*fields, *_MEANS], n=1, cutoff=0.75)
        field = _MEANS.get(close[0], close[0]) if close else None
    return "" if field is None else f" (did you mean {field}?)"


def _content_problems(asked: Request) -> Iterator[Problem]:
    for field in TEXTS:
        yield from json_problems(field, getattr(asked, field))
    for field in DOCUMENTS:
        value = getattr(asked, field)
        problems = list(json_problems(field, value, largest_float=INTEGER_LIMIT))
        yield from problems
        size = 0 if problems else len(json.dumps(value, ensure_ascii=False).encode())
        if size > MAX_PAYLOAD_BYTES:
            yield field, f"is {size:,} bytes; at most {MAX_PAYLOAD_BYTES:,} fit, so send a reference instead"
    for field in MOMENTS:
        moment = getattr(asked, field)
        if moment is not None and not EARLIEST < moment < LATEST:
            yield field, "is out of range; write a moment such as 2026-12-24T18:00:00+01:00"
    if asked.not_before is not None and asked.must_run_before is not None and asked.must_run_before <= asked.not_before:
        yield "must_run_before", "must be later than not_before"
    ordering_key = asked.metadata.get("ordering_key")
    if ordering_key is not None and not (isinstance(ordering_key, str) and 0 < len(ordering_key) <= 255):
        yield "metadata.ordering_key", "must be a text of 1 to 255 characters"
