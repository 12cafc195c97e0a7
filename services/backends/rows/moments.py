"""Timestamps as PostgreSQL writes them in JSON."""

from datetime import datetime


def moment(text: str | None) -> datetime | None:
    """An aware datetime, or None for null."""
    return None if text is None else datetime.fromisoformat(text)
