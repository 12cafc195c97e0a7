"""A tenant over a fresh migrated database, and documents for it."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import pytest

from control_plane.apps.drafts.knowledge.chunk import cut
from control_plane.apps.drafts.knowledge.extract import extract
from control_plane.apps.drafts.knowledge.indexed import DocumentKind, ReadDocument, sha256
from control_plane.apps.drafts.store.documents import Documents
from control_plane.text.embeddings import embed, question_bits
from services.backends import Backends
from services.backends.functions import Functions
from services.backends.open import postgres_backends
from services.database.connect import connect
from services.tenants import Tenant
from tests.builders import operator

if TYPE_CHECKING:
    from control_plane.text.embeddings import Vectors

HELP_CENTRE = Path(__file__).parents[1] / "help_centre"
OLGA = operator("olga")


@dataclass(frozen=True)
class Shelf:
    """The documents of a tenant, and what the tests ask about them."""

    backends: Backends
    functions: Functions
    tenant: UUID
    documents: Documents
    url: str

    def fetch(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """All rows of a query on the database."""
        with connect(self.url) as connection:
            return connection.execute(query.encode(), values).fetchall()

    def audited(self) -> list[str]:
        """The categories of the tenant's audit rows about drafts, in their order."""
        found = self.fetch("select category from public.audit_log where tenant_id = %s order by seq", self.tenant)
        return [category for (category,) in found if not category.startswith(("tenants", "guardrails"))]

    async def search(self, *questions: str, **arguments: object) -> list[dict[str, Any]]:
        """The passages that a search finds for these questions."""
        vectors = embed(questions, ["en"] * len(questions))
        return await search_chunks(self, dict(zip(questions, vectors, strict=True)), **arguments)


async def search_chunks(shelf: Shelf, questions: "Mapping[str, Vectors]", **arguments: object) -> list[dict[str, Any]]:
    """The passages that `drafts.search_chunks` returns for these questions with their embeddings."""
    rows = [
        {"text": text, "signature": signature, "magnitudes": magnitudes}
        for text, (signature, magnitudes) in ((text, question_bits(vector)) for text, vector in questions.items())
    ]
    found: list[dict[str, Any]] = await shelf.functions.call(
        "drafts.search_chunks", questions=rows, language="en", tenant=shelf.tenant, actor_id="olga", **arguments
    )
    return found


async def a_shelf(backends: Backends, url: str) -> Shelf:
    """The shelf of a new tenant."""
    tenant, functions = uuid4(), backends.functions
    assert functions is not None
    await backends.tenants.save(Tenant(id=tenant, name="Larkmoor"), actor=OLGA)
    return Shelf(backends, functions, tenant, Documents(functions, tenant, OLGA), url)


@pytest.fixture
async def shelf(database_url: str) -> AsyncIterator[Shelf]:
    """An empty shelf."""
    async with postgres_backends(database_url, pool_size=2) as backends:
        yield await a_shelf(backends, database_url)


def a_document(
    name: str = "returns",
    text: str = "# Returns\n\nSend it back within 30 days.",
    *,
    kind: DocumentKind = "page",
    next_refresh_at: datetime | None = None,
) -> ReadDocument:
    """A document of Markdown at https://help.example/NAME."""
    content = extract(f"{name}.md", text.encode())
    return ReadDocument(
        source_url=f"https://help.example/{name}", kind=kind, title=content.title, hash=sha256(text.encode()),
        text=content.text, passages=cut(content), language=content.language, next_refresh_at=next_refresh_at,
    )  # fmt: skip
