"""Find the parts of a mail without copying it: a file of 50 MB is measured in place and never unpacked."""

import binascii
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import Message
from email.parser import BytesHeaderParser
from itertools import count

from control_plane.apps.drafts.mail.text import from_base64
from services.errors import InvalidInput

MAX_MAIL_BYTES = 64 * 1024 * 1024
MAX_HEADER_BYTES = 1024 * 1024
MAX_PARAMETERS = 16 * 1024
"""The longest Content-Type or Content-Disposition. The time to read its parameters grows with the square of its
length."""
MAX_PARTS = 1000
MAX_DEPTH = 30
"""Levels of multiparts that are opened. A deeper multipart is treated as a file."""

_CHUNK = 64 * 1024
_END_OF_HEADERS = re.compile(rb"(?:\A|\n)\r?\n")
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/=\s]")


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a mail: its headers, and the position of its body in the mail."""

    headers: "Message[str, str]" = field(repr=False)
    raw: bytes = field(repr=False)
    """The whole mail."""
    start: int
    end: int
    number: str
    """The number of the part as in IMAP: `2.1` is the first part of the second part; a mail without parts has `1`."""
    parts: "tuple[Part, ...]" = ()

    @property
    def content_type(self) -> str:
        return self.headers.get_content_type()

    @property
    def file_name(self) -> str | None:
        return self.headers.get_filename()

    @property
    def is_attachment(self) -> bool:
        """Whether the part is a file, and not text that is read as a part of the message."""
        disposition = self.headers.get_content_disposition()
        return disposition == "attachment" or (disposition != "inline" and self.file_name is not None)

    def body(self, limit: int) -> bytes:
        """The first `limit` bytes, with the transfer encoding decoded. An unknown encoding is ignored."""
        encoding = _transfer_encoding(self.headers)
        body = self.raw[self.start : min(self.end, self.start + 4 * limit)]
        if encoding == "base64" and not _NOT_BASE64.search(body):
            return from_base64(body)[:limit]
        if encoding == "quoted-printable":
            return binascii.a2b_qp(body)[:limit]
        return body[:limit]

    def measure(self) -> tuple[int, str]:
        """Length and SHA-256 of the file, read piece by piece."""
        digest, size, pending = hashlib.sha256(), 0, b""
        is_base64 = _transfer_encoding(self.headers) == "base64"
        for start in range(self.start, self.end, _CHUNK):
            piece = self.raw[start : min(self.end, start + _CHUNK)]
            if is_base64:
                pending += piece.translate(None, delete=b"\r\n\t =")
                whole = len(pending) - len(pending) % 4
                piece, pending = from_base64(pending[:whole]), pending[whole:]
            digest.update(piece)
            size += len(piece)
        rest = from_base64(pending)
        digest.update(rest)
        return size + len(rest), digest.hexdigest()


def read_structure(raw: bytes) -> Part:
    """The mail as a tree of parts. Raises InvalidInput for bytes that are not a mail, or a mail that is too large."""
    if not raw or raw.isspace():
        raise InvalidInput("mail", "is empty")
    if len(raw) > MAX_MAIL_BYTES:
        raise InvalidInput("mail", f"is longer than {MAX_MAIL_BYTES:,} bytes")
    root = _read_part(raw, (0, len(raw)), (), count())
    if not root.headers.keys():
        raise InvalidInput("mail", "has no header")
    return root


def _read_part(raw: bytes, span: tuple[int, int], position: tuple[int, ...], counted: Iterator[int]) -> Part:
    start, end = span
    if next(counted) >= MAX_PARTS:
        raise InvalidInput("mail", f"has more than {MAX_PARTS:,} parts")
    # The search begins at the line end before the part, because a part without headers begins with an empty line.
    blank = _END_OF_HEADERS.search(raw, max(start - 1, 0), min(end, start + MAX_HEADER_BYTES))
    if blank is None and end - start > MAX_HEADER_BYTES:
        raise InvalidInput("mail", f"has a header of more than {MAX_HEADER_BYTES:,} bytes")
    head_end, body_start = (end, end) if blank is None else (blank.start(), blank.end())
    headers = BytesHeaderParser().parsebytes(raw[start:head_end])
    if any(len(headers.get(name, "")) > MAX_PARAMETERS for name in ("content-type", "content-disposition")):
        raise InvalidInput("mail", f"has a Content-Type or Content-Disposition of more than {MAX_PARAMETERS:,} bytes")
    number = ".".join(map(str, position)) or "1"
    boundary = headers.get_boundary()
    if headers.get_content_maintype() != "multipart" or not boundary or len(position) >= MAX_DEPTH:
        return Part(headers, raw, body_start, end, number)
    inner = enumerate(_split(raw, body_start, end, boundary), 1)
    parts = tuple(_read_part(raw, inner_span, (*position, nth), counted) for nth, inner_span in inner)
    return Part(headers, raw, body_start, end, number, parts)


def _split(raw: bytes, start: int, end: int, boundary: str) -> Iterator[tuple[int, int]]:
    """The start and end of each part between the boundaries. If the mail is cut off, its last part ends there."""
    escaped = re.escape(boundary.encode("utf-8", "surrogateescape"))
    begin = None
    for line in re.compile(rb"(?:\A|(?<=\n))--" + escaped + rb"(--)?[ \t]*(?:\r?\n|\Z)").finditer(raw, start, end):
        if begin is not None:
            yield begin, _without_line_end(raw, begin, line.start())
        begin = line.end()
        if line[1] is not None:
            return
    if begin is not None:
        yield begin, end


def _without_line_end(raw: bytes, begin: int, end: int) -> int:
    """The end of a part without its last line end, which belongs to the boundary."""
    for ending in (b"\r\n", b"\n"):
        if end - len(ending) >= begin and raw.endswith(ending, begin, end):
            return end - len(ending)
    return end


def _transfer_encoding(headers: "Message[str, str]") -> str:
    return str(headers.get("content-transfer-encoding", "")).strip().lower()
