"""A search in thousands of passages reads only some of them closely, and misses nothing by that."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from control_plane.text.embeddings import pack
from services.backends.open import postgres_backends
from tests.control_plane.apps.drafts.knowledge.conftest import Shelf, a_shelf, search_chunks

if TYPE_CHECKING:
    from control_plane.text.embeddings import Vectors

DOCUMENTS, OF_A_DOCUMENT = 120, 20


@dataclass(frozen=True)
class Library:
    """A tenant with 2,400 passages, all about parcels and one about zebras, and their embeddings."""

    shelf: Shelf
    vectors: "Vectors"


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
        found = await search_chunks(library.shelf, {"": _of_length_1(library.vectors[number] + other)}, max_near=5)
        assert len(found) == 5
        assert f"Parcel {number}" in [row["text"] for row in found]


async def test_a_rare_word_finds_its_passage_and_one_of_every_passage_finds_none(library: Library) -> None:
    only_words = {"max_near": 0, "max_matching": 2}
    (found,) = await search_chunks(library.shelf, {"a zebra in a parcel": library.vectors[0]}, **only_words)
    assert (found["text"], found["word_scores"]) == ("Parcel with zebra", [1])
    assert await search_chunks(library.shelf, {"a parcel": library.vectors[0]}, **only_words) == []


async def test_a_search_for_three_questions_finds_the_nearest_passages_of_each(library: Library) -> None:
    questions = {f"{place}": library.vectors[place] for place in (100, 1100, 2100)}
    alone = [await search_chunks(library.shelf, {text: vector}, max_near=5) for text, vector in questions.items()]
    together = await search_chunks(library.shelf, questions, max_near=5)
    assert {row["text"] for row in together} == {row["text"] for rows in alone for row in rows}
    scores = {row["text"]: row["word_scores"] for row in together}
    assert [scores[f"Parcel {text}"] for text in questions] == [[1, 0, 0], [0, 1, 0], [0, 0, 1]]


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
