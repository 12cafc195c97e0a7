"""Import a folder of metadata as a set."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any
from uuid import UUID

from control_plane.apps.rca.importer.files import read_files
from control_plane.apps.rca.importer.normalise import READERS, fingerprints, normalise
from control_plane.apps.rca.store import functions_of, metadata
from control_plane.apps.rca.values import ImportReport, Normalised, Place, Row, SourceFile
from services.backends import Backends
from services.backends.functions import Functions
from services.envelope import Actor
from services.errors import InvalidInput, StateConflict


async def import_metadata(
    backends: Backends, tenant: UUID, set_name: str, folder: Path, *, is_strict: bool = False,
    is_dry_run: bool = False, actor: Actor,
) -> ImportReport:  # fmt: skip
    """Store the metadata of a folder as the next version of a set, all or nothing, and read it back to compare.

    Items that cannot be stored are left out, and the report names them. With `is_strict`, one such item refuses the
    import. The same files change nothing.

    Raises InvalidInput, NotAllowed, NotFound, and StateConflict if what was stored differs from the folder.
    """
    functions = functions_of(backends)
    files, found = await asyncio.to_thread(_read, folder)
    if is_strict and found.rejected:
        problems = [(each.file, f"{each.path}: {each.text}") for each in found.rejected]
        raise InvalidInput(*problems[0], *problems[1:])
    rows: dict[str, list[dict[str, Any]]] = {}
    for row in found.rows:
        rows.setdefault(row.kind, []).append(
            {**row.values, "file": row.file, "source_path": row.path, "source": row.source}
        )
    derived = [f"{row.kind} {row.key}" for row in found.rows if row.file is None]
    stored = await metadata.import_metadata(
        functions, tenant, set_name, files=files, rows=rows, fingerprints=fingerprints(found.rows),
        report={
            "derived": derived, "rejected": [asdict(each) for each in found.rejected],
            "notes": [asdict(each) for each in found.notes],
        },
        is_dry_run=is_dry_run, actor=actor,
    )  # fmt: skip
    if not is_dry_run:
        await _check_stored(functions, tenant, set_name, files, found.rows)
    return ImportReport(
        set_name=set_name, is_dry_run=is_dry_run, stored=stored, derived=derived, rejected=found.rejected,
        counts=dict(Counter(row.kind for row in found.rows)), notes=found.notes,
    )  # fmt: skip


def _read(folder: Path) -> tuple[list[SourceFile], Normalised]:
    files, others = read_files(folder, tuple(READERS))
    found = normalise(files)
    found.notes += others
    if missing := [name for name in READERS if name not in {each.path for each in files}]:
        found.notes += [Place(file=name, path="", text="is not in the folder") for name in missing]
    return files, found


async def _check_stored(
    functions: Functions, tenant: UUID, set_name: str, files: Sequence[SourceFile], rows: Sequence[Row]
) -> None:
    """Raise StateConflict if the stored files and sources of rows are not those of the folder."""
    stored = await metadata.read_files(functions, tenant, set_name)
    sources = await metadata.list_row_sources(functions, tenant, set_name)
    here = {each.path: each.content for each in files}
    there = {each.path: each.content for each in stored.files}
    differing = {name for name in here.keys() | there.keys() if here.get(name) != there.get(name)}
    read = {(row.kind, f"{row.file} {row.path}"): _comparable(row.source) for row in rows if row.file is not None}
    kept = {(each.kind, f"{each.file} {each.source_path}"): _comparable(each.source) for each in sources}
    differing |= {place[1] for place in read.keys() | kept.keys() if read.get(place) != kept.get(place)}
    if differing:
        raise StateConflict(
            f"metadata set {set_name}", f"what was stored differs from the folder: {', '.join(sorted(differing))}"
        )


def _comparable(value: Any) -> Any:
    """The value with all numbers as doubles: the database writes 1e300 with all its digits."""
    if isinstance(value, list):
        return [_comparable(each) for each in value]
    if isinstance(value, dict):
        return {key: _comparable(each) for key, each in value.items()}
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else value
