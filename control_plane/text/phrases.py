"""The greeting and the closing of a reply, by language: added to an answer, and taken away again."""

import re
from dataclasses import dataclass

MAX_NAME = 60
_NAME_PATTERN = re.compile(r"[^\W\d_]+(?:[ .'’-]+[^\W\d_]+)*\.?")


@dataclass(frozen=True, slots=True)
class Phrases:
    """The phrases of one language. `greeting` comes before the name, `source` before the link to the document."""

    greeting: str
    source: str
    closing: str


_PHRASES = {
    "en": Phrases("Hello", "More about this:", "Kind regards"),
    "de": Phrases("Guten Tag", "Mehr dazu:", "Freundliche Grüße"),
    "fr": Phrases("Bonjour", "En savoir plus :", "Cordialement"),
    "es": Phrases("Hola", "Más información:", "Un saludo"),
    "it": Phrases("Buongiorno", "Maggiori informazioni:", "Cordiali saluti"),
    "nl": Phrases("Hallo", "Meer hierover:", "Met vriendelijke groet"),
    "pt": Phrases("Olá", "Mais informações:", "Com os melhores cumprimentos"),
}

_GREETING_PATTERN = re.compile(
    r"(?i)\s*(?:hello|hi|hey|dear|good (?:morning|day|afternoon)|hallo|guten tag|liebe[r]?|sehr geehrte[r]?|bonjour|"
    r"hola|buongiorno|olá)\b(?:(?:[ \t]+(?:[^\s,!.:]+|[a-z]{1,4}\.)){0,5}[ \t]*[,!:\n]|\.)\s*"
)
"""A greeting, with up to five words after its first, such as `Dear Dr. Berg,`. A longer sentence that begins with such
a word is no greeting."""
# In the next two patterns only blanks of one line are skipped: with `\s*`, a text of many empty lines would be searched
# from each of them to the last.
_CLOSING_PATTERN = re.compile(
    r"(?is)\n[^\S\n]*((kind|best|warm) regards|regards|sincerely|best wishes|cheers|many thanks|freundliche grüße|"
    r"mit freundlichen grüßen|viele grüße|cordialement|un saludo|saludos|cordiali saluti|met vriendelijke groet|"
    r"com os melhores cumprimentos)\b.*"
)
_SOURCE_PATTERN = re.compile(
    r"\n[^\S\n]*(?:" + "|".join(re.escape(phrases.source) for phrases in _PHRASES.values()) + r")[ \t]*\S+\s*$"
)


def reply_text(body: str, *, language: str | None, customer_name: str | None, link: str | None) -> str:
    """The reply around `body`; in English if there are no phrases of the language.

    The name comes from outside: a text that does not look like a name is left out.
    """
    phrases = _PHRASES.get(language or "en", _PHRASES["en"])
    name = " ".join((customer_name or "").split())
    is_name = len(name) <= MAX_NAME and _NAME_PATTERN.fullmatch(name) is not None
    greeting = f"{phrases.greeting} {name}," if is_name else f"{phrases.greeting},"
    parts = [greeting, body.strip()] + ([f"{phrases.source} {link}"] if link else []) + [phrases.closing]
    return "\n\n".join(parts)


def without_phrases(text: str) -> str:
    """The answer of a reply, without its greeting and its closing: another reply will have its own."""
    greeting = _GREETING_PATTERN.match(text)
    return _CLOSING_PATTERN.sub("", text[greeting.end() :] if greeting else text).strip()


def without_source(answer: str) -> str:
    """The answer without its last line if that has the link to the source (`More about this: …`)."""
    return _SOURCE_PATTERN.sub("", answer).rstrip()
