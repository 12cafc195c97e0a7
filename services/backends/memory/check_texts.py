"""Refuse a text argument that is too long, by the name it has in SQL: `db/functions/app_private/check_texts.sql`."""

from services.backends.memory.fits import fits_text

MOST, MOST_PROSE = 1024, 16_384
"""Bytes."""
PROSE = {"reason", "problem", "error"}


def check_texts(**texts: str | None) -> None:
    """Texts by name, in the order in which the SQL function checks them."""
    for field, text in texts.items():
        fits_text(field, text, MOST_PROSE if field in PROSE else MOST)
