"""The text of PDF and DOCX files. Both are compressed, so each has limits beside the size of the file."""

import io
import time
import zipfile
from collections.abc import Iterator
from typing import TYPE_CHECKING

from control_plane.text.content import Content, Section, sections_of
from services.errors import InvalidInput

if TYPE_CHECKING:
    from docx.document import Document
    from docx.table import Table
    from pypdf import PdfReader

MAX_PAGES = 500
MAX_SECONDS = 30.0
"""How long the pages of a PDF, or the paragraphs and tables of a DOCX file, may take together; checked after each."""
MAX_UNPACKED_BYTES = 100 * 1024 * 1024
MAX_MEMBERS = 5000
MAX_PDF_CHARACTERS = 1_500_000


def read_pdf(name: str, data: bytes) -> Content:
    """Read a PDF. Each page becomes a section without a heading. Raises InvalidInput."""
    from pypdf import PdfReader  # noqa: PLC0415
    from pypdf.errors import PyPdfError  # noqa: PLC0415

    try:
        return _read_pages(name, PdfReader(io.BytesIO(data)))
    except InvalidInput:
        raise
    except PyPdfError as exc:
        raise InvalidInput(name, f"is not a PDF that can be read ({type(exc).__name__})") from exc
    except Exception as exc:  # the reader of a damaged file may fail anywhere
        raise InvalidInput(name, f"is a damaged PDF ({type(exc).__name__})") from exc


def _read_pages(name: str, reader: "PdfReader") -> Content:
    if reader.is_encrypted:
        raise InvalidInput(name, "is encrypted; save it without a password")
    if len(reader.pages) > MAX_PAGES:
        raise InvalidInput(name, f"has {len(reader.pages):,} pages; at most {MAX_PAGES} are read")
    sections: list[Section] = []
    ends_at = time.monotonic() + MAX_SECONDS
    characters = 0
    for page in reader.pages:
        text = page.extract_text()
        characters += len(text)
        if characters > MAX_PDF_CHARACTERS or time.monotonic() > ends_at:
            raise InvalidInput(name, "has too much text, or takes too long to read; split it")
        paragraphs = tuple(part for part in text.split("\n\n") if part.strip())
        sections.append(Section("", paragraphs))
    title = reader.metadata.title if reader.metadata is not None else None
    return Content(title=title or "", sections=tuple(sections))


def read_docx(name: str, data: bytes) -> Content:
    """Read a DOCX file. A paragraph in a heading style begins a section; a table becomes a paragraph with a line per
    row. Raises InvalidInput."""
    import docx  # noqa: PLC0415

    try:
        _check_archive(name, data)
        return _read_blocks(name, docx.Document(io.BytesIO(data)))
    except InvalidInput:
        raise
    except Exception as exc:  # the reader of a damaged file may fail anywhere
        raise InvalidInput(name, f"is not a DOCX file that can be read ({type(exc).__name__})") from exc


def _check_archive(name: str, data: bytes) -> None:
    """Raise InvalidInput for an archive that would fill the memory. The sizes in the archive's directory can be
    trusted: the module zipfile never reads more of a member than its directory entry says."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = archive.infolist()
    if len(members) > MAX_MEMBERS:
        raise InvalidInput(name, f"has more than {MAX_MEMBERS:,} files in it")
    if sum(member.file_size for member in members) > MAX_UNPACKED_BYTES:
        raise InvalidInput(name, f"unpacks to more than {MAX_UNPACKED_BYTES:,} bytes")


def _read_blocks(name: str, document: "Document") -> Content:
    from docx.table import Table  # noqa: PLC0415

    parts: list[tuple[bool, str]] = []
    title = document.core_properties.title or ""
    ends_at = time.monotonic() + MAX_SECONDS
    for block in document.iter_inner_content():
        if time.monotonic() > ends_at:
            raise InvalidInput(name, "takes too long to read; split it")
        if isinstance(block, Table):
            parts.append((False, "\n".join(_rows(block))))
        elif block.text.strip():
            style = (block.style.name if block.style is not None else None) or ""
            if style == "Title":
                title = block.text
            else:
                parts.append((style.startswith("Heading"), block.text))
    return Content(title=title, language=document.core_properties.language or None, sections=sections_of(parts))


def _rows(table: "Table") -> Iterator[str]:
    """Each cell once: a cell may claim to span millions of columns, and the library repeats it for each."""
    from docx.table import _Cell  # noqa: PLC0415

    for row in table.rows:
        yield " | ".join(_Cell(cell, table).text.strip() for cell in row._tr.tc_lst)  # noqa: SLF001
