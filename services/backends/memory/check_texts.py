"""Limit the length of text arguments, as `db/functions/app_private/check_texts.sql` does."""

from services.backends.memory.column_rules import check_text
from services.envelope import Actor

MAX_BYTES, MAX_PROSE_BYTES = 1024, 16_384
PROSE = {"reason", "problem", "error"}
"""Arguments that people write as sentences. They may have MAX_PROSE_BYTES, and other arguments MAX_BYTES."""


def actor_texts(actor: Actor) -> dict[str, str | None]:
    """The arguments of SQL functions that describe the actor."""
    return {"actor_type": actor.type, "actor_id": actor.id, "door": actor.door}


def check_texts(**texts: str | None) -> None:
    """Raise InvalidInput for the first text that is too long. `texts` are in the order of the SQL function."""
    for field, text in texts.items():
        check_text(field, text, MAX_PROSE_BYTES if field in PROSE else MAX_BYTES)
