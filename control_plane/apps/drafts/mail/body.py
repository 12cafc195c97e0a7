"""The text and HTML of a mail, whatever its structure, and its files, which are listed and never opened."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape

from control_plane.apps.drafts.inbound import Attachment
from control_plane.apps.drafts.mail.html import sanitize, to_text
from control_plane.apps.drafts.mail.structure import Part
from control_plane.apps.drafts.mail.text import clean, decode_line, decode_text, unflow

MAX_TEXT_BYTES = 1024 * 1024
"""The most bytes of one text that are read. No person writes more; the rest stays in the mailbox."""
MAX_NAME_LENGTH = 255
_LINE_END = re.compile("\r\n?")
_UNREAD = {
    "application/ms-tnef": "in Outlook's own format; not unpacked",
    "application/pkcs7-mime": "encrypted or signed; not read",
}
"""Files that are not opened although they may contain the customer's text, each with a note for the reviewer."""


@dataclass(slots=True)
class Body:
    """The body of a mail as its reader sees it. `notes` says what was changed or left out."""

    text: str | None = None
    html: str | None = None
    files: list[Part] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def read_body(mail: Part) -> Body:
    """Read the body of a mail. If the mail has no plain text, a text is made from its HTML."""
    body = _read(mail)
    if not (body.text or "").strip() and body.html is not None:
        body.text = to_text(body.html)
    if body.html is not None:
        body.html = sanitize(body.html)
        if body.html is None:
            body.notes.append("html: nested too deeply; only its text is kept")
    body.text, changed = clean(body.text or "")
    if changed:
        body.notes.append("text: NUL or lone surrogates became U+FFFD")
    if body.html is not None:
        body.html = clean(body.html)[0]
    body.notes = list(dict.fromkeys(body.notes))
    return body


def describe_file(part: Part) -> Attachment:
    """Describe a file without opening it."""
    size, sha256 = part.measure()
    name = decode_line(part.file_name or "").replace("/", "_").replace("\\", "_")
    return Attachment(
        name=name[:MAX_NAME_LENGTH] or f"part-{part.number}", content_type=clean(part.content_type)[0], size_bytes=size,
        sha256=sha256, reference=f"part {part.number}", note=_note_if_unread(part),
    )  # fmt: skip


def _read(part: Part) -> Body:
    if part.parts:
        return _read_alternatives(part) if part.content_type == "multipart/alternative" else _read_sequence(part)
    if part.content_type not in {"text/plain", "text/html"} or part.is_attachment:
        unread = _note_if_unread(part)
        return Body(files=[part], notes=[f"part {part.number}: {unread}"] if unread else [])
    text, notes = _read_text(part)
    return Body(html=text, notes=notes) if part.content_type == "text/html" else Body(text=text, notes=notes)


def _note_if_unread(part: Part) -> str | None:
    is_outlooks = (part.file_name or "").lower() == "winmail.dat"
    return _UNREAD.get("application/ms-tnef" if is_outlooks else part.content_type)


def _read_text(part: Part) -> tuple[str, list[str]]:
    raw = part.body(MAX_TEXT_BYTES + 1)
    notes = []
    if len(raw) > MAX_TEXT_BYTES:
        raw = raw[:MAX_TEXT_BYTES]
        notes.append(f"part {part.number}: cut after {MAX_TEXT_BYTES:,} bytes; the mailbox has the rest")
    declared = part.headers.get_content_charset()
    text, read_as = decode_text(raw, declared)
    if read_as is not None:
        named = clean(declared)[0][:40] if declared else "absent"
        notes.append(f"part {part.number}: charset {named}, read as {read_as}")
    text = _LINE_END.sub("\n", text)
    if str(part.headers.get_param("format", "")).lower() == "flowed":
        text = unflow(text, delete_space=str(part.headers.get_param("delsp", "")).lower() == "yes")
    return text, notes


def _read_alternatives(part: Part) -> Body:
    """Read alternative versions of the body. Used are the last text and the last HTML page that are not empty: by the
    standard, the last version is the richest."""
    bodies = [_read(inner) for inner in part.parts]
    texts = [body.text for body in bodies if body.text is not None and body.text.strip()]
    pages = [body.html for body in bodies if body.html is not None and body.html.strip()]
    return Body(
        text=texts[-1] if texts else None, html=pages[-1] if pages else None,
        files=[file for body in bodies for file in body.files], notes=[note for body in bodies for note in body.notes],
    )  # fmt: skip


def _read_sequence(part: Part) -> Body:
    """Read all texts in their order: mail programs may put a file between two texts."""
    bodies = [_read(inner) for inner in part.parts]
    seen = [body for body in bodies if body.text is not None or body.html is not None]
    return Body(
        text="\n".join(_texts(seen)) if seen else None,
        html="<hr>".join(_pages(seen)) if any(body.html is not None for body in seen) else None,
        files=[file for body in bodies for file in body.files], notes=[note for body in bodies for note in body.notes],
    )  # fmt: skip


def _texts(bodies: list[Body]) -> Iterator[str]:
    for body in bodies:
        yield body.text if body.text is not None else to_text(body.html or "")


def _pages(bodies: list[Body]) -> Iterator[str]:
    for body in bodies:
        yield body.html if body.html is not None else f"<pre>{escape(body.text or '')}</pre>"
