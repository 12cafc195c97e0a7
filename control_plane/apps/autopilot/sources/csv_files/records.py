"""The records of a CSV file (RFC 4180), with the line in which each begins. Pure.

Python's module csv is not used for two reasons: its limit for the length of a field is one for the whole process, and
after a quote that is never closed it reads the rest of the file as one field.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

MAX_RECORD = 4 * 1024 * 1024
"""Characters of a record. At most a quarter of this is stored."""
DELIMITERS = (",", ";", "\t", "|")


@dataclass(frozen=True, slots=True)
class Line:
    """One line with its line end. If it is longer than MAX_RECORD, `text` has only its beginning and `is_whole` is
    False."""

    number: int
    text: str
    is_whole: bool = True


@dataclass(frozen=True, slots=True)
class Record:
    """One record: its fields, or why it cannot be read."""

    line: int
    """The line in which it begins, from 1."""
    fields: list[str] = field(default_factory=list)
    problem: str | None = None


def read_records(lines: Iterable[Line], delimiter: str) -> Iterator[Record]:
    """The records in these lines; empty lines are left out.

    After a quote that is never closed, reading continues with the line after the one in which its record begins.
    """
    unread = iter(lines)
    to_reread: deque[Line] = deque()
    parser = _Parser(delimiter)
    pending: list[Line] = []
    length = 0
    while True:
        line = to_reread.popleft() if to_reread else next(unread, None)
        problem = None
        if line is None:
            if not pending:
                return
            problem = "has a quote that is not closed before the end of the file"
        else:
            if not pending and not line.text.strip("\r\n"):
                continue
            pending.append(line)
            length += len(line.text)
            fields = parser.feed(line.text) if line.is_whole and length <= MAX_RECORD else None
            if fields is not None:
                yield Record(pending[0].number, fields)
            elif not line.is_whole or length > MAX_RECORD:
                problem = f"is longer than {MAX_RECORD:,} characters, or has a quote that is not closed"
            else:
                continue
        if problem is not None:
            yield Record(pending[0].number, problem=problem)
            to_reread.extendleft(reversed(pending[1:]))
        parser, pending, length = _Parser(delimiter), [], 0


def find_delimiter(lines: Iterable[Line]) -> str:
    """The delimiter with which most of these records have as many fields as the first one, and more than one."""
    sample = list(lines)

    def score(delimiter: str) -> tuple[float, int]:
        widths = [len(record.fields) for record in read_records(sample, delimiter)]
        if not widths or widths[0] < 2:
            return 0.0, 0
        return widths.count(widths[0]) / len(widths), widths[0]

    return max(DELIMITERS, key=score)


class _Parser:
    """Reads one record, line by line."""

    def __init__(self, delimiter: str) -> None:
        self._delimiter = delimiter
        self._fields: list[str] = []
        self._parts: list[str] = []
        """The field that is being read."""
        self._is_quoted = False

    def feed(self, line: str) -> list[str] | None:
        """The fields of the record if it ends in this line."""
        end = len(line.rstrip("\r\n"))
        if not self._is_quoted and '"' not in line:
            return line[:end].split(self._delimiter)
        at, is_start = 0, not self._is_quoted
        while True:
            if self._is_quoted:
                quote = line.find('"', at)
                if quote < 0:
                    self._parts.append(line[at:])
                    return None
                self._parts.append(line[at:quote])
                at = quote + 1
                if line[at : at + 1] == '"':
                    self._parts.append('"')
                    at += 1
                else:
                    self._is_quoted = False
            elif is_start and line[at : at + 1] == '"':
                self._is_quoted, is_start, at = True, False, at + 1
            else:
                stop = line.find(self._delimiter, at)
                is_end = stop < 0
                self._parts.append(line[at : end if is_end else stop])
                self._fields.append("".join(self._parts))
                self._parts = []
                if is_end:
                    return self._fields
                at, is_start = stop + 1, True
