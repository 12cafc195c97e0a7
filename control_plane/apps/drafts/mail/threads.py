"""Find the conversation of a mail: its keys, and our own signed address for replies, which nobody else can make."""

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from email.message import Message
from uuid import UUID

from services.tools.email import is_address

MAX_REFERENCES = 50
"""The most references that are used: the newest ones, and the oldest one, which identifies the conversation."""
MAX_ID_LENGTH = 500
CONVERSATION_KEY = "conversation:"
"""The prefix of a key that has the id of a conversation, from our own reply address."""

_ID = re.compile(r"<[^<>\s\x00-\x1f\x7f]{1,498}>")
LONGEST_LOCAL = 26
"""The most characters that a channel's address may have before the `@` if conversations shall have their own reply
addresses: mail servers accept 64 (RFC 5321), and `+c`, the conversation's id and the signature need at least 38."""
NO_ROOM = (
    f"external_id: the address has more than {LONGEST_LOCAL} characters before the @, so conversations cannot have"
    " their own reply addresses; an answer without a References header begins a new conversation; use a shorter address"
)
_LONGEST_SIGNATURE = 16
_TOKEN = re.compile(r"\+c([a-z2-7]{26})([a-z2-7]{10,16})$")
_PURPOSE = b"drafts-reply-address:"


@dataclass(frozen=True, slots=True)
class ReplyAddresses:
    """The addresses to which customers reply, one for each conversation of a channel: `desk+c<id><signature>@…`."""

    address: str
    """The address of the channel, such as desk@acme.example."""
    tenant_id: UUID
    key: str = field(repr=False)
    """The key of the installation (ACP_WEBHOOK_KEY)."""

    def address_of(self, conversation: UUID) -> str:
        """The address for replies in this conversation; the channel's own address if that `has_no_room`."""
        local, _, domain = self.address.partition("@")
        own = f"{local}+c{_base32(conversation.bytes)}{self._signature(conversation)}@{domain}"
        return own if is_address(own) and not has_no_room(self.address) else self.address

    def conversation_of(self, address: str) -> UUID | None:
        """The conversation that the address names; None for one that we did not sign."""
        local, _, domain = address.strip().lower().partition("@")
        own_local, _, own_domain = self.address.lower().partition("@")
        token = _TOKEN.search(local)
        if token is None or (local[: token.start()], domain) != (own_local, own_domain):
            return None
        conversation = UUID(bytes=base64.b32decode(f"{token[1].upper()}======"))
        return conversation if hmac.compare_digest(token[2], self._signature(conversation)) else None

    def _signature(self, conversation: UUID) -> str:
        signed = _PURPOSE + self.tenant_id.bytes + self.address.lower().encode() + b":" + conversation.bytes
        length = min(_LONGEST_SIGNATURE, 64 - 28 - self.address.index("@"))
        return _base32(hmac.digest(self.key.encode(), signed, hashlib.sha256)[:10])[: max(length, 0)]


def has_no_room(address: str) -> bool:
    """Whether this address of a channel is too long for addresses that name a conversation."""
    return len(address.partition("@")[0]) > LONGEST_LOCAL


@dataclass(frozen=True, slots=True)
class Thread:
    """The keys that identify the conversation of a mail."""

    message_id: str | None
    keys: tuple[str, ...]
    """Keys, the best first: In-Reply-To, the References (the newest first), the conversation in our own reply
    address."""
    root: str | None
    """The id of the first message of the thread, if the mail names it."""


def read_thread(
    headers: "Message[str, str]", recipients: Iterable[str], own: ReplyAddresses | None
) -> Thread:  # fmt: skip
    """The keys of a mail. A repeated id is used once; the id of the mail itself is not used."""
    message_id = next(iter(_ids(headers, "message-id")), None)
    replied = _ids(headers, "in-reply-to")
    references = _ids(headers, "references")
    root = next((id_ for id_ in [*references, *replied, message_id] if id_ is not None), None)
    newest = [id_ for id_ in [*replied, *reversed(references)] if id_ != message_id]
    keys = list(dict.fromkeys(newest))[:MAX_REFERENCES]
    if own is not None:
        named = (own.conversation_of(address) for address in recipients)
        keys += [f"{CONVERSATION_KEY}{found}" for found in dict.fromkeys(named) if found is not None]
    return Thread(message_id, tuple(keys), root)


def references_of(references: Sequence[str], message_id: str | None) -> list[str]:
    """The References of an answer to a message: the References of the message, and its own id. If there are too many,
    the oldest one and the newest ones are kept."""
    ids = list(dict.fromkeys([*references, *([message_id] if message_id else [])]))
    return ids if len(ids) <= MAX_REFERENCES else [ids[0], *ids[-MAX_REFERENCES + 1 :]]


def _ids(headers: "Message[str, str]", name: str) -> list[str]:
    texts = [value for key, value in headers.raw_items() if key.lower() == name and value.isascii()]
    found = (id_ for text in texts for id_ in _ID.findall(text))
    return [id_ for id_ in found if len(id_) <= MAX_ID_LENGTH]


def _base32(raw: bytes) -> str:
    return base64.b32encode(raw).decode().rstrip("=").lower()
