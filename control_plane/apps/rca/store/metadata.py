"""Store metadata sets, and read them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter

from control_plane.apps.rca.values import MetadataSet, RowSource, SourceFile, Stored, Term
from services.backends.functions import Functions, by
from services.envelope import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFiles:
    """The files of a version of a set."""

    version: int
    files: list[SourceFile]


_STORED = TypeAdapter(Stored)
_FILES = TypeAdapter(StoredFiles)
_SETS = TypeAdapter(list[MetadataSet])
_SOURCES = TypeAdapter(list[RowSource])
_TERMS = TypeAdapter(list[Term])


async def import_metadata(
    functions: Functions, tenant: UUID, set_name: str, *, files: Sequence[SourceFile],
    rows: Mapping[str, Sequence[Mapping[str, Any]]], fingerprints: Mapping[str, str], report: Mapping[str, Any],
    is_dry_run: bool, actor: Actor,
) -> Stored:  # fmt: skip
    """Store a set in place of its last version, all or nothing. Raises InvalidInput, NotAllowed, NotFound."""
    answer = await functions.call(
        "rca.import_metadata", tenant=tenant, set_name=set_name,
        files=[{"path": each.path, "content": each.content} for each in files],
        rows={kind: list(each) for kind, each in rows.items()}, fingerprints=dict(fingerprints), report=dict(report),
        is_dry_run=is_dry_run, **by(actor), as_of=functions.as_of(),
    )  # fmt: skip
    return _STORED.validate_python(answer)


async def list_sets(functions: Functions, tenant: UUID) -> list[MetadataSet]:
    """The sets of a tenant, by name."""
    return _SETS.validate_python(await functions.call("rca.list_metadata_sets", tenant=tenant))


async def read_files(functions: Functions, tenant: UUID, set_name: str, *, version: int | None = None) -> StoredFiles:
    """The files of a set as they were imported, of its newest version or of this one. Raises NotFound."""
    answer = await functions.call("rca.read_metadata_files", tenant=tenant, set_name=set_name, version=version)
    return _FILES.validate_python(answer)


async def list_row_sources(functions: Functions, tenant: UUID, set_name: str) -> list[RowSource]:
    """Where the rows of a set come from, without derived ones."""
    return _SOURCES.validate_python(await functions.call("rca.list_row_sources", tenant=tenant, set_name=set_name))


async def search_terms(functions: Functions, tenant: UUID, set_name: str, query: str, *, limit: int = 20) -> list[Term]:
    """The terms of a set that have all words of the query, the best first. Raises InvalidInput."""
    answer = await functions.call(
        "rca.search_terms", tenant=tenant, set_name=set_name, query=query, max_terms=limit
    )  # fmt: skip
    return _TERMS.validate_python(answer)
