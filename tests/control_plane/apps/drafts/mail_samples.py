"""Mails for tests, written as a mail program sends them."""

from datetime import UTC, datetime
from uuid import UUID

from control_plane.apps.drafts.inbound import InboundMessage
from control_plane.apps.drafts.mail.parse import parse_mail
from control_plane.apps.drafts.mail.threads import ReplyAddresses

RECEIVED_AT = datetime(2026, 3, 5, 12, tzinfo=UTC)
TENANT = UUID("11111111-1111-4111-8111-111111111111")
OWN = ReplyAddresses("desk@acme.example", TENANT, "k" * 32)
HEAD = {
    "From": "Ann Miller <ann@b.example>", "To": "desk@acme.example", "Subject": "Where is my order?",
    "Date": "Thu, 5 Mar 2026 10:00:00 +0100", "Message-ID": "<m1@b.example>", "MIME-Version": "1.0",
}  # fmt: skip


def a_mail(body: bytes | str = "Hello,\nwhere is my order?\n", **headers: bytes | str | None) -> bytes:
    """A mail with these headers, `_` in a name written as `-` and `from_` as From; None leaves one out."""
    names = {name.lower(): name for name in HEAD}
    fields: dict[str, bytes | str | None] = dict(HEAD)
    fields |= {
        names.get(key := name.rstrip("_").replace("_", "-").lower(), key): value for name, value in headers.items()
    }
    lines = [name.encode() + b": " + _bytes(value) for name, value in fields.items() if value is not None]
    return b"\r\n".join(lines) + b"\r\n\r\n" + _bytes(body).replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def multipart(kind: str, *parts: bytes | str, boundary: str = "b1") -> tuple[str, bytes]:
    """Content-Type and body of a multipart."""
    body = b"".join(b"--" + boundary.encode() + b"\r\n" + _bytes(part) + b"\r\n" for part in parts)
    return f'multipart/{kind}; boundary="{boundary}"', body + b"--" + boundary.encode() + b"--\r\n"


def parsed(raw: bytes) -> InboundMessage:
    return parse_mail(raw, channel="desk", received_at=RECEIVED_AT, own=OWN)


def _bytes(value: bytes | str) -> bytes:
    return value if isinstance(value, bytes) else value.encode()
