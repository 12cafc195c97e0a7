"""Write the files of a metadata set into a folder, as they were imported."""

import asyncio
from pathlib import Path
from uuid import UUID

from control_plane.apps.rca.store import functions_of, metadata
from control_plane.apps.rca.store.metadata import StoredFiles
from services.backends import Backends
from services.errors import InvalidInput


async def export_metadata(
    backends: Backends, tenant: UUID, set_name: str, folder: Path, *, version: int | None = None
) -> StoredFiles:
    """Write the files of a set's newest version, or of this one. A folder that has one of them is refused.

    Raises InvalidInput, NotFound.
    """
    stored = await metadata.read_files(functions_of(backends), tenant, set_name, version=version)
    await asyncio.to_thread(_write, folder, stored)
    return stored


def _write(folder: Path, stored: StoredFiles) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for file in stored.files:
            with (folder / file.path).open("xb") as opened:
                opened.write(file.content.encode())
    except FileExistsError as exc:
        raise InvalidInput("folder", f"{exc.filename} exists; name an empty folder") from exc
    except OSError as exc:
        raise InvalidInput("folder", f"{exc.filename} cannot be written ({exc.strerror})") from exc
