"""Refuse a text argument that is too long, by the name it has in SQL: `db/functions/app_private/check_texts.sql`."""

from services.backends.memory.fits import fits_text
from services.envelope import Actor

MOST, MOST_PROSE = 1024, 16_384
"""Bytes."""
PROSE = {"reason", "problem", "error"}


def actor_texts(actor: Actor) -> dict[str, str | None]:
    """The texts by which SQL functions take an actor."""
    return {"actor_type": actor.type, "actor_id": actor.id, "door": actor.door}


def check_texts(**texts: str | None) -> None:
    """Texts by name, in the order in which the SQL function checks them."""
    for field, text in texts.items():
        fits_text(field, text, MOST_PROSE if field in PROSE else MOST)
