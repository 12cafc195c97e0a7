"""The clusters by which the search for articles is judged. They were written before it was tuned, and what was chosen
was chosen on the side `tune`."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml  # type: ignore[import-untyped]

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Judged:
    """The tickets of a cluster, and the article that answers them; None if none does."""

    tickets: tuple[str, ...]
    article: str | None


def read_articles() -> list[dict[str, Any]]:
    """The articles, each with `id`, `title` and `content`."""
    found: list[dict[str, Any]] = yaml.safe_load((HERE / "articles.yaml").read_text(encoding="utf-8"))
    return found


def read_side(side: Literal["tune", "test"]) -> list[Judged]:
    """The clusters of one side."""
    found = yaml.safe_load((HERE / "clusters.yaml").read_text(encoding="utf-8"))[side]
    return [Judged(tuple(each["tickets"]), each["article"]) for each in found["inside"]] + [
        Judged(tuple(tickets), None) for tickets in found["outside"]
    ]


def auroc(inside: Sequence[float], outside: Sequence[float]) -> float:
    """How often a cluster that has an answer scores higher than one that has none; ties count half."""
    pairs = [(mine > other) + (mine == other) / 2 for mine in inside for other in outside]
    return sum(pairs) / len(pairs)
