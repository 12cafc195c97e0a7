"""Static embeddings of texts: each word has a vector, and a text the mean of them.

The vectors come with the package `wordllama`; nothing is downloaded. Function words are left out: "how do I" shows that
a text is a question, but not what it is about.
"""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from control_plane.text.languages import content_words
from services.distribution import Extra, require

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]

EMBEDDINGS_EXTRA = Extra("embeddings", "the embedding of texts", ("wordllama", "numpy"))
DIMENSIONS = 256
READ_CHARACTERS = 8000
"""How many characters of a text are read. More would change the mean little, and texts from outside may be long."""


def embed(texts: Sequence[str], languages: Sequence[str | None]) -> "Vectors":
    """One row of length 1 per text; a row of zeros for a text without words. The first call loads the model: a second
    of time, 100 MB."""
    import numpy as np  # noqa: PLC0415  # most commands need neither

    if not texts:
        return np.empty((0, DIMENSIONS), np.float32)
    words = [content_words(text[:READ_CHARACTERS], language) for text, language in zip(texts, languages, strict=True)]
    vectors: Vectors = _model().embed(words)
    vectors[[not each for each in words]] = 0
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return (vectors / np.where(lengths > 0, lengths, 1)).astype(np.float32)


def pack(vectors: "Vectors") -> list[tuple[str, str]]:
    """Convert each row to the form in which the database stores it, in hex: 16-bit numbers, and their signs."""
    return [(row.astype("<f2").tobytes().hex(), _bits(row > 0)) for row in vectors]


def unpack(embeddings: Sequence[str]) -> "Vectors":
    """The numbers that `pack` wrote."""
    import numpy as np  # noqa: PLC0415

    return np.frombuffer(bytes.fromhex("".join(embeddings)), "<f2").reshape(-1, DIMENSIONS).astype(np.float32)


def question_bits(vector: "Vectors") -> tuple[str, str]:
    """Convert the vector of a question to the form in which the search takes it, in hex: the signs of its numbers, and
    their sizes. Sizes are whole numbers from 0 to 7, and the mean size is 2. First come the lowest bits of all sizes,
    then the middle bits, then the highest bits."""
    import numpy as np  # noqa: PLC0415

    sizes = np.abs(vector)
    steps = np.clip(np.rint(sizes * 2 / max(sizes.mean(), 1e-9)), 0, 7).astype(np.uint8)
    return _bits(vector > 0), "".join(_bits(steps & bit > 0) for bit in (1, 2, 4))


def _bits(flags: "NDArray[np.bool_]") -> str:
    import numpy as np  # noqa: PLC0415

    return np.packbits(flags).tobytes().hex()


@cache
def _model() -> Any:
    require(EMBEDDINGS_EXTRA)
    import wordllama  # noqa: PLC0415  # heavy

    folder = Path(wordllama.__file__).parent  # the weights are in the package
    return wordllama.WordLlama.load(cache_dir=folder, disable_download=True)
