"""Recognise how mail programs introduce a quote, in many languages: a line with sender and date, or a block of header
lines."""

import re
from collections.abc import Sequence

MAX_ATTRIBUTION_LINES = 4
MAX_BLOCK_LINES = 15
_LONGEST_LINE = 1000

_ATTRIBUTIONS = tuple(
    re.compile(pattern)
    for pattern in (
        r"On .{6,500} wrote ?:",
        r"(?:Am|Den) .{6,500} (?:schrieb .{1,300}|geschrieben) ?:",
        r".{1,300} schrieb am .{6,300}:",
        r"Le .{6,500} a écrit ?:",
        r"El .{6,500} escribió ?:",
        r"Il .{6,500} ha scritto ?:",
        r"Op .{6,500} (?:schreef .{1,300}|schreef|geschreven) ?:",
        r"Em .{6,500} escreveu ?:",
    )
)
_FIRST_WORD = re.compile(r"(?:On|Am|Den|Le|El|Il|Op|Em)\s|.* schrieb am ")
_LABELS = {
    "from": ("From", "Von", "De", "Da", "Van"),
    "date": ("Sent", "Date", "Gesendet", "Datum", "Envoyé", "Enviado el", "Enviado", "Fecha", "Inviato", "Data",
             "Verzonden"),
    "to": ("To", "An", "À", "Para", "A", "Aan", "Cc", "CC", "Kopie", "Copia", "Reply-To", "Antwort an"),
    "subject": ("Subject", "Betreff", "Objet", "Asunto", "Oggetto", "Onderwerp"),
}  # fmt: skip
_KIND_OF_LABEL = {label: kind for kind, labels in _LABELS.items() for label in labels}
_LABEL = re.compile(r"\*?(" + "|".join(sorted(map(re.escape, _KIND_OF_LABEL), key=len, reverse=True)) + r")\s?:\*?\s")
_NEEDED = frozenset({"from", "date", "subject"})
_ORIGINAL = re.compile(
    r"-{2,}\s*(?:Original Message|Original-Nachricht|Ursprüngliche Nachricht|Message d'origine|Message original"
    r"|Mensaje original|Messaggio originale|Oorspronkelijk bericht|Forwarded message)\s*-{2,}",
    re.IGNORECASE,
)
_RULE = re.compile(r"_{10,}|-{10,}")


def is_quoted(line: str) -> bool:
    return line.lstrip().startswith(">")


def introduction_length(lines: Sequence[str], start: int) -> int:
    """How many lines from `start` on introduce a quote; 0 if none do. A sentence that contains `From:` is no
    introduction."""
    line = _without_markup(lines[start])
    if not line or len(line) > _LONGEST_LINE:
        return 0
    if _ORIGINAL.fullmatch(line):
        return 1
    if _RULE.fullmatch(line):
        after = next((n for n in range(start + 1, min(start + 3, len(lines))) if lines[n].strip()), None)
        block = 0 if after is None else _block_length(lines, after)
        return after - start + block if after is not None and block else 0
    return _attribution_length(lines, start) or _block_length(lines, start)


def _attribution_length(lines: Sequence[str], start: int) -> int:
    if not _FIRST_WORD.match(_without_markup(lines[start])):
        return 0
    joined = ""
    for length, line in enumerate(lines[start : start + MAX_ATTRIBUTION_LINES], 1):
        if not line.strip() or is_quoted(line) or len(line) > _LONGEST_LINE:
            return 0
        joined = f"{joined} {_without_markup(line)}".strip()
        is_attribution = any(pattern.fullmatch(joined) for pattern in _ATTRIBUTIONS)
        if is_attribution and any(letter.isdigit() for letter in joined):
            return length
    return 0


def _block_length(lines: Sequence[str], start: int) -> int:
    kinds = set[str]()
    length = 0
    for line in lines[start : start + MAX_BLOCK_LINES]:
        label = _LABEL.match(_without_markup(line) + " ")
        if label is not None:
            kinds.add(_KIND_OF_LABEL[label[1]])
        elif not length or not line.strip() or not line.startswith((" ", "\t")):
            break
        length += 1
    return length if kinds >= _NEEDED else 0


def _without_markup(line: str) -> str:
    return " ".join(line.split())
