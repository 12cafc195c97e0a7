"""The plain text of rich text in Atlassian Document Format, a tree of nodes. Pure."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

MAX_DEPTH = 60
"""Levels of nodes that are read. Jira's editor makes fewer than 20, also for tables in lists."""
MAX_NODES = 50_000
"""Nodes that are read. Their text is longer than what is stored of a description."""
_BLOCKS = frozenset({
    "paragraph", "heading", "codeBlock", "blockquote", "rule", "panel", "expand", "nestedExpand", "listItem",
    "taskItem", "decisionItem", "tableRow", "mediaSingle", "mediaGroup", "blockCard", "caption",
})  # fmt: skip
"""Nodes that begin on a new line."""
_TEXT_ATTRIBUTES: Mapping[str, tuple[str, ...]] = {
    "mention": ("text",), "status": ("text",), "placeholder": ("text",), "emoji": ("text", "shortName"),
    "inlineCard": ("url",), "blockCard": ("url",), "embedCard": ("url",), "media": ("alt",), "mediaInline": ("alt",),
}  # fmt: skip
"""The attributes that have the text of a node; the first one that is not empty counts."""
_BULLETS = {"listItem": "- ", "taskItem": "- ", "decisionItem": "- "}


def plain_text(document: object) -> str:
    """The text of a document, one line for each paragraph, list item and row of a table. A text stays as it is."""
    if isinstance(document, str):
        return document
    parts: list[str] = []
    _Writer(parts).write(document, 0)
    lines = (line.rstrip() for line in "".join(parts).split("\n"))
    return "\n".join(line for line in lines if line.strip(" -")).strip()


class _Writer:
    """Appends the text of nodes to `parts`."""

    def __init__(self, parts: list[str]) -> None:
        self._parts, self._nodes_left = parts, MAX_NODES

    def write(self, node: object, depth: int) -> None:
        if depth > MAX_DEPTH or self._nodes_left <= 0 or not isinstance(node, Mapping):
            return
        self._nodes_left -= 1
        kind = str(node.get("type"))
        if kind in _BLOCKS and not self._follows_bullet():
            self._parts.append("\n")
        self._parts.append(_BULLETS.get(kind, "") or _own_text(kind, node))
        content = node.get("content")
        cells = []
        for child in content if isinstance(content, list) else ():
            begin = len(self._parts)
            self.write(child, depth + 1)
            if kind == "tableRow":
                cells.append(" ".join("".join(self._parts[begin:]).split()))
                del self._parts[begin:]
        self._parts.append(" | ".join(cells))
        if kind in _BLOCKS:
            self._parts.append("\n")

    def _follows_bullet(self) -> bool:
        return bool(self._parts) and self._parts[-1] in _BULLETS.values()


def _own_text(kind: str, node: Mapping[str, Any]) -> str:
    """The text of a node itself, without its content."""
    found = node.get("attrs")
    attributes: Mapping[str, Any] = found if isinstance(found, Mapping) else {}
    match kind:
        case "text":
            return _as_text(node.get("text"))
        case "hardBreak":
            return "\n"
        case "date":
            return _date(attributes.get("timestamp"))
        case "expand" | "nestedExpand":
            return _as_text(attributes.get("title")) + "\n"
    texts = (_as_text(attributes.get(name)) for name in _TEXT_ATTRIBUTES.get(kind, ()))
    return next((text for text in texts if text), "")


def _date(milliseconds: object) -> str:
    try:
        return datetime.fromtimestamp(int(str(milliseconds)) / 1000, UTC).date().isoformat()
    except (ValueError, OverflowError, OSError):
        return ""


def _as_text(value: object) -> str:
    return value if isinstance(value, str) else ""
