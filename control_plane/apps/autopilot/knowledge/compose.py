"""Draft an article from the tickets of a cluster that people resolved. No model and no network is needed.

Tickets are only compared and quoted, so nothing in them can act as an instruction. Names of requesters and
assignees, and mail addresses, are left out. The same tickets give the same article.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from control_plane.text.languages import FUNCTION_WORDS, detect_language

SAME_SHARE = 0.75
"""Two texts are near-equal if at least this share of the words of both together is in each of them."""
MAX_SOLUTIONS = 8
MAX_PROBLEMS = 5
MAX_QUOTE = 600
"""Characters of a quotation."""
MAX_NUMBERS = 5
"""How many ticket numbers are below a quotation; of further tickets only the count."""
_HEADINGS = {
    "en": ("Problem", "Solution"), "de": ("Problem", "Lösung"), "fr": ("Problème", "Solution"),
    "es": ("Problema", "Solución"), "it": ("Problema", "Soluzione"), "nl": ("Probleem", "Oplossing"),
    "pt": ("Problema", "Solução"),
}  # fmt: skip
_DRAFTED_PATTERN = re.compile(
    r"(?:## (?:{})\n\n(?P<problem>> .*?)\n\n)?## (?:{})\n\n(?P<solutions>> .*)".format(
        *("|".join(headings) for headings in zip(*_HEADINGS.values(), strict=True))
    ),
    re.DOTALL,
)
_SOURCE_PATTERN = re.compile(r"^>\n> — .*$", re.MULTILINE)
_QUOTE_MARK_PATTERN = re.compile(r"^> ", re.MULTILINE)
_PLAIN_WORDS = (
    "done fixed resolved solved closed completed ok okay issue issues problem ticket request user customer now works "
    "working again no longer needed duplicate erledigt gelöst behoben geschlossen résolu fermé resuelto cerrado"
)
_SAYS_NOTHING = frozenset(_PLAIN_WORDS.split())
"""A text that has only such words is left out."""
_WORD_PATTERN = re.compile(r"[^\W_]+")
_ADDRESS_PATTERN = re.compile(r"(?<![\w.+-])[\w.+-]{1,100}@[\w.-]{1,200}")
_MARKUP_PATTERN = re.compile(r"([\\`*_\[\]<>#|~])")
_ESCAPED_PATTERN = re.compile(rf"\\{_MARKUP_PATTERN.pattern}")
_NAME_PATTERN = re.compile(r"[^\W\d_]{3,}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolvedTicket:
    """A ticket with the text of its resolution."""

    external_id: str
    subject: str
    description: str | None
    requester: str | None
    assignee: str | None
    resolution: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftedArticle:
    """An article that is to be proposed. `content` is Markdown."""

    title: str
    content: str
    ticket_count: int
    """From how many tickets it was drafted."""


@dataclass(slots=True)
class _Group:
    """Near-equal texts: the first of them, its words, and the numbers of all tickets."""

    text: str
    words: frozenset[str]
    numbers: list[str] = field(default_factory=list)


def compose_article(title: str, tickets: Sequence[ResolvedTicket]) -> DraftedArticle | None:
    """An article with the problem in the words of the customers, and the resolutions, the most frequent first. None if
    no resolution says anything. Of near-equal texts, the one of the first ticket is quoted."""
    texts = dict(zip((each.external_id for each in tickets), without_people(tickets), strict=True))
    solutions = _group((number, solution) for number, (_, solution) in texts.items())
    if not solutions:
        return None
    numbers = {number for group in solutions for number in group.numbers}
    problems = _group((number, problem) for number, (problem, _) in texts.items() if number in numbers)
    language = detect_language(" ".join(group.text for group in solutions)) or "en"
    problem_heading, solution_heading = _HEADINGS.get(language, _HEADINGS["en"])
    parts = [f"## {problem_heading}", *map(_quotation, problems[:MAX_PROBLEMS])] if problems else []
    parts += [f"## {solution_heading}", *map(_quotation, solutions[:MAX_SOLUTIONS])]
    return DraftedArticle(title=" ".join(title.split())[:200], content="\n\n".join(parts), ticket_count=len(numbers))


def without_people(tickets: Sequence[ResolvedTicket]) -> list[tuple[str, str]]:
    """The problem and the resolution of each ticket, without mail addresses and names of requesters and assignees."""
    names = _names(tickets)
    return [(_without_people(_problem(each), names), _without_people(each.resolution, names)) for each in tickets]


def read_drafted(content: str) -> tuple[str, list[str]] | None:
    """The problem and the solutions of an article that `compose_article` made, without the marks of quotations and
    without ticket numbers. None for another article."""
    found = _DRAFTED_PATTERN.fullmatch(content.strip())
    if found is None:
        return None
    return _unquote(found["problem"] or ""), [_unquote(each) for each in found["solutions"].split("\n\n")]


def _problem(ticket: ResolvedTicket) -> str:
    return "\n".join(part.strip() for part in (ticket.subject, ticket.description or "") if part.strip())


def _group(texts: Iterable[tuple[str, str]]) -> list[_Group]:
    """Groups of near-equal texts, the largest first. Texts that say nothing are left out."""
    groups: list[_Group] = []
    for number, text in texts:
        words = frozenset(_WORD_PATTERN.findall(text.casefold())) - FUNCTION_WORDS["en"]
        if words <= _SAYS_NOTHING:
            continue
        same = (each for each in groups if len(words & each.words) >= SAME_SHARE * len(words | each.words))
        group = next(same, None)
        if group is None:
            group = _Group(text, words)
            groups.append(group)
        group.numbers.append(number)
    return sorted(groups, key=lambda each: -len(each.numbers))


def _quotation(group: _Group) -> str:
    """The text as a quotation in Markdown, with the numbers of its tickets. Markup in the text has no effect."""
    text = group.text[:MAX_QUOTE].rstrip() + ("…" if len(group.text) > MAX_QUOTE else "")
    numbers = ", ".join(group.numbers[:MAX_NUMBERS])
    others = f" (+{len(group.numbers) - MAX_NUMBERS})" if len(group.numbers) > MAX_NUMBERS else ""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    quoted = "\n".join(f"> {_escape(line)}" for line in lines)
    return f"{quoted}\n>\n> — {_escape(numbers)}{others}"


def _unquote(text: str) -> str:
    """What was written, of one or more quotations."""
    return _ESCAPED_PATTERN.sub(r"\1", _QUOTE_MARK_PATTERN.sub("", _SOURCE_PATTERN.sub("", text))).strip()


def _escape(text: str) -> str:
    return _MARKUP_PATTERN.sub(r"\\\1", text)


def _names(tickets: Sequence[ResolvedTicket]) -> re.Pattern[str] | None:
    """A pattern for the names of all people of the tickets (None without names): whole names in any case, and their
    parts with a capital letter, because a part of a name may be a word, such as "will"."""
    whole, parts = set[str](), set[str]()
    for ticket in tickets:
        for name in filter(None, (ticket.requester, ticket.assignee)):
            whole.add(name.strip())
            found = _NAME_PATTERN.findall(name.partition("@")[0])
            parts.update(each.capitalize() if each.islower() else each for each in found)
    patterns = [f"(?i:{re.escape(name)})" for name in sorted(whole, key=len, reverse=True) if name]
    patterns += [re.escape(name) for name in sorted(parts, key=len, reverse=True)]
    return re.compile(rf"(?<!\w)(?:{'|'.join(patterns)})(?!\w)") if patterns else None


def _without_people(text: str, names: re.Pattern[str] | None) -> str:
    text = _ADDRESS_PATTERN.sub("(e-mail)", text)
    return text if names is None else names.sub("(name)", text)
