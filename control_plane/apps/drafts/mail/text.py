"""Decode text in any charset, even if the charset's name is wrong or missing; header lines; and format=flowed."""

import codecs
import re
from binascii import a2b_base64, a2b_qp
from email.message import Message

from charset_normalizer import from_bytes

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_WIDER = {
    "ascii": "utf-8", "iso8859-1": "cp1252", "gb2312": "gb18030", "gbk": "gb18030", "shift_jis": "cp932",
    "euc_kr": "cp949",
}  # fmt: skip
"""Charsets that mail programs declare, and the larger charset that they often use instead."""
_NOT_CHARSETS = frozenset({"idna", "punycode", "unicode_escape", "raw-unicode-escape", "undefined", "mbcs", "oem"})
"""Encodings of Python that are not charsets of mails."""
_SAMPLE = 64 * 1024
_ENOUGH_TO_GUESS = 24
"""The fewest bytes from which a charset can be guessed."""
_LIKELY = [
    "cp1252", "iso8859_2", "cp1250", "cp1251", "koi8_r", "cp1253", "cp1254", "cp1255", "cp1256", "gb18030", "big5",
    "cp932", "euc_jp", "cp949",
]  # fmt: skip
_NOT_BASE64 = re.sub(rb"[A-Za-z0-9+/]", b"", bytes(range(256)))
_QUOTE_MARKS = re.compile(">*")
_WORD = r"=\?([^?\s]{1,60})\?([bBqQ])\?([^?]*)\?="
_WORDS = re.compile(rf"{_WORD}(?:\s*{_WORD.replace('(', '(?:')})*")


def clean(text: str) -> tuple[str, bool]:
    """Replace NUL and lone surrogates by U+FFFD, because PostgreSQL cannot store them. Also returns whether there were
    any."""
    cleaned = _UNSTORABLE.sub("\ufffd", text)
    return cleaned, cleaned != text


def decode_text(raw: bytes, declared: str | None) -> tuple[str, str | None]:
    """The text and, if it differs from the declared charset, the charset that was used.

    Bytes that are valid UTF-8 are decoded as UTF-8, because texts in other charsets almost never are valid UTF-8.
    Exception: a declared multi-byte charset is used.
    """
    name = _known_charset(declared)
    candidates = ["utf-8", name] if name is None or name in _SINGLE_BYTE else [name, "utf-8"]
    if name is not None and raw.isascii():
        candidates = [name]
    for candidate in candidates:
        if candidate is not None and (text := _decode(raw, candidate)) is not None:
            return text, None if candidate == name or raw.isascii() else candidate
    found = from_bytes(raw[:_SAMPLE], cp_isolation=_LIKELY).best() if len(raw) >= _ENOUGH_TO_GUESS else None
    guess = "cp1252" if found is None else found.encoding
    return raw.decode(guess, "replace"), guess


def decode_line(line: str) -> str:
    """A header line as text: unfolded, with encoded words decoded. Raw 8-bit bytes are read as UTF-8 or in a guessed
    charset."""
    unfolded = re.sub(r"\r?\n[ \t]*", " ", line)
    if not unfolded.isascii():
        unfolded, _ = decode_text(unfolded.encode("utf-8", "surrogateescape"), None)
    text = _WORDS.sub(_decode_words, unfolded)
    return clean(" ".join(text.split()))[0]


def from_base64(text: bytes) -> bytes:
    """The decoded bytes of a base64 text. An incomplete end is ignored."""
    letters = text.translate(None, delete=_NOT_BASE64)
    if len(letters) % 4 == 1:
        letters = letters[:-1]
    return a2b_base64(letters + b"=" * (-len(letters) % 4))


def header(headers: "Message[str, str]", name: str) -> str:
    """The first header with this name as text; empty if there is none."""
    wanted = name.lower()
    return next((decode_line(value) for key, value in headers.raw_items() if key.lower() == wanted), "")


def unflow(text: str, *, delete_space: bool) -> str:
    """The paragraphs of a `format=flowed` text (RFC 3676), each in one line. Quote marks stay."""
    paragraphs: list[list[str]] = []
    flows_at: int | None = None
    for line in text.split("\n"):
        marks = _QUOTE_MARKS.match(line)
        depth = 0 if marks is None else marks.end()
        content = line[depth:]
        content = content.removeprefix(" ")
        is_signature = content == "-- "
        if flows_at == depth and not is_signature:
            paragraphs[-1].append(content)
        else:
            paragraphs.append([">" * depth + (" " if depth and content else "") + content])
        flows = content.endswith(" ") and not is_signature
        flows_at = depth if flows else None
        if flows and delete_space:
            paragraphs[-1][-1] = paragraphs[-1][-1][:-1]
    lines = ("".join(parts) for parts in paragraphs)
    return "\n".join(line if line == "-- " else line.rstrip(" ") for line in lines)


def _decode_words(match: "re.Match[str]") -> str:
    """Decode neighbouring encoded words of the same charset together: some programs cut in the middle of a letter."""
    runs: list[tuple[str, bytes]] = []
    for name, encoding, content in re.findall(_WORD, match[0]):
        charset = name.partition("*")[0].lower()  # RFC 2231 allows a language after the charset
        raw = content.encode("utf-8", "surrogateescape")
        raw = from_base64(raw) if encoding in "bB" else a2b_qp(raw, header=True)
        if runs and runs[-1][0] == charset:
            runs[-1] = (charset, runs[-1][1] + raw)
        else:
            runs.append((charset, raw))
    return "".join(decode_text(raw, charset)[0] for charset, raw in runs)


def _known_charset(declared: str | None) -> str | None:
    try:
        name = codecs.lookup((declared or "").strip().strip("\"'")).name
        " ".encode(name)
    except (LookupError, ValueError):  # also for a codec that encodes no text, such as base64
        return None
    return None if name in _NOT_CHARSETS else _WIDER.get(name, name)


def _decode(raw: bytes, charset: str) -> str | None:
    try:
        return raw.decode(charset)
    except UnicodeError:
        return None


_SINGLE_BYTE = frozenset({"cp1252", "utf-8"}) | {
    codecs.lookup(f"iso8859-{number}").name for number in range(2, 17) if number != 12
} | {codecs.lookup(f"cp125{digit}").name for digit in range(9)} | {"koi8-r", "koi8-u"}  # fmt: skip
