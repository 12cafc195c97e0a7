"""Make the HTML of strangers safe for the console, and convert it to text, with `>` before each line of a quote."""

import re
from bisect import bisect_right
from html import unescape

import nh3
from inscriptis import get_annotated_text
from inscriptis.css_profiles import CSS_PROFILES
from inscriptis.model.config import ParserConfig

_TAGS = {
    "a", "abbr", "address", "b", "blockquote", "br", "caption", "cite", "code", "dd", "del", "div", "dl", "dt", "em",
    "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "ins", "li", "ol", "p", "pre", "q", "s", "small", "span", "strong",
    "sub", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "u", "ul",
}  # fmt: skip
"""The allowed elements. No images and styles: loading them would tell the sender that the mail is being read."""
_ATTRIBUTES = {
    "a": {"href"}, "ol": {"start"}, "td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan"},
    "blockquote": {"type"},
}  # fmt: skip
_NOT_CONTENT = {"script", "style", "title", "template", "textarea", "noscript", "svg", "math"}
_SCHEMES = {"http", "https", "mailto", "tel"}
_MAX_DEPTH = 200
"""The parser that supports tables and lists drops content nested deeper than 250. The time of other parsers grows with
the square of the depth."""
_OFTEN_NOT_CLOSED = frozenset({
    "area", "base", "br", "col", "dd", "dt", "embed", "hr", "img", "input", "li", "link", "meta", "option", "p",
    "param", "source", "td", "th", "tr", "wbr",
})  # fmt: skip
_CONFIG = ParserConfig(css=CSS_PROFILES["strict"], annotation_rules={"blockquote": ["quote"]})


def sanitize(html: str) -> str | None:
    """The HTML without scripts, styles, images, forms and frames.

    Returns None for HTML that is nested deeper than any real page.
    """
    if _depth(html) > _MAX_DEPTH:
        return None
    return nh3.clean(
        html, tags=_TAGS, attributes=_ATTRIBUTES, clean_content_tags=_NOT_CONTENT, url_schemes=_SCHEMES,
        link_rel="noopener noreferrer nofollow",
    )  # fmt: skip


def to_text(html: str) -> str:
    """The text of the sanitized HTML, with a line for each line of the page. Reviewers and the drafter get the same
    text."""
    safe = sanitize(html)
    if safe is None:
        return _without_extra_blanks(unescape(re.sub("<[^<>]*>", "\n", html)))
    annotated = get_annotated_text(f"<div>{safe}</div>", _CONFIG)
    return _without_extra_blanks(
        _mark_quotes(annotated["text"], [(start, end) for start, end, _ in annotated.get("label", ())])
    )


def _depth(html: str) -> int:
    """The nesting depth of the elements, or less: a quick estimate."""
    deepest = depth = 0
    for end, name in re.findall(r"<(/?)([A-Za-z][A-Za-z0-9]*)", html):
        if name.lower() not in _OFTEN_NOT_CLOSED:
            depth = max(0, depth - 1) if end else depth + 1
            deepest = max(deepest, depth)
    return deepest


def _mark_quotes(text: str, quotes: list[tuple[int, int]]) -> str:
    starts, ends = sorted(start for start, _ in quotes), sorted(end for _, end in quotes)
    lines, position = [], 0
    for line in text.split("\n"):
        middle = position + len(line) - len(line.lstrip())
        depth = bisect_right(starts, middle) - bisect_right(ends, middle) if line.strip() else 0
        lines.append(">" * depth + (" " if depth else "") + (line.lstrip() if depth else line))
        position += len(line) + 1
    return "\n".join(lines)


def _without_extra_blanks(text: str) -> str:
    lines = "\n".join(line.rstrip() for line in text.replace("\xa0", " ").split("\n"))
    return re.sub(r"\n{3,}", "\n\n", lines).strip("\n")
