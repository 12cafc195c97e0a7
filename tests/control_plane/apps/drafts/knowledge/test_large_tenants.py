"""A search in thousands of passages reads only some of them closely, and misses nothing by that."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from control_plane.text.embeddings import pack, question_bits
from services.backends.open import postgres_backends
from tests.control_plane.apps.drafts.knowledge.conftest import Shelf, a_shelf

if TYPE_CHECKING:
    from control_plane.text.embeddings import Vectors

DOCUMENTS, OF_A_DOCUMENT = 120, 20


@dataclass(frozen=True)
class Library:
    """A tenant with 2,400 passages, all about parcels and one about zebras, and their embeddings."""

    shelf: Shelf
    vectors: "Vectors"

    async def search(self, question: str, vector: "Vectors", **arguments: object) -> list[dict[str, Any]]:
        """The passages that a search finds."""
        signature, magnitudes = question_bits(vector)
        found: list[dict[str, Any]] = await self.shelf.functions.call(
            "drafts.search_chunks", question=question, signature=signature, magnitudes=magnitudes, language="en",
            tenant=self.shelf.tenant, actor_id="olga", **arguments,
        )  # fmt: skip
        return found


@pytest.fixture(scope="module")
async def library(module_database_url: str) -> AsyncIterator[Library]:
    """The library, stored once for all tests."""
    async with postgres_backends(module_database_url, pool_size=2) as backends:
        shelf = await a_shelf(backends, module_database_url)
        vectors = _of_length_1(np.random.default_rng(7).normal(size=(DOCUMENTS * OF_A_DOCUMENT, 256)))
        packed = pack(vectors)
        rows = [_document(n, packed[n * OF_A_DOCUMENT : (n + 1) * OF_A_DOCUMENT]) for n in range(DOCUMENTS)]
        for start in range(0, DOCUMENTS, 40):
            await shelf.documents.save_rows(rows[start : start + 40])
        yield Library(shelf, vectors)


async def test_the_nearest_passages_are_found(library: Library) -> None:
    noise = np.random.default_rng(8).normal(size=(30, 256)) / 10
    for number, other in zip(range(0, 2400, 80), noise, strict=True):
        found = await library.search("", _of_length_1(library.vectors[number] + other), max_near=5)
        assert len(found) == 5
        assert f"Parcel {number}" in [row["text"] for row in found]


async def test_a_rare_word_finds_its_passage_and_one_of_every_passage_finds_none(library: Library) -> None:
    only_words = {"max_near": 0, "max_matching": 2}
    (found,) = await library.search("a zebra in a parcel", library.vectors[0], **only_words)
    assert (found["text"], found["word_score"]) == ("Parcel with zebra", 1)
    assert await library.search("a parcel", library.vectors[0], **only_words) == []


def _document(number: int, packed: list[tuple[str, str]]) -> dict[str, Any]:
    texts = [f"Parcel {number * OF_A_DOCUMENT + position}" for position in range(OF_A_DOCUMENT)]
    if number == DOCUMENTS - 1:
        texts[-1] = "Parcel with zebra"
    return {
        "source_url": f"https://help.example/{number}", "kind": "page", "title": f"Page {number}", "hash": "0" * 64,
        "language": "en",
        "chunks": [
            {"heading": "", "text": text, "embedding": embedding, "signature": signature}
            for text, (embedding, signature) in zip(texts, packed, strict=True)
        ],
    }  # fmt: skip


def _of_length_1(vectors: Any) -> "Vectors":
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    unit: Vectors = (vectors / lengths).astype(np.float32)
    return unit
