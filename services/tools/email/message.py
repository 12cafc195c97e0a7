"""The message of a call: its arguments, checked against one schema, in the wire format of mail. Pure."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from email.headerregistry import Address, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy
from typing import Any
from uuid import UUID

from services.catalog import Tool
from services.catalog.arguments import find_problems
from services.errors import InvalidInput
from services.tools import ToolCall
from services.tools.email import ADDRESS, LONGEST_ADDRESS, SmtpServer

_ADDRESS = {"type": "string", "pattern": ADDRESS, "maxLength": LONGEST_ADDRESS}
_MESSAGE_ID = {"type": "string", "pattern": "^<[!-;=?A-~]+@[!-;=?A-~]+>$(?!\\n)", "maxLength": 500}
MAIL_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["to", "subject", "text"],
    "properties": {
        "to": {"type": "array", "items": _ADDRESS, "minItems": 1, "maxItems": 25, "description": "Recipients."},
        "cc": {"type": "array", "items": _ADDRESS, "maxItems": 25, "description": "Further recipients, seen by all."},
        "subject": {
            "type": "string", "minLength": 1, "maxLength": 500, "description": "One line.",
            "pattern": "^[^\\x00-\\x1f\\x7f-\\x9f\\u2028\\u2029]*$(?!\\n)",
        },
        "text": {"type": "string", "description": "The message as plain text."},
        "html": {"type": "string", "description": "The same message as HTML, for programs that show it."},
        "reply_to": {**_ADDRESS, "description": "Where answers go, if not to the sender."},
        "in_reply_to": {**_MESSAGE_ID, "description": "The Message-ID of the message that this one answers."},
        "references": {
            "type": "array", "items": _MESSAGE_ID, "maxItems": 50,
            "description": "The Message-IDs of the conversation, the oldest first.",
        },
    },
}  # fmt: skip
"""The JSON Schema for the arguments of every call. The schema of a tool can only be stricter."""
_BARE_LINE_END = re.compile(rb"(?<!\r)\n|\r(?!\n)")


class _MessageIds(UnstructuredHeader):
    """A header of message ids, one per line. Python would encode ids longer than a line, so that no program finds
    them."""

    name: str

    def fold(self, *, policy: "EmailPolicy[EmailMessage]") -> str:
        return f"{self.name}: " + f"{policy.linesep} ".join(str(self).split()) + policy.linesep


def _mail_policy() -> "EmailPolicy[EmailMessage]":
    headers = HeaderRegistry()
    for name in ("message-id", "in-reply-to", "references"):
        headers.map_to_type(name, _MessageIds)  # type: ignore[arg-type]  # the registry adds the base class
    return SMTP.clone(cte_type="7bit", header_factory=headers)


POLICY = _mail_policy()


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """A message in wire format, and its recipients."""

    message_id: str
    sender: str
    recipients: tuple[str, ...]
    content: bytes = field(repr=False)
    """The message in ASCII, with CRLF at the end of each line."""
    needs_all: bool
    """Whether nobody gets the message if the server refuses one recipient."""


def mail_of(call: ToolCall, server: SmtpServer, now: datetime) -> Mail:
    """The message of a call. Raises InvalidInput for arguments that break the schema or name other domains."""
    check_content(call.tool, call.arguments)
    mail = make_mail(call.envelope_id, server, call.arguments, now)
    if server.copy_to is None or server.copy_to in mail.recipients:
        return mail
    return replace(mail, recipients=(*mail.recipients, server.copy_to))


def check_content(tool: Tool, content: Mapping[str, Any]) -> None:
    """Raise InvalidInput for a content that breaks MAIL_SCHEMA."""
    if problems := find_problems(replace(tool, schema=MAIL_SCHEMA), content):
        raise InvalidInput(*problems[0])


def make_mail(
    envelope: UUID,
    server: SmtpServer,
    content: Mapping[str, Any],
    now: datetime,
    *,
    headers: Iterable[tuple[str, str]] = (),
    needs_all: bool = True,
) -> Mail:
    """The message with this content, in the form of MAIL_SCHEMA. Its id names the envelope. Raises InvalidInput."""
    recipients = tuple(dict.fromkeys([*content["to"], *content.get("cc", ())]))
    for number, recipient in enumerate(recipients, 1):
        if not server.accepts(recipient):
            raise InvalidInput("arguments", f"recipient {number} is in none of the server's recipient_domains")
    name, sender = server.sender
    message_id = f"<{envelope}@{server.domain}>"
    message = EmailMessage(policy=POLICY)
    message["From"] = Address(name, addr_spec=sender)
    for header, value in [*_headers(content), *headers]:
        message[header] = value
    message["Date"] = now
    message["Message-ID"] = message_id
    try:
        message.set_content(content["text"])
        if "html" in content:
            message.add_alternative(content["html"], subtype="html")
        raw = message.as_bytes()
    except UnicodeError as exc:  # a text has a lone surrogate, which UTF-8 cannot encode
        raise InvalidInput("arguments", "a text cannot be written as UTF-8") from exc
    if _BARE_LINE_END.search(raw):  # servers disagree about where such a line ends
        raise InvalidInput("arguments", "the message has a line that ends without CR and LF")
    return Mail(message_id=message_id, sender=sender, recipients=recipients, content=raw, needs_all=needs_all)


def _headers(content: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    yield "To", [Address(addr_spec=address) for address in content["to"]]
    if content.get("cc"):
        yield "Cc", [Address(addr_spec=address) for address in content["cc"]]
    yield "Subject", content["subject"]
    if "reply_to" in content:
        yield "Reply-To", Address(addr_spec=content["reply_to"])
    if "in_reply_to" in content:
        yield "In-Reply-To", content["in_reply_to"]
    if content.get("references"):
        yield "References", " ".join(content["references"])
