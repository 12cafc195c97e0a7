"""Convert timestamps from the text that PostgreSQL writes in JSON."""

from datetime import datetime


def parse_moment(text: str | None) -> datetime | None:
    """A datetime with its time zone, or None for null."""
    return None if text is None else datetime.fromisoformat(text)
