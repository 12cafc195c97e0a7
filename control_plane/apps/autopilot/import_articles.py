"""Import the Markdown, HTML and text files of a folder as articles."""

import asyncio
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote
from uuid import UUID

from control_plane.apps.autopilot.articles import MAX_CONTENT_BYTES, NewArticle
from control_plane.apps.autopilot.knowledge.html import read_page
from control_plane.apps.autopilot.save_articles import save_articles
from services.backends import Backends
from services.envelope import Actor
from services.errors import InvalidInput

PAGES = (".html", ".htm")
ENDINGS = (".md", ".markdown", ".txt", *PAGES)
BATCH = 50


@dataclass(slots=True)
class Imported:
    """What became of the files of an import."""

    saved: int = 0
    unchanged: int = 0
    problems: list[tuple[str, str]] = field(default_factory=list)
    """Files that could not be read, each with the reason."""


async def import_articles(
    backends: Backends, tenant: UUID, folder: Path, *, base_url: str | None = None, actor: Actor
) -> Imported:
    """Store each file of a folder and its subfolders as an article; hidden files and links are skipped.

    The `external_id` of an article is `base_url` + its path, or `file:FOLDER/PATH`. Its title is its first line if that
    is a heading, the title of an HTML page, or the name of the file. Raises InvalidInput if the folder has no such
    file, NotAllowed, NotFound.
    """
    paths, name = await asyncio.to_thread(_find_files, folder)
    prefix = f"{base_url.rstrip('/')}/" if base_url else f"file:{quote(name)}/"
    imported = Imported()
    for start in range(0, len(paths), BATCH):
        batch: list[NewArticle] = []
        for path in paths[start : start + BATCH]:
            try:
                batch.append(await asyncio.to_thread(_read, folder, path, prefix, is_address=base_url is not None))
            except InvalidInput as exc:
                imported.problems.append((path, exc.problems[0][1]))
        if batch:
            saved = await save_articles(backends, tenant, batch, actor=actor)
            imported.saved += sum(each.is_changed for each in saved)
            imported.unchanged += sum(not each.is_changed for each in saved)
    return imported


def _find_files(folder: Path) -> tuple[list[str], str]:
    """The paths of the files, and the name of the folder."""
    if not folder.is_dir():
        raise InvalidInput("folder", f"{folder} is not a folder")
    paths = sorted(_walk(folder))
    if not paths:
        raise InvalidInput("folder", f"{folder} has no file that can be read ({', '.join(ENDINGS)})")
    return paths, folder.resolve().name


def _walk(folder: Path) -> Iterator[str]:
    for place, folders, files in os.walk(folder):
        folders[:] = [each for each in folders if not each.startswith(".")]
        for name in files:
            path = Path(place, name)
            if not name.startswith(".") and path.suffix.lower() in ENDINGS and not path.is_symlink():
                yield path.relative_to(folder).as_posix()


def _read(folder: Path, path: str, prefix: str, *, is_address: bool) -> NewArticle:
    try:
        with (folder / path).open("rb") as file:
            data = file.read(MAX_CONTENT_BYTES + 1)
        text = data.decode("utf-8-sig").replace("\0", "").strip()
    except OSError as exc:
        raise InvalidInput(path, f"cannot be opened ({exc.strerror})") from exc
    except UnicodeDecodeError as exc:
        raise InvalidInput(path, "is not UTF-8 text") from exc
    address = prefix + quote(path)
    if len(data) > MAX_CONTENT_BYTES:
        raise InvalidInput(path, f"has more than {MAX_CONTENT_BYTES:,} bytes; split it")
    page = read_page(text) if path.lower().endswith(PAGES) else None
    if not (text if page is None else page.content):
        raise InvalidInput(path, "has no text")
    if len(address) > 255:
        raise InvalidInput(path, "its address has more than 255 characters; shorten the path")
    first, _, rest = text.partition("\n")
    title = first[2:].strip() if first.startswith("# ") else ""
    content = (rest if title else text).strip()
    if page is not None:
        title, content = page.title, page.content
    return NewArticle(
        external_id=address, title=title[:500] or Path(path).stem.replace("-", " ").replace("_", " "),
        url=address if is_address else None, content=content, source="files",
    )  # fmt: skip
