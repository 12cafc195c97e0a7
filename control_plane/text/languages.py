"""Detect the language of a text, and list its words without function words such as "the".

A language is recognised by its function words. For short texts this works as well as other detectors, and it needs no
model.
"""

import re

_FUNCTION_WORDS = {
    "en": "a about after all also am an and any are as at be because been before but by can could did do does for from "
    "get had has have he her his how i if in into is it its just me my no not of on or our she should so some than "
    "that the their them then there they this to us was we were what when where which while who why will with would "
    "you your hello hi dear please thanks thank",
    "de": "aber als am an auch auf aus bei bin bis das dass dem den der des die doch du ein eine einem einen einer er "
    "es für haben habe hat ich ihr im in ist ja kann mein meine mit nach nicht noch nur oder sehr sein sich sie sind "
    "so über um und uns vom von vor war was wann wie wir wird wo zu zum zur hallo bitte danke",
    "fr": "à au aux avec ce ces cette comme dans de des du elle en est et être il ils j'ai je la le les leur lui ma "
    "mais mes mon ne nous on ou où par pas plus pour pourquoi qu que quel quelle qui sa sans ses si son sont sur un "
    "une vos votre vous bonjour merci quand comment",
    "es": "al como con cuando cómo de del desde donde dónde el ella en es esta este está esto ha hay la las le lo los "
    "me mi mis muy más no nos o para pero por porque puedo que qué se ser si sin sobre su sus también un una y ya yo "
    "hola gracias favor",
    "it": "a ai al alla che chi ci come con così da dal dalla dei del della delle di dove e è gli ha ho i il in io la "
    "le lo ma mi mia mio nel nella non o per perché più posso quando quanto questo se si sono su un una è ciao grazie "
    "buongiorno",
    "nl": "aan al als bij dat de deze die dit dus een en er geen had heb hebben heeft het hij hoe ik in is kan maar "
    "me mijn met naar niet nog of om onze ook op over te tot uit van voor waar wat we wel wij worden wordt zijn zou "
    "hallo bedankt graag",
    "pt": "a ao aos as com como da das de do dos e ela ele em é esta este eu foi há isso já mais mas me meu minha na "
    "nas no nos não o onde os ou para pela pelo por porque posso qual quando que se sem ser seu sua são também um uma "
    "olá obrigado obrigada",
}
FUNCTION_WORDS = {language: frozenset(words.split()) for language, words in _FUNCTION_WORDS.items()}
_WORD_PATTERN = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
READ_WORDS = 400
"""How many words of a text are read to tell its language."""


def detect_language(text: str) -> str | None:
    """The ISO 639-1 code of the language that most function words of the text belong to; None if there are none."""
    words = [word.casefold() for word in _WORD_PATTERN.findall(text[: READ_WORDS * 20])[:READ_WORDS]]
    counts = {language: sum(word in known for word in words) for language, known in FUNCTION_WORDS.items()}
    best, second = sorted(counts, key=counts.__getitem__, reverse=True)[:2]
    return best if counts[best] > counts[second] else None


def content_words(text: str, language: str | None) -> str:
    """The words of a text without function words (of English if the language is not known). A text that has only
    function words is returned whole."""
    dropped = FUNCTION_WORDS.get(language or "en", FUNCTION_WORDS["en"])
    words = _WORD_PATTERN.findall(text)
    return " ".join(word for word in words if word.casefold() not in dropped) or " ".join(words)
