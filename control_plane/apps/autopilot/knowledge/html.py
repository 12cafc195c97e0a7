"""Turn an HTML page into the text of an article, with its headings as in Markdown."""

from dataclasses import dataclass

from control_plane.apps import AUTOPILOT_EXTRA
from control_plane.text.content import clean
from control_plane.text.html import read_html
from services.distribution import require


@dataclass(frozen=True, slots=True)
class PageText:
    """What a reader sees of a page. Both are empty if there is nothing to see."""

    title: str
    content: str


def read_page(page: str) -> PageText:
    """The text of a page, without menus, scripts and hidden parts. Takes some milliseconds of processor time."""
    require(AUTOPILOT_EXTRA)
    read = clean(read_html(page))
    parts = [
        part for section in read.sections
        for part in (f"## {' '.join(section.heading.split())}" if section.heading else "", *section.paragraphs) if part
    ]  # fmt: skip
    return PageText(" ".join(read.title.split()), "\n\n".join(parts))
