"""The part of a ticket's text that says what it is about."""

import html
import re

from control_plane.apps.autopilot.clustering.values import TicketText
from control_plane.text.embeddings import READ_CHARACTERS

MARKUP_CHARACTERS = 20 * READ_CHARACTERS
"""Characters of a description that are read, with its markup."""
_HIDDEN = re.compile(r"<(style|script|head)\b.*?(?:</\1\s*>|\Z)", re.IGNORECASE | re.DOTALL)
_BREAK = re.compile(r"<(?:br|/p|/div|/li|/tr|/h\d)\b[^<>]{0,200}>", re.IGNORECASE)
_TAG = re.compile(r"</?[a-z!][^<>]{0,2000}>", re.IGNORECASE)
_HEADER = re.compile(
    r"^\s*(?:from|sent|to|cc|bcc|date|subject|reply-to|von|gesendet|an|betreff|datum|de|envoyé|à|objet|para|asunto"
    r"|enviado|da|inviato|oggetto|van|verzonden|aan|onderwerp)\s?:",
    re.IGNORECASE,
)
_REST_IS_QUOTED = re.compile(
    r"^\s*(?:-{2,}\s*(?:original message|forwarded message|ursprüngliche nachricht|message d'origine|mensaje original)"
    r"|(?:on|am|le|el|il|op|em)\s.{4,200}\s(?:wrote|schrieb.{0,80}|écrit|escribió|scritto|schreef.{0,80}|escreveu)\s?:"
    r"\s*$)",
    re.IGNORECASE,
)
_REST_IS_SIGNATURE = re.compile(
    r"^\s*(?:--\s?$|_{5,}\s*$|sent from my\b|get outlook for\b|von meinem\b.{0,40}gesendet|envoyé de mon\b"
    r"|(?:kind|best|warm|many)\s(?:regards|wishes|thanks)\b.{0,40}$|regards,?\s*$|best,\s*$|cheers,?\s*$|sincerely,?\s*$"
    r"|yours\s\w+,?\s*$|mit freundlichen grüßen|viele grüße|freundliche grüße|cordialement|bien à vous"
    r"|saludos|atentamente|un saludo|cordiali saluti|distinti saluti|met vriendelijke groet|atenciosamente)",
    re.IGNORECASE,
)
_NOISE = re.compile(
    r"(?:https?://|www\.)\S+"  # addresses of pages
    r"|(?<![\w.+-])[\w.+-]{1,100}@[\w.-]{1,200}"  # of people
    r"|\b[^\W\d_]{0,10}[-_#]?\d[\w-]*"  # numbers, dates, ids such as INC0010001
    r"|\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b",  # UUIDs that begin with a letter
)
_REPLY_MARK = re.compile(r"^(?:\s*(?:re|fw|fwd|aw|wg|tr|rv)\s?:)+\s*|\[[^\]]{0,100}\]", re.IGNORECASE)


def clean_text(ticket: TicketText) -> str:
    """Subject and description, without markup, mail headers, quoted mail, signature, addresses and ids."""
    subject = _REPLY_MARK.sub(" ", ticket.subject[:READ_CHARACTERS])
    return _NOISE.sub(" ", f"{subject}\n{_body(ticket.description)}")[:READ_CHARACTERS].strip()


def _body(description: str) -> str:
    text = description[:MARKUP_CHARACTERS]
    if "<" in text:
        text = _TAG.sub(" ", _BREAK.sub("\n", _HIDDEN.sub(" ", text)))
    kept: list[str] = []
    for line in html.unescape(text).splitlines():
        if line.lstrip().startswith((">", "|")) or _HEADER.match(line):
            continue
        if _REST_IS_QUOTED.match(line) or (kept and _REST_IS_SIGNATURE.match(line)):
            break
        kept.append(line)
    return "\n".join(kept)
