"""Parse the bytes of a mail into an inbound message, or refuse it with one clear error. Pure."""

from collections.abc import Iterator
from datetime import datetime
from email.utils import getaddresses, parsedate_to_datetime
from typing import Any

from control_plane.apps.drafts.inbound import InboundMessage, believable_time
from control_plane.apps.drafts.mail.automatic import automatic_kind
from control_plane.apps.drafts.mail.body import describe_file, read_body
from control_plane.apps.drafts.mail.structure import Part, read_structure
from control_plane.apps.drafts.mail.text import decode_line, header
from control_plane.apps.drafts.mail.threads import ReplyAddresses, read_thread
from services.tools.email import LONGEST_ADDRESS, is_address

MAX_SUBJECT_LENGTH = 500
MAX_FILES = 100


def parse_mail(
    raw: bytes, *, channel: str, received_at: datetime, own: ReplyAddresses | None = None
) -> InboundMessage:  # fmt: skip
    """The message in these bytes. Raises InvalidInput with the field `mail` for bytes that are not a mail."""
    mail = read_structure(raw)
    headers = mail.headers
    body = read_body(mail)
    sender = next(_people(mail, "from"), next(_people(mail, "sender"), (None, None)))
    reply_to = next((address for _, address in _people(mail, "reply-to")), None)
    thread = read_thread(headers, _recipients(mail), own)
    sent_at = _sent_at(header(headers, "date"), received_at)
    metadata: dict[str, Any] = {"references": list(_references(mail))}
    if body.notes:
        metadata["notes"] = body.notes[:20]
    if len(body.files) > MAX_FILES:
        metadata["files_left_out"] = len(body.files) - MAX_FILES
    return InboundMessage(
        channel_external_id=channel,
        conversation_keys=thread.keys,
        # Many customers may answer a message of ours that is not stored here. So that each gets a conversation of their
        # own, the id contains the customer's address.
        conversation_external_id=f"{thread.root or sent_at.isoformat()} {sender[1] or 'nobody'}",
        external_id=thread.message_id,
        subject=header(headers, "subject")[:MAX_SUBJECT_LENGTH] or None,
        text=body.text or "",
        html=body.html,
        sent_at=sent_at,
        customer_email=sender[1],
        customer_name=sender[0],
        reply_to=None if reply_to == sender[1] else reply_to,
        automatic=automatic_kind(mail, sender[1]),
        attachments=tuple(describe_file(file) for file in body.files[:MAX_FILES]),
        metadata=metadata,
    )


def _people(mail: Part, name: str) -> Iterator[tuple[str | None, str]]:
    """Names and addresses in a header. Names are decoded after the header is split, so an encoded name cannot add an
    address."""
    values = [value for key, value in mail.headers.raw_items() if key.lower() == name]
    try:
        found = getaddresses([value.replace("\r", " ").replace("\n", " ") for value in values])
    except RecursionError:  # thousands of brackets in brackets
        return
    for encoded_name, address in found:
        text = address.strip().lower()
        if is_address(text):
            yield (decode_line(encoded_name)[:LONGEST_ADDRESS] or None), text


def _recipients(mail: Part) -> Iterator[str]:
    for name in ("to", "cc", "delivered-to", "x-original-to", "envelope-to"):
        yield from (address for _, address in _people(mail, name))


def _references(mail: Part) -> Iterator[str]:
    """The ids for the References header of an answer, the oldest first."""
    thread = read_thread(mail.headers, (), None)
    yield from dict.fromkeys([*([thread.root] if thread.root not in {None, thread.message_id} else []),
                              *reversed(thread.keys)])  # fmt: skip


def _sent_at(date: str, received_at: datetime) -> datetime:
    try:
        return believable_time(parsedate_to_datetime(date), received_at)
    except (ValueError, TypeError, IndexError, OverflowError):
        return received_at
