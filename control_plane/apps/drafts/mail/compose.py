"""A reply as the arguments of the tool that sends e-mail (services/tools/email): threaded, to one recipient. Pure.

The tool makes the Message-ID from the envelope's id, so a copy in our own mailbox shows that the reply was sent.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from control_plane.apps.drafts.mail.text import clean
from control_plane.apps.drafts.mail.threads import references_of
from services.envelope import MAX_PAYLOAD_BYTES
from services.errors import InvalidInput
from services.tools.email import is_address
from services.untrusted import one_line

MAX_SUBJECT_LENGTH = 200
_PREFIX = re.compile(r"\s*(?:re|aw|sv|antw|r|rif|ynt|odp|rv)\s*(?:\[\d+\])?\s*:", re.IGNORECASE)
_MESSAGE_ID = re.compile(r"<[!-;=?A-~]+@[!-;=?A-~]+>")
"""The Message-IDs that the tool accepts. Other ids are left out: a mail without References is better than no mail."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileLink:
    """A file of a reply, sent as a link that the file store has signed. The file itself is not sent."""

    name: str
    url: str


def message_id_of(envelope: UUID, sender: str) -> str:
    """The Message-ID of the reply that this envelope sends from the address `sender`."""
    return f"<{envelope}@{sender.rpartition('@')[2]}>"


def reply_subject(subject: str | None) -> str:
    """The subject of an answer, on one line. `Re:` is added unless the subject already begins with it, in any
    language."""
    line = one_line(clean(subject or "")[0], limit=MAX_SUBJECT_LENGTH)
    return line if _PREFIX.match(line) else f"Re: {line}".strip()


def compose_reply(
    *,
    to: str,
    subject: str | None,
    text: str,
    html: str | None = None,
    answers: str | None = None,
    references: Sequence[str] = (),
    reply_to: str | None = None,
    files: Sequence[FileLink] = (),
) -> dict[str, Any]:
    """The arguments of the call that sends this reply.

    `answers` is the Message-ID of the customer's message, `references` the References of that message (the oldest
    first), and `reply_to` our own address for this conversation. Raises InvalidInput for a text that cannot be sent.
    """
    if not is_address(to):
        raise InvalidInput("to", "must be one e-mail address")
    if clean(text)[1]:
        raise InvalidInput("text", "has NUL or a lone surrogate")
    if html is not None and clean(html)[1]:
        raise InvalidInput("html", "has NUL or a lone surrogate")
    if not text.strip():
        raise InvalidInput("text", "is empty")
    thread = [id_ for id_ in references_of(references, answers) if _MESSAGE_ID.fullmatch(id_)]
    arguments: dict[str, Any] = {"to": [to], "subject": reply_subject(subject), "text": text + _links(files)}
    if html is not None and not files:  # the HTML has no links to the files, so it would hide them
        arguments["html"] = html
    if reply_to is not None and is_address(reply_to):
        arguments["reply_to"] = reply_to
    if answers is not None and _MESSAGE_ID.fullmatch(answers):
        arguments["in_reply_to"] = answers
    if thread:
        arguments["references"] = thread
    size = len(json.dumps(arguments, ensure_ascii=False).encode())
    if size > MAX_PAYLOAD_BYTES:
        raise InvalidInput("text", f"is too long: the mail would have {size:,} bytes of {MAX_PAYLOAD_BYTES:,}")
    return arguments


def _links(files: Sequence[FileLink]) -> str:
    lines = []
    for number, file in enumerate(files):
        if urlsplit(file.url).scheme != "https" or not file.url.isprintable() or " " in file.url:
            raise InvalidInput(f"files[{number}].url", "must be an https URL")
        lines.append(f"{one_line(clean(file.name)[0], limit=200)}: {file.url}")
    return "\n\n" + "\n".join(lines) + "\n" if lines else ""
