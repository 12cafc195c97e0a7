"""The questions by which the offline drafter is judged, and measures of its answers.

`questions/` was written before the drafter was tuned. Everything that was chosen was chosen on the side `tune`.
"""

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]

from control_plane.apps.drafts.knowledge.indexed import ReadDocument
from tests.control_plane.apps.drafts.knowledge.conftest import HELP_CENTRE, a_document

QUESTIONS = Path(__file__).parents[1] / "questions"


@dataclass(frozen=True)
class Side:
    """The questions of one side: those that a document answers, with its address, and those that none answers."""

    inside: list[tuple[str, str]]
    outside: list[str]


def read_side(name: str) -> Side:
    """The side `tune` or `test`."""
    inside: list[dict[str, Any]] = yaml.safe_load((QUESTIONS / "in_scope.yaml").read_text(encoding="utf-8"))
    outside: dict[str, list[str]] = yaml.safe_load((QUESTIONS / "out_of_scope.yaml").read_text(encoding="utf-8"))
    return Side(
        [(question, f"https://help.example/{each['document']}") for each in inside for question in each[name]],
        outside[name],
    )


def help_centre() -> list[ReadDocument]:
    """All documents, as pages of https://help.example/."""
    files = sorted(HELP_CENTRE.rglob("*.md"))
    return [a_document(str(file.relative_to(HELP_CENTRE)), file.read_text(encoding="utf-8")) for file in files]


def auroc(inside: Sequence[float], outside: Sequence[float]) -> float:
    """How often a question that has an answer scores higher than one that has none; ties count half."""
    pairs = [(mine > other) + (mine == other) / 2 for mine in inside for other in outside]
    return sum(pairs) / len(pairs)


class Bm25:
    """Okapi BM25 (k1 = 1.2, b = 0.75) over the passages of some documents, for comparison."""

    def __init__(self, documents: Sequence[ReadDocument]) -> None:
        self._passages = [_words(f"{each.heading} {each.text}") for document in documents for each in document.passages]
        self._counts = Counter(word for words in self._passages for word in words)
        self._mean = sum(words.total() for words in self._passages) / len(self._passages)

    def best(self, question: str) -> float:
        """The score of the best passage."""
        asked = set(_words(question))
        return max(sum(self._score(word, words) for word in asked) for words in self._passages)

    def _score(self, word: str, words: Counter[str]) -> float:
        found = self._counts[word]
        rarity = math.log(1 + (len(self._passages) - found + 0.5) / (found + 0.5))
        length = 0.25 + 0.75 * words.total() / self._mean
        return rarity * words[word] * 2.2 / (words[word] + 1.2 * length)


def _words(text: str) -> Counter[str]:
    return Counter(re.findall(r"\w+", text.casefold()))
