"""Read the files of a folder as text."""

import stat
from pathlib import Path

from control_plane.apps.rca.values import Place, SourceFile
from services.errors import InvalidInput

MAX_BYTES = 16 * 1024 * 1024


def read_files(folder: Path, names: tuple[str, ...]) -> tuple[list[SourceFile], list[Place]]:
    """The files with these names, and a note about each other thing in the folder.

    Raises InvalidInput if the folder has none of them, or if one cannot be read; it names every such file.
    """
    if not folder.is_dir():
        raise InvalidInput("folder", f"{folder} is not a folder that can be read")
    try:
        found = sorted(path.name for path in folder.iterdir())
    except OSError as exc:
        raise InvalidInput("folder", f"{folder} cannot be read ({exc.strerror})") from exc
    files: list[SourceFile] = []
    problems: list[tuple[str, str]] = []
    for name in names:
        if name in found:
            try:
                files.append(SourceFile(path=name, content=_read(folder / name)))
            except InvalidInput as exc:
                problems += exc.problems
    if problems:
        raise InvalidInput(*problems[0], *problems[1:])
    if not files:
        raise InvalidInput("folder", f"{folder} has no file of metadata ({', '.join(names)})")
    others = [name for name in found if name not in names]
    return files, [Place(file=name, path="", text="not imported: no file of metadata has this name") for name in others]


def _read(path: Path) -> str:
    try:
        kind = path.lstat()
        if stat.S_ISLNK(kind.st_mode):
            raise InvalidInput(path.name, "is a link; replace it with a copy of the file")
        if not stat.S_ISREG(kind.st_mode):
            raise InvalidInput(path.name, "is not a file")
        if kind.st_size > MAX_BYTES:
            raise InvalidInput(path.name, f"has {kind.st_size:,} bytes; at most {MAX_BYTES:,} fit")
        data = path.read_bytes()
    except OSError as exc:
        raise InvalidInput(path.name, f"cannot be read ({exc.strerror}); change its rights") from exc
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as exc:
        raise InvalidInput(path.name, f"is not UTF-8 (byte {exc.start:,}); save it as UTF-8") from exc
