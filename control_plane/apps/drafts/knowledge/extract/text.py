"""Plain text, and the characters of a text file."""

import codecs
import re

from control_plane.text.content import Content, Section

_DECLARED_PATTERN = re.compile(rb"charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]+)")
_BYTE_ORDER_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


def decode(data: bytes) -> str:
    """Decode a text file: by its byte order mark, as UTF-8, by the encoding that it declares, or by a guess."""
    for mark, name in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return data.decode(name, "replace")
    try:
        return data.decode()
    except UnicodeDecodeError:
        pass
    declared = _DECLARED_PATTERN.search(data[:4096])
    if declared is not None:
        try:
            return data.decode(declared[1].decode("ascii"))
        except (LookupError, UnicodeDecodeError):
            pass
    from charset_normalizer import from_bytes  # noqa: PLC0415

    best = from_bytes(data).best()
    return data.decode("cp1252", "replace") if best is None else str(best)


def read_text(text: str) -> Content:
    """Read plain text. Blank lines separate paragraphs; the first line is the title if a blank line follows."""
    paragraphs = [part.strip() for part in re.split(r"\n\s*\n", text.replace("\r\n", "\n")) if part.strip()]
    title = paragraphs.pop(0) if len(paragraphs) > 1 and "\n" not in paragraphs[0] and len(paragraphs[0]) < 120 else ""
    return Content(title=title, sections=(Section("", tuple(paragraphs)),))
