"""Code that all imports of documents share: they count documents, report progress, and store a row about the import.

Each batch is a transaction of its own, and a document with a known hash is skipped. So an import that was stopped is
resumed by starting it again.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict, dataclass, field

from control_plane.apps.drafts.knowledge.indexed import ReadDocument, index_documents
from control_plane.apps.drafts.store.documents import Documents, ImportType
from services.errors import ControlPlaneError

MAX_PROBLEMS = 100
"""The most problems that the report lists. All problems are counted."""


@dataclass(slots=True)
class Imported:
    """The counts of an import so far. `total` is None until it is known."""

    total: int | None = None
    read: int = 0
    saved: int = 0
    unchanged: int = 0
    failed: int = 0
    vanished: int = 0
    problems: list[tuple[str, str]] = field(default_factory=list)
    """The first MAX_PROBLEMS documents that could not be read: name or address, and the reason."""

    def add_problem(self, name: str, problem: str) -> None:
        """Count a document that could not be read."""
        self.failed += 1
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append((name, problem))

    def metrics(self) -> dict[str, int]:
        """The counts."""
        return {name: count for name, count in asdict(self).items() if isinstance(count, int)}


OnProgress = Callable[[Imported], None]


def say_nothing(_: Imported) -> None:
    """A progress function that does nothing."""


@asynccontextmanager
async def importing(documents: Documents, type_: ImportType, imported: Imported) -> AsyncIterator[None]:
    """Record the start and the end of an import, also if it fails."""
    import_id = await documents.start_import(type_)
    try:
        yield
    except (ControlPlaneError, asyncio.CancelledError) as exc:
        reason = str(exc) or "it was stopped"
        with suppress(ControlPlaneError):  # then the caller gets the error that ended the import, not this one
            await asyncio.shield(documents.finish_import(import_id, error=reason[:1000], metrics=imported.metrics()))
        raise
    await documents.finish_import(import_id, error=None, metrics=imported.metrics())


async def save_batch(documents: Documents, batch: Sequence[ReadDocument], imported: Imported) -> None:
    """Store a batch of documents and count them. Computing the embeddings does not block the event loop."""
    if not batch:
        return
    rows = await asyncio.to_thread(index_documents, batch)
    saved = await documents.save_rows(rows)
    imported.saved += saved.saved
    imported.unchanged += saved.unchanged
