"""List the tenant's documents and the imports that stored them, for people."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter

from control_plane.apps.drafts.knowledge.indexed import DocumentKind
from services.backends.functions import Functions, by
from services.envelope import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentState:
    """A document that replies cite, without its text."""

    id: UUID
    source_url: str
    kind: str
    title: str | None
    language: str | None
    indexed_at: datetime | None
    """When its passages were stored; None if the document could never be read."""
    next_refresh_at: datetime | None
    failure: str | None
    """Why the last reading of the document failed."""
    failed_at: datetime | None
    vanished_at: datetime | None
    """Since when the document no longer exists. No reply has cited it since then."""
    chunks: int
    """How many passages the document has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """One import run: what was read, and how it ended."""

    id: UUID
    type: str
    """`crawl`, `ingest_goldens` or `corrections_sync`."""
    status: str
    started_at: datetime | None
    finished_at: datetime | None
    error: str | None
    metrics: Mapping[str, Any] | None
    created_at: datetime


_DOCUMENTS = TypeAdapter(list[DocumentState])
_IMPORTS = TypeAdapter(list[Import])


async def list_documents(
    functions: Functions, tenant: UUID, *, kind: DocumentKind | None, begins: str, after: str, limit: int, actor: Actor
) -> list[DocumentState]:
    """The documents in the order of their addresses: those that begin with `begins`, after the address `after`."""
    rows = await functions.call(
        "drafts.list_documents", tenant=tenant, kind=kind, begins=begins, after=after, max_documents=limit, **by(actor)
    )
    return _DOCUMENTS.validate_python(rows)


async def list_imports(functions: Functions, tenant: UUID, *, limit: int, actor: Actor) -> list[Import]:
    """The imports, the newest first."""
    rows = await functions.call("drafts.list_imports", tenant=tenant, max_imports=limit, **by(actor))
    return _IMPORTS.validate_python(rows)
