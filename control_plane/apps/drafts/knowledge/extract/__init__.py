"""The text of a document, by the kind of its file: HTML, Markdown, plain text, PDF and DOCX."""

from collections.abc import Callable, Mapping
from pathlib import PurePosixPath

from control_plane.apps import DRAFTS_EXTRA
from control_plane.apps.drafts.knowledge.extract.office import read_docx, read_pdf
from control_plane.apps.drafts.knowledge.extract.text import decode, read_text
from control_plane.text.content import Content, clean
from control_plane.text.html import read_html, read_markdown
from control_plane.text.languages import detect_language
from services.distribution import require
from services.errors import InvalidInput

MAX_BYTES = 20 * 1024 * 1024
MAX_TEXT_BYTES = 1000 * 1000
"""The longest text that is kept; the database stores 1 MiB."""

Reader = Callable[[str, bytes], Content]
READERS: Mapping[str, Reader] = {
    ".html": lambda _, data: read_html(decode(data)),
    ".htm": lambda _, data: read_html(decode(data)),
    ".md": lambda _, data: read_markdown(decode(data)),
    ".markdown": lambda _, data: read_markdown(decode(data)),
    ".txt": lambda _, data: read_text(decode(data)),
    ".pdf": read_pdf,
    ".docx": read_docx,
}
"""The reader for each ending of a file's name."""
MEDIA_TYPES = {
    "text/html": ".html", "application/xhtml+xml": ".html", "text/markdown": ".md", "text/plain": ".txt",
    "application/pdf": ".pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
}  # fmt: skip
"""The ending that stands for each media type of a page."""


def extract(name: str, data: bytes, *, ending: str | None = None) -> Content:
    """The text of a file. `name` appears in errors; `ending` is used instead of the ending of the name.

    Raises InvalidInput, with the name as its field, if the file is too large, of another kind, damaged, or has no text.
    """
    require(DRAFTS_EXTRA)
    reader = READERS.get(ending or PurePosixPath(name).suffix.lower())
    if reader is None:
        raise InvalidInput(name, f"is none of the kinds that can be read: {', '.join(READERS)}")
    if len(data) > MAX_BYTES:
        raise InvalidInput(name, f"has {len(data):,} bytes; at most {MAX_BYTES:,} are read")
    content = clean(reader(name, data))
    text = content.text
    if not text:
        raise InvalidInput(name, "has no text; a scanned document needs text recognition first")
    if len(text.encode()) > MAX_TEXT_BYTES:
        raise InvalidInput(name, f"has more than {MAX_TEXT_BYTES:,} bytes of text; split it")
    title = content.title or PurePosixPath(name).stem.replace("-", " ").replace("_", " ")
    return Content(title=title[:300], language=content.language or detect_language(text), sections=content.sections)
