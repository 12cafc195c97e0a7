"""Name groups of tickets by the words that are frequent in a group and rare in the other groups."""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import log

from control_plane.text.languages import FUNCTION_WORDS

LONGEST = 60
"""Characters of a name."""
TERMS = 3
"""How many terms a name has, if there are so many."""
READ_WORDS = 120
"""How many words of a text are read."""
NAMELESS = "Other tickets"
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_PLAIN_WORDS = (
    "am anybody anyone anything article believe better call com could did does doing don done edu email even every "
    "everyone fw fwd get getting give go going good got hello help here http issue issues just know let like look "
    "looking made mail make many may maybe more much must need needs new now one only people please post problem "
    "problems question questions re really regards right said same say see seems since someone something still "
    "subject sure take team tell thank thanks thing things think ticket time today try trying two use used using very "
    "want wanted way well without work working would write writes wrote www year yesterday yet"
)
"""English words that say nothing about a ticket. (Function words of each language are in another list.)"""
_PLAIN = frozenset(_PLAIN_WORDS.split())

Term = tuple[str, ...]
"""One word, or two words that follow each other, in small letters."""


@dataclass(slots=True)
class Terms:
    """The terms of a group, each with the share of the group's texts that contain it."""

    shares: dict[Term, float] = field(default_factory=dict)
    spellings: dict[Term, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))


def count_terms(texts: Sequence[str], languages: Sequence[str | None]) -> Terms:
    """The terms of a group of texts. Rare ones are left out: they may be names of people."""
    usual = {language for language, count in Counter(languages).items() if language and count * 20 >= len(languages)}
    counts: Counter[Term] = Counter()
    spelled: Counter[tuple[Term, str]] = Counter()
    for text, language in zip(texts, languages, strict=True):
        dropped = _PLAIN.union(*(FUNCTION_WORDS[each] for each in usual | {language or "en"}))
        found = dict(_terms(text, dropped))
        counts.update(found.keys())
        spelled.update(found.items())
    least = max(2, len(texts) // 20) if len(texts) >= 5 else 1
    terms = Terms({term: count / len(texts) for term, count in counts.items() if count >= least})
    for (term, spelling), count in spelled.items():
        if term in terms.shares:
            terms.spellings[term][spelling] = count
    return terms


def merge_terms(parts: Sequence[tuple[int, Terms]]) -> Terms:
    """The terms of a group that consists of these groups, each with its size."""
    whole = Terms()
    total = sum(size for size, _ in parts)
    for size, part in parts:
        for term, share in part.shares.items():
            whole.shares[term] = whole.shares.get(term, 0) + share * size / total
        for term, spellings in part.spellings.items():
            whole.spellings[term].update(spellings)
    return whole


def name_groups(groups: Mapping[int, Terms], taken: Collection[str] = ()) -> dict[int, str]:
    """A name for each group. No two groups get the same name, and no group gets a name of `taken`."""
    used = {name.casefold() for name in taken}
    total_shares: defaultdict[Term, float] = defaultdict(float)
    for terms in groups.values():
        for term, share in terms.shares.items():
            total_shares[term] += share
    names: dict[int, str] = {}
    for number, terms in groups.items():
        name = _name(terms, total_shares, len(groups), used)
        used.add(name.casefold())
        names[number] = name
    return names


def _name(terms: Terms, total_shares: Mapping[Term, float], groups: int, used: Collection[str]) -> str:
    chosen: list[str] = []
    words: set[str] = set()
    name = NAMELESS
    for term in _by_contrast(terms, total_shares, groups):
        if any(one.startswith(other) or other.startswith(one) for one in term for other in words):
            continue
        longer = ", ".join([*chosen, _spelling(terms, term)])
        if len(longer) > LONGEST:
            continue
        chosen.append(_spelling(terms, term))
        words.update(term)
        name = longer[0].upper() + longer[1:]
        if len(chosen) >= TERMS and name.casefold() not in used:
            return name
    number, numbered = 2, name
    while numbered.casefold() in used:
        numbered = f"{name[: LONGEST - 6]} ({number})"
        number += 1
    return numbered


def _by_contrast(terms: Terms, total_shares: Mapping[Term, float], groups: int) -> list[Term]:
    """The terms that are frequent in this group and rare in the others, the best first."""

    def contrast(term: Term) -> float:
        share = terms.shares[term]
        elsewhere = max(0.0, total_shares[term] - share) / max(1, groups - 1)
        return share * log((share + 0.01) / (elsewhere + 0.01)) * (2 if len(term) > 1 else 1)

    scores = {term: round(contrast(term), 9) for term in terms.shares}
    contrasting = [term for term in scores if scores[term] > 0] or list(scores)
    return sorted(contrasting, key=lambda term: (-scores[term], -terms.shares[term], term))


def _spelling(terms: Terms, term: Term) -> str:
    return min(terms.spellings[term].items(), key=lambda item: (-item[1], item[0]))[0]


def _terms(text: str, dropped: Collection[str]) -> Iterator[tuple[Term, str]]:
    words: list[tuple[str, re.Match[str]]] = []
    for number, match in enumerate(_WORD.finditer(text)):
        if number == READ_WORDS:
            break
        words.append((match[0].casefold(), match))
    kept = [(word if len(word) > 1 and word not in dropped else "", match) for word, match in words]
    for word, match in kept:
        if len(word) > 2 and len(word) <= LONGEST // 2:
            yield (word,), match[0]
    for (first, one), (second, two) in pairwise(kept):
        if first and second and first != second and text[one.end() : two.start()] in {" ", "-"}:
            yield (first, second), f"{one[0]} {two[0]}"
