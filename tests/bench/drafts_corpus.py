"""Documents for the questions about drafts: texts of common and rare words, with the words of a help centre."""

import random
import re
from collections.abc import Iterator
from pathlib import Path

HELP_CENTRE = Path(__file__).parents[1] / "control_plane" / "apps" / "drafts" / "help_centre"
PASSAGE_WORDS = 70


def passages(count: int, *, seed: int = 7) -> Iterator[str]:
    """Passages of PASSAGE_WORDS words. As in real texts the n-th most frequent word comes 1/n as often as the first."""
    chosen = random.Random(seed)  # noqa: S311  # no secret
    text = " ".join(file.read_text(encoding="utf-8") for file in sorted(HELP_CENTRE.rglob("*.md")))
    words = list(dict.fromkeys(re.findall(r"[a-z]{3,}", text.casefold())))
    words += [f"term{number}" for number in range(3000)]
    weights = [1 / rank for rank in range(1, len(words) + 1)]
    for _ in range(count):
        picked = chosen.choices(words, weights, k=PASSAGE_WORDS)
        yield " ".join(picked).capitalize() + "."
