"""ETags: a change names the state that its author saw. If the state has changed since, the change is refused."""

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Annotated, Any

import orjson
from fastapi import Header

from control_plane.api.problems import Problem
from services.errors import StateConflict

IfMatch = Annotated[
    str | None,
    Header(description="The ETag that you read. The answer is 412 if somebody has changed the object since."),
]
_STALE = "if-match: this has changed since you read it; read it again"


def etag(document: Mapping[str, Any]) -> str:
    """A strong ETag: a digest of the content."""
    return '"' + hashlib.sha256(orjson.dumps(dict(document), option=orjson.OPT_SORT_KEYS)).hexdigest()[:32] + '"'


def check_match(if_match: str | None, document: Mapping[str, Any]) -> None:
    """Raise Problem 428 if there is no ETag, and 412 if it is not the ETag of `document`, the current state."""
    if if_match is None:
        raise Problem(428, "if-match: is required: send the ETag that you read")
    if if_match.strip() != etag(document):
        raise Problem(412, _STALE)


@contextmanager
def stale_is_refused() -> Iterator[None]:
    """Raise Problem 412 if the SQL function finds that the object is no longer what its argument `replaces` says: it
    has changed after `check_match`."""
    try:
        yield
    except StateConflict as exc:
        if exc.what != "replaces":
            raise
        raise Problem(412, _STALE) from exc
