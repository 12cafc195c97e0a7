"""The cause that an error names. Pure; `db/functions/worker_api/cause_of.sql` computes the same."""

import re

MAX_LENGTH = 200
"""Characters of an error that are used; later ones are cut off."""
_VARIABLE_PART_PATTERN = re.compile(
    r""""[^"]*"|'[^']*'|[0-9a-fA-F]{8}-[0-9a-fA-F-]{27}"""
    r"|(?<![0-9])(?![1-5][0-9][0-9](?![0-9]))[0-9]+(?:[.,:][0-9]+)*"
)


def cause_of(error: str) -> str:
    """The first line of an error, with `…` for ids, quoted text and numbers: what differs between errors of one cause.

    Three digits that may be an HTTP status are kept.
    """
    return _VARIABLE_PART_PATTERN.sub("…", error.split("\n", 1)[0][:MAX_LENGTH])
