"""Import the files of a folder."""

import asyncio
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote
from uuid import UUID

from control_plane.apps.drafts.knowledge.chunk import cut
from control_plane.apps.drafts.knowledge.extract import MAX_BYTES, READERS, extract
from control_plane.apps.drafts.knowledge.indexed import ReadDocument, sha256
from control_plane.apps.drafts.knowledge.ingest import Imported, OnProgress, importing, save_batch, say_nothing
from control_plane.apps.drafts.store import functions_of
from control_plane.apps.drafts.store.documents import Documents, KnownDocument
from services.backends import Backends
from services.envelope import Actor
from services.errors import InvalidInput

BATCH = 50
MAX_FILES = 100_000


@dataclass(frozen=True, slots=True)
class _Problem:
    """A file that could not be read, and why."""

    url: str
    name: str
    text: str


async def ingest_folder(
    backends: Backends,
    tenant_id: UUID,
    folder: Path,
    *,
    actor: Actor,
    base_url: str | None = None,
    on_progress: OnProgress = say_nothing,
) -> Imported:
    """Store the documents of a folder and its subfolders. Documents whose file is gone are no longer cited.

    A file gets the address `base_url` + its path, or `file:FOLDER/PATH`, which no customer can open. Hidden files and
    links are skipped. Raises InvalidInput if the folder has no file that can be read.
    """
    files = await asyncio.to_thread(_find_files, folder)
    beginning = _beginning(folder, base_url)
    documents = Documents(functions_of(backends), tenant_id, actor)
    imported = Imported(total=len(files))
    async with importing(documents, "crawl", imported):
        known = await documents.known("file", begins=beginning)
        for start in range(0, len(files), BATCH):
            batch = files[start : start + BATCH]
            read = await asyncio.to_thread(_read_all, folder, batch, beginning, known)
            await save_batch(documents, [each for each in read if isinstance(each, ReadDocument)], imported)
            for each in read:
                if isinstance(each, _Problem):
                    imported.add_problem(each.name, each.text)
                    await documents.mark_failed(each.url, "file", each.text)
            imported.unchanged += sum(each is None for each in read)
            imported.read += len(batch)
            on_progress(imported)
        there = {beginning + quote(path) for path in files}
        gone = [url for url, document in known.items() if url not in there and not document.is_vanished]
        imported.vanished = await documents.mark_vanished(gone)
    on_progress(imported)
    return imported


def _beginning(folder: Path, base_url: str | None) -> str:
    """The prefix of the addresses of the folder's files."""
    return f"{base_url.rstrip('/')}/" if base_url else f"file:{quote(folder.resolve().name)}/"


def _find_files(folder: Path) -> list[str]:
    """The paths of the files that can be read, relative to the folder, in their order."""
    if not folder.is_dir():
        raise InvalidInput("folder", f"{folder} is not a folder")
    found = sorted(_walk(folder))
    if not found:
        raise InvalidInput("folder", f"{folder} has no file that can be read ({', '.join(READERS)})")
    if len(found) > MAX_FILES:
        raise InvalidInput("folder", f"{folder} has more than {MAX_FILES:,} files; import its folders one by one")
    return found


def _walk(folder: Path) -> Iterator[str]:
    for place, folders, files in os.walk(folder):
        folders[:] = [each for each in folders if not each.startswith(".")]
        for name in files:
            path = Path(place, name)
            if not name.startswith(".") and path.suffix.lower() in READERS and not path.is_symlink():
                yield path.relative_to(folder).as_posix()


def _read_bytes(folder: Path, path: str) -> bytes:
    with (folder / path).open("rb") as file:
        data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise InvalidInput(path, f"is larger than {MAX_BYTES:,} bytes")
    return data


def _read_all(
    folder: Path, paths: Sequence[str], beginning: str, known: Mapping[str, KnownDocument]
) -> list[ReadDocument | _Problem | None]:
    return [_read(folder, path, beginning, known) for path in paths]


def _read(
    folder: Path, path: str, beginning: str, known: Mapping[str, KnownDocument]
) -> ReadDocument | _Problem | None:
    """A file as a document; None if it is stored already."""
    url = beginning + quote(path)
    try:
        data = _read_bytes(folder, path)
        digest = sha256(data)
        stored = known.get(url)
        if stored is not None and stored.is_current and stored.hash == digest:
            return None
        content = extract(path, data)
    except InvalidInput as exc:
        return _Problem(url, path, exc.problems[0][1])
    except OSError as exc:
        return _Problem(url, path, f"cannot be opened ({exc.strerror})")
    return ReadDocument(
        source_url=url, kind="file", title=content.title, hash=digest, text=content.text, passages=cut(content),
        language=content.language, metadata={"path": path},
    )  # fmt: skip
