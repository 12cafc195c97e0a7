"""Cut a document into passages, section by section."""

from dataclasses import dataclass

from control_plane.text.content import Content
from control_plane.text.passages import cut_paragraphs

MAX_PASSAGES = 2000


@dataclass(frozen=True, slots=True)
class Passage:
    """Some paragraphs of one section. `heading` begins with the title of the document."""

    heading: str
    text: str


def cut(content: Content) -> list[Passage]:
    """The passages of a document in their order, at most MAX_PASSAGES."""
    passages: list[Passage] = []
    for section in content.sections:
        heading = " – ".join(dict.fromkeys(part for part in (content.title, section.heading) if part))
        passages += [Passage(heading, text) for text in cut_paragraphs(section.paragraphs)]
        if len(passages) >= MAX_PASSAGES:
            return passages[:MAX_PASSAGES]
    return passages
