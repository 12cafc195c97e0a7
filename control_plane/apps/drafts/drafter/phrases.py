"""The greeting and the closing of a reply, by language."""

import re
from dataclasses import dataclass

MAX_NAME = 60
_NAME_PATTERN = re.compile(r"[^\W\d_]+(?:[ .'’-]+[^\W\d_]+)*\.?")


@dataclass(frozen=True, slots=True)
class Phrases:
    """`greeting` stands before the name, `source` before the address that tells more."""

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


def reply_text(body: str, *, language: str | None, customer_name: str | None, link: str | None) -> str:
    """The reply around `body`; in English if there are no phrases of the language.

    The name comes from outside: what does not look like one is left out.
    """
    phrases = _PHRASES.get(language or "en", _PHRASES["en"])
    name = " ".join((customer_name or "").split())
    is_name = len(name) <= MAX_NAME and _NAME_PATTERN.fullmatch(name) is not None
    greeting = f"{phrases.greeting} {name}," if is_name else f"{phrases.greeting},"
    parts = [greeting, body.strip()] + ([f"{phrases.source} {link}"] if link else []) + [phrases.closing]
    return "\n\n".join(parts)
