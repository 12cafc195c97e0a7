"""What all payloads of other systems have in common: they are read tolerantly, cleaned, and refused in one line."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, ValidationError

from control_plane.apps.drafts.inbound import InboundMessage
from control_plane.apps.drafts.mail.text import clean
from services.errors import InvalidInput
from services.json_rules import without_duplicates
from services.tools.email import is_address
from services.validation import plain_problem

MAX_BODY_BYTES = 1024 * 1024
CLOCK_DIFFERENCE = timedelta(minutes=10)

M = TypeVar("M", bound="Payload")


def _as_text(value: Any) -> Any:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


Text = Annotated[str, AfterValidator(lambda text: clean(text)[0])]
Id = Annotated[Text, BeforeValidator(_as_text)]
"""An id, which some systems send as a number."""


class Payload(BaseModel):
    """A part of a payload: fields that we do not know are left out."""

    model_config = ConfigDict(frozen=True, extra="ignore")


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """What a payload says. `is_ours` is for a message that somebody of the tenant wrote in the other system."""

    message: InboundMessage
    is_ours: bool = False


def read_json(body: bytes) -> dict[str, Any]:
    """The object in a body. Raises InvalidInput."""
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
    """The payload in this form. Raises InvalidInput with the path of each wrong field."""
    try:
        return model.model_validate(payload)
    except ValidationError as exc:
        problems = [(".".join(map(str, error["loc"])) or "body", plain_problem(error)) for error in exc.errors()]
        raise InvalidInput(*problems[0], *problems[1:5]) from exc


def address_of(text: str | None) -> str | None:
    """An address in lower case; None for what is none."""
    found = (text or "").strip().lower()
    return found if is_address(found) else None


def moment_of(moment: datetime | None, now: datetime) -> datetime:
    """When it was sent: never later than it came."""
    if moment is None:
        return now
    aware = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    return aware if aware <= now + CLOCK_DIFFERENCE else now
