"""Content gaps: groups of similar questions of customers that the drafter could not answer. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from control_plane.apps.drafts.store.samples import Abstention

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]

SIMILAR = 0.5
"""A question belongs to a gap if its cosine similarity to the mean of the gap is at least this."""
MAX_EXAMPLES = 3
MAX_SHOWN = 200
"""Characters of a question that are shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Similar questions that could not be answered."""

    question: str
    """The most typical question of the gap."""
    count: int
    first_at: datetime
    last_at: datetime
    examples: tuple[str, ...]
    """Other questions of this gap, the most typical first."""
    conversation_ids: tuple[UUID, ...]
    """The conversations with these questions, the newest first."""


def find_gaps(abstentions: Sequence[Abstention], vectors: "Vectors") -> list[Gap]:
    """The gaps, those with the most questions first. `vectors` has a row of length 1 for each question.

    Each question, the oldest first, joins the most similar gap, or begins a new one. So the same questions always give
    the same gaps, and later questions do not move earlier ones.
    """
    import numpy as np  # noqa: PLC0415  # most commands do not need it

    order = sorted(range(len(abstentions)), key=lambda at: (abstentions[at].created_at, abstentions[at].id))
    members: list[list[int]] = []
    sums = np.empty((0, vectors.shape[1]), np.float32)
    for at in order:
        lengths = np.linalg.norm(sums, axis=1)
        similarities = sums @ vectors[at] / np.where(lengths > 0, lengths, 1)
        nearest = int(similarities.argmax()) if members else 0
        if members and similarities[nearest] >= SIMILAR:
            members[nearest].append(at)
            sums[nearest] += vectors[at]
        else:
            members.append([at])
            sums = np.vstack([sums, vectors[at]])
    gaps = [_gap(abstentions, each, vectors[each] @ total) for each, total in zip(members, sums, strict=True)]
    return sorted(gaps, key=lambda gap: (-gap.count, gap.first_at, gap.question))


def _gap(abstentions: Sequence[Abstention], members: Sequence[int], typical: "NDArray[np.float32]") -> Gap:
    by_typical = sorted(range(len(members)), key=lambda rank: (-float(typical[rank]), rank))
    questions = dict.fromkeys(_shortened(abstentions[members[rank]].question) for rank in by_typical)
    first, *others = questions
    times = [abstentions[at].created_at for at in members]
    conversations = dict.fromkeys(abstentions[at].conversation_id for at in reversed(members))
    return Gap(
        question=first, count=len(members), first_at=times[0], last_at=times[-1],
        examples=tuple(others[:MAX_EXAMPLES]), conversation_ids=tuple(conversations),
    )  # fmt: skip


def _shortened(question: str) -> str:
    words = " ".join(question.split())
    return words if len(words) <= MAX_SHOWN else f"{words[: MAX_SHOWN - 1]}…"
