"""The files of a connection, their versions, encodings and lines. They are below the folder that the operator names."""

import codecs
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import BinaryIO, TextIO

from control_plane.apps.autopilot.sources import SourceCode, SourceError
from control_plane.apps.autopilot.sources.csv_files.records import MAX_RECORD, Line

MAX_FILES = 1000
"""The most files of a folder. There is a limit because the cursor names each file."""
ENDINGS = (".csv", ".tsv")
_CHUNK = 1024 * 1024
_SAMPLE = 64 * 1024
"""Bytes from which an encoding is guessed, around the first one that is not UTF-8."""
_BYTE_ORDER_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_LIKELY = [
    "cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "gb18030", "big5", "cp932", "euc_jp", "cp949",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class TicketFile:
    """One file. `name` is its path below the folder."""

    name: str
    path: Path

    def version(self) -> list[int]:
        """The time of the last change in nanoseconds, and the size. They identify this version of the file."""
        with reading(self.name):
            found = self.path.stat()
        return [found.st_mtime_ns, found.st_size]


@contextmanager
def reading(name: str) -> Iterator[None]:
    """Raise SourceError for an error of the file system."""
    try:
        yield
    except FileNotFoundError:
        raise SourceError(SourceCode.SETTINGS_INVALID, f"settings.path: there is no {name!r} in the folder") from None
    except OSError as exc:
        raise SourceError(
            SourceCode.PERMISSION_DENIED, f"{name!r} cannot be read: {os.strerror(exc.errno or 0)}"
        ) from None


def find_files(folder: Path, path: str) -> list[TicketFile]:
    """The file at this path below the folder, or the files in it, by name. Raises SourceError."""
    with reading(path):
        try:
            root, target = folder.resolve(strict=True), (folder / path).resolve(strict=True)
        except (RuntimeError, ValueError):  # a loop of links; NUL in the path
            raise SourceError(SourceCode.SETTINGS_INVALID, "settings.path: is no path") from None
        if not target.is_relative_to(root):
            raise SourceError(SourceCode.PERMISSION_DENIED, "settings.path: is outside the folder of this connection")
        if target.is_file():
            return [TicketFile(str(target.relative_to(root)), target)]
        if not target.is_dir():
            raise SourceError(SourceCode.SETTINGS_INVALID, "settings.path: is neither a file nor a folder")
        entries = sorted(each for each in target.iterdir() if each.name.lower().endswith(ENDINGS))
        found = [TicketFile(str(each.relative_to(root)), each.resolve()) for each in entries if each.is_file()]
    if len(found) > MAX_FILES:
        raise SourceError(SourceCode.SETTINGS_INVALID, f"settings.path: has more than {MAX_FILES:,} files")
    return [each for each in found if each.path.is_relative_to(root)]  # links may lead out of the folder


def find_encoding(file: TicketFile) -> str:
    """The encoding of a file: by its byte order mark, UTF-8 if all of it is valid, else a guess."""
    with reading(file.name), file.path.open("rb") as stream:
        start = stream.read(4)
        for mark, name in _BYTE_ORDER_MARKS:
            if start.startswith(mark):
                return name
        stream.seek(0)
        invalid_at = _first_invalid(stream)
        if invalid_at is None:
            return "utf-8"
        stream.seek(max(0, invalid_at - _SAMPLE // 2))
        sample = stream.read(_SAMPLE)
    from charset_normalizer import from_bytes  # noqa: PLC0415

    best = from_bytes(sample, cp_isolation=_LIKELY).best()
    return "cp1252" if best is None else best.encoding


@contextmanager
def open_lines(file: TicketFile, encoding: str) -> Iterator[Iterator[Line]]:
    """The lines of a file, each of at most MAX_RECORD characters. Bytes that cannot be decoded become U+FFFD."""
    with (
        reading(file.name), file.path.open("rb") as stream,
        io.TextIOWrapper(stream, encoding=encoding, errors="replace", newline="") as text,
    ):  # fmt: skip
        yield _lines(text)


def _lines(text: TextIO) -> Iterator[Line]:
    for number in count(1):
        line = text.readline(MAX_RECORD)
        if not line:
            return
        is_whole = len(line) < MAX_RECORD or line.endswith(("\n", "\r"))
        rest = "" if is_whole else text.readline(MAX_RECORD)
        while rest and not rest.endswith(("\n", "\r")):
            rest = text.readline(MAX_RECORD)
        yield Line(number, line, is_whole)


def _first_invalid(stream: BinaryIO) -> int | None:
    """About where the first byte is that is not UTF-8; None if there is none."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    while True:
        at = stream.tell()
        chunk = stream.read(_CHUNK)
        try:
            decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as exc:
            return at + exc.start
        if not chunk:
            return None
