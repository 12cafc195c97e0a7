"""The messages of notices: what people are told about an event. Pure.

Text of agents is untrusted: hidden characters are shown escaped, nothing in it becomes a link or a mention, and every
text has a maximum length.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from services.hidden_characters import escape_hidden

MAX_CALL_LENGTH = 2500
"""Characters of the arguments that a message shows. A longer call has to be read on its page before it is decided."""
MAX_LINE_LENGTH = 300
TITLE_BY_EVENT_TYPE = {
    "approval.requested": "A call waits for your decision",
    "approval.reminded": "A call still waits for your decision",
    "approval.escalated": "A call has waited long for a decision",
    "approval.approved_once": "A call needs a second approval",
    "approval.approved": "A call was approved",
    "approval.rejected": "A call was rejected",
    "webhook.test": "A test message",
}
ASKING_EVENT_TYPES = frozenset({"approval.requested", "approval.reminded", "approval.escalated"})
"""Events that ask somebody to decide."""


@dataclass(frozen=True, slots=True)
class NoticeMessage:
    """The message of a notice. All texts are plain; the sender escapes them for its medium."""

    title: str
    lines: tuple[tuple[str, str], ...]
    """Labels and values."""
    call: str | None
    """The arguments of the call to decide about, complete unless `is_shortened`; None if no decision is requested."""
    is_shortened: bool
    has_hidden_characters: bool
    envelope_id: str | None
    digest: str | None
    """The digest of the call to decide about; None if nothing is to be decided."""


def make_message(event: Mapping[str, Any]) -> NoticeMessage:
    """The message about an event that `services.subscriptions.events` made."""
    data, kind = event["data"], str(event["type"])
    call = data.get("call")
    text = None if call is None else str(call)
    is_whole = text is not None and len(text) <= MAX_CALL_LENGTH
    labels = {
        "tool_slug": "Tool", "reason": "Reason", "code": "Code", "error": "Error", "risk": "Risk",
        "proposed_by": "Proposed by", "expires_at": "Decide until", "external_id": "Key", "envelope_id": "Envelope",
    }  # fmt: skip
    lines = tuple((label, _shorten_line(data[name])) for name, label in labels.items() if data.get(name) is not None)
    asks = kind in ASKING_EVENT_TYPES and text is not None
    return NoticeMessage(
        title=TITLE_BY_EVENT_TYPE.get(kind, kind),
        lines=lines,
        call=None if text is None else text[:MAX_CALL_LENGTH],
        is_shortened=text is not None and not is_whole,
        has_hidden_characters=bool(data.get("has_hidden_characters")),
        envelope_id=None if data.get("envelope_id") is None else str(data["envelope_id"]),
        digest=str(data["digest"]) if asks and data.get("digest") else None,
    )


def approval_link(template: str | None, tenant: UUID, envelope_id: str | None) -> str | None:
    """The address of the page of an approval; None without an envelope, or without a `template`.

    A template is a URL with `{envelope_id}`, and with `{tenant_id}` if the page needs it.
    """
    try:
        envelope = str(UUID(envelope_id))
    except (AttributeError, TypeError, ValueError):
        return None
    return template and template.replace("{tenant_id}", str(tenant)).replace("{envelope_id}", envelope)


def inbox_link(template: str | None) -> str | None:
    """The address of the list of approvals: the template without the ids at its end. None without a template."""
    found = re.fullmatch(r"(.+?)(/\{tenant_id\})?/\{envelope_id\}", template or "")
    return found and found[1]


def call_text(arguments: Mapping[str, Any]) -> str:
    """The arguments as text, cut to one character more than a message may show: by that character the message code sees
    that the text was longer."""
    return json.dumps(escape_hidden(arguments), ensure_ascii=False, indent=1)[: MAX_CALL_LENGTH + 1]


def _shorten_line(value: Any) -> str:
    text = str(escape_hidden(str(value)))
    return text if len(text) <= MAX_LINE_LENGTH else f"{text[:MAX_LINE_LENGTH]}…"
