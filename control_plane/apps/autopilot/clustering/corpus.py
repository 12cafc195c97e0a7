"""Tickets as numbers, in the order of their keys, so that results do not depend on the order in which they came.

The numbers are whole, and so small that every sum of products is exact as a 32-bit float. Therefore similarities do not
depend on the number of threads or on the processor, and two trainings give the same clusters.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from control_plane.apps.autopilot.clustering.texts import clean_text
from control_plane.apps.autopilot.clustering.values import TicketText
from control_plane.text.embeddings import DIMENSIONS, embed
from control_plane.text.languages import detect_language

if TYPE_CHECKING:
    from control_plane.text.embeddings import Vectors

SCALE = 2048
"""A vector of length 1 is scaled to this length. SCALE² is below 2²⁴, up to which a 32-bit float has every whole
number."""
UNIT = float(SCALE * SCALE)
"""The product of a vector with itself: two vectors have this product if their cosine is 1."""
AT_ONCE = 1000
"""How many texts are embedded at once."""


@dataclass(frozen=True, slots=True)
class Corpus:
    """The tickets that have words. The n-th elements of all fields belong to one ticket."""

    keys: tuple[str, ...]
    texts: tuple[str, ...]
    languages: tuple[str | None, ...]
    vectors: "Vectors"
    """One row of whole numbers for each ticket."""


def read(tickets: Sequence[TicketText]) -> Corpus:
    """The tickets that have words, each key once: the last text of a key counts."""
    import numpy as np  # noqa: PLC0415  # slow to import

    latest = {ticket.key: ticket for ticket in tickets}
    keys = sorted(latest)
    texts = [clean_text(latest[key]) for key in keys]
    languages = [detect_language(text) for text in texts]
    vectors = np.zeros((len(keys), DIMENSIONS), np.float32)
    for start in range(0, len(keys), AT_ONCE):
        part = slice(start, start + AT_ONCE)
        vectors[part] = whole(embed(texts[part], languages[part]))
    used = np.flatnonzero(vectors.any(axis=1)).tolist()
    return Corpus(
        tuple(keys[n] for n in used), tuple(texts[n] for n in used), tuple(languages[n] for n in used), vectors[used]
    )


def whole(vectors: "Vectors") -> "Vectors":
    """Vectors of length 1, scaled by SCALE and rounded to whole numbers."""
    import numpy as np  # noqa: PLC0415

    numbers: Vectors = np.rint(vectors * np.float32(SCALE)).astype(np.float32)
    return numbers


def mean_direction(vectors: "Vectors") -> "Vectors":
    """The mean of the vectors, scaled to length 1."""
    import numpy as np  # noqa: PLC0415

    total = vectors.sum(axis=0, dtype=np.float64)
    direction: Vectors = (total / max(float(np.sqrt((total * total).sum())), 1e-9)).astype(np.float32)
    return direction
