"""The text of HTML pages and Markdown: what a reader sees, without menus, scripts and hidden parts."""

import re
from itertools import pairwise

from control_plane.text.content import Content, sections_of

NOT_TEXT = (
    "script, style, noscript, template, iframe, object, svg, nav, header, footer, aside, form, button, dialog, head, "
    "[hidden], [aria-hidden=true], [role=navigation], [role=banner], [role=contentinfo], [style*='display:none'], "
    "[style*='display: none']"
)
"""Parts of a page that say nothing about its subject, or that nobody sees."""
MAIN = ("main", "[role=main]", "article", "body")
"""The elements that may hold the main text of a page. The first one that has text is used."""
MAX_NODES = 200_000


def read_html(page: str) -> Content:
    """Read a page. The title is the first `h1`, else the page's `title`; each heading begins a section."""
    from selectolax.lexbor import LexborHTMLParser  # noqa: PLC0415

    tree = LexborHTMLParser(page)
    root = tree.root
    language = root.attributes.get("lang") if root is not None else None
    title = tree.css_first("title")
    page_title = title.text() if title is not None else ""
    for node in tree.css(NOT_TEXT):
        node.decompose()
    first = tree.css_first("h1")
    heading = first.text(separator=" ") if first is not None else ""
    if first is not None:
        first.decompose()
    found = (tree.css_first(selector) for selector in MAIN)
    main = next((node for node in found if node is not None and node.text(strip=True)), None)
    if main is None:
        return Content(title=heading or page_title, language=language)
    return Content(title=heading or page_title, language=language, sections=sections_of(_parts(main.html or "")))


def read_markdown(text: str) -> Content:
    """Read Markdown: CommonMark with tables."""
    from markdown_it import MarkdownIt  # noqa: PLC0415

    return read_html(f"<html><body>{MarkdownIt('commonmark').enable('table').render(text)}</body></html>")


def _parts(html: str) -> list[tuple[bool, str]]:
    """The headings and paragraphs in their order."""
    from inscriptis import get_annotated_text  # noqa: PLC0415
    from inscriptis.model.config import ParserConfig  # noqa: PLC0415

    rules = {f"h{level}": ["heading"] for level in range(1, 7)}
    annotated = get_annotated_text(html, ParserConfig(annotation_rules=rules, table_cell_separator=" | "))
    text: str = annotated["text"]
    spans = sorted((start, end) for start, end, _ in annotated["label"])
    parts: list[tuple[bool, str]] = []
    for (_, before), (start, end) in pairwise([(0, 0), *spans, (len(text), len(text))]):
        parts += [(False, paragraph) for paragraph in re.split(r"\n\s*\n", text[before:start]) if paragraph.strip()]
        if text[start:end].strip():
            parts.append((True, text[start:end]))
    return parts
