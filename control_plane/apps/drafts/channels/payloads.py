"""Read the payloads of other systems: unknown fields are ignored, texts are cleaned, and errors are one line."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from control_plane.apps.drafts.inbound import InboundMessage, believable_time
from control_plane.apps.drafts.mail.text import clean
from services.errors import InvalidInput
from services.json_rules import without_duplicates
from services.tools.email import is_address
from services.validation import plain_problem

MAX_BODY_BYTES = 1024 * 1024
_MAX_SIZE = 2**31 - 1

M = TypeVar("M", bound="Payload")


def _as_text(value: Any) -> Any:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


Text = Annotated[str, AfterValidator(lambda text: clean(text)[0])]
Id = Annotated[Text, BeforeValidator(_as_text)]
"""An id, which some systems send as a number."""
Size = Annotated[int, Field(ge=0), AfterValidator(lambda size: size if size <= _MAX_SIZE else None)]
"""Bytes of a file; None for more than the database counts."""


class Payload(BaseModel):
    """A part of a payload. Unknown fields are ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore")


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """The message in a payload. `is_ours` is true if a person of the tenant wrote the message in the other system."""

    message: InboundMessage
    is_ours: bool = False


def read_json(body: bytes) -> dict[str, Any]:
    """The JSON object in a request body. Raises InvalidInput."""
    if len(body) > MAX_BODY_BYTES:
        raise InvalidInput("body", f"is longer than {MAX_BODY_BYTES:,} bytes")
    try:
        payload = json.loads(body, object_pairs_hook=without_duplicates)
    except (ValueError, RecursionError) as exc:
        raise InvalidInput("body", "is not JSON") from exc
    if not isinstance(payload, dict):
        raise InvalidInput("body", "must be a JSON object")
    return payload


def read_as(model: type[M], payload: Mapping[str, Any]) -> M:
    """Read the payload as this model. Raises InvalidInput with the path of each wrong field."""
    try:
        return model.model_validate(payload)
    except ValidationError as exc:
        problems = [(".".join(map(str, error["loc"])) or "body", plain_problem(error)) for error in exc.errors()]
        raise InvalidInput(*problems[0], *problems[1:5]) from exc


def address_of(text: str | None) -> str | None:
    """The e-mail address in lower case; None if the text is not an address."""
    found = (text or "").strip().lower()
    return found if is_address(found) else None


def moment_of(moment: datetime | None, now: datetime) -> datetime:
    """When a message was sent; `now` if the time is missing or cannot be believed."""
    return now if moment is None else believable_time(moment, now)
